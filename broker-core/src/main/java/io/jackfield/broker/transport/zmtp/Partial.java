package io.jackfield.broker.transport.zmtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;

/**
 * The bytes of one begun message. It grows with what has arrived, never on the word of a length that was only declared: to at most four
 * times as much, so that all growing together copies less than half of what arrived. Charged to the budget. Owned by the broker loop.
 */
final class Partial {
    private static final int BYTES_MIN = 512;
    private static final int GROWTH = 4;
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    private final ByteBufAllocator allocator;
    private final InputBudget.Share budget;
    private ByteBuf memory = Unpooled.EMPTY_BUFFER;
    private ByteBuffer view = NONE;
    private int base;
    private int size;

    Partial(ByteBufAllocator allocator, InputBudget.Share budget) {
        this.allocator = allocator;
        this.budget = budget;
    }

    int size() {
        return size;
    }

    /** What has been added, from {@link #base()} on; valid until more is added. */
    ByteBuffer view() {
        return view;
    }

    int base() {
        return base;
    }

    /**
     * Adds bytes of {@code in}.
     *
     * @param wanted how large all of it is known to become; memory beyond that is not taken
     */
    void add(ByteBuffer in, int from, int bytes, int wanted) throws ZmtpViolation {
        if (size + bytes > memory.capacity()) {
            grow(size + bytes, wanted);
        }
        view.put(base + size, in, from, bytes);
        size += bytes;
    }

    /** Drops what is behind the first {@code kept} bytes. */
    void truncate(int kept) {
        size = kept;
    }

    void release() {
        budget.release(memory.capacity());
        memory.release();
        memory = Unpooled.EMPTY_BUFFER;
        view = NONE;
        base = 0;
        size = 0;
    }

    private void grow(int needed, int wanted) throws ZmtpViolation {
        int capacity = (int) Math.max(needed, Math.min(wanted, Math.max(BYTES_MIN, (long) GROWTH * needed)));
        budget.reserve(capacity);
        ByteBuf larger = allocator.directBuffer(capacity, capacity);
        ByteBuffer largerView = larger.internalNioBuffer(0, capacity);
        int largerBase = largerView.position();
        largerView.put(largerBase, view, base, size);
        budget.release(memory.capacity());
        memory.release();
        memory = larger;
        view = largerView;
        base = largerBase;
    }
}
