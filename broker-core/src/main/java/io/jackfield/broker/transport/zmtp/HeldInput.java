package io.jackfield.broker.transport.zmtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.Deque;

/** What was read from a peer that is not read from now, in order. Charged to the budget as the memory that it takes. Owned by the broker loop. */
final class HeldInput {
    private final ByteBufAllocator allocator;
    private final InputBudget.Share budget;
    private final Deque<ByteBuf> chunks = new ArrayDeque<>(0);

    HeldInput(ByteBufAllocator allocator, InputBudget.Share budget) {
        this.allocator = allocator;
        this.budget = budget;
    }

    boolean isEmpty() {
        return chunks.isEmpty();
    }

    /** Adds what is unread of the chunk, which stays the caller's to release. */
    void add(ByteBuf chunk) throws ZmtpViolation {
        boolean copied = isMostlyRead(chunk);
        budget.reserve(copied ? chunk.readableBytes() : chunk.capacity());
        chunks.add(copied ? copy(chunk) : chunk.retain());
    }

    /** What came first, of what is there. It may be read from, see {@link #dropRead}, and is retained for the caller to release. */
    ByteBuf first() {
        return chunks.element().retain();
    }

    /** Gives up the memory of what was read of the first chunk. */
    void dropRead() {
        ByteBuf first = chunks.peek();
        if (first == null || !isMostlyRead(first)) {
            return;
        }
        chunks.remove();
        if (first.isReadable()) {
            chunks.addFirst(copy(first));
        }
        budget.release(first.capacity() - first.readableBytes());
        first.release();
    }

    void release() {
        for (ByteBuf chunk : chunks) {
            budget.release(chunk.capacity());
            chunk.release();
        }
        chunks.clear();
    }

    /** So that what is held costs at most twice what it is. */
    private static boolean isMostlyRead(ByteBuf chunk) {
        return chunk.readableBytes() <= chunk.capacity() / 2;
    }

    private ByteBuf copy(ByteBuf chunk) {
        int bytes = chunk.readableBytes();
        return allocator.directBuffer(bytes, bytes).writeBytes(chunk, chunk.readerIndex(), bytes);
    }
}
