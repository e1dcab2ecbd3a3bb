package io.jackfield.broker.transport.zmtp;

import io.jackfield.broker.model.Frames;
import io.jackfield.broker.transport.MessageWriter;
import io.jackfield.broker.transport.OutputBudget;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOutboundBuffer;
import java.nio.ByteBuffer;

/**
 * What is to be sent to one peer. Messages are written into a chunk of pooled memory, which is handed to the channel when it is full and at
 * the end of the loop's turn. While the peer takes nothing more, chunks are handed over only when they are full: what a slow reader costs
 * is what it was sent, not a chunk a message. Chunks are as large as the last turns needed, from 512 bytes to 64 KiB. Owned by the broker
 * loop.
 */
final class Output implements MessageWriter {
    private static final int CHUNK_BYTES_MIN = 512;
    private static final int CHUNK_BYTES_MAX = 64 * 1024;
    private static final int CHUNK_GROWTH = 4;
    private static final int CHUNK_SHRINK_BELOW = 8;

    /** So much is sent before the turn ends: the peer works while we write on, and a fast reader is never taken for a slow one. */
    private static final int FLUSH_BYTES = 256 * 1024;

    /** Fewer are not worth a system call of their own while others are being written. */
    private static final int AHEAD_MESSAGES_MIN = 64;

    private static final int MORE = 0x01;
    private static final int LONG = 0x02;
    private static final int COMMAND = 0x04;
    private static final int SHORT_BYTES_MAX = 255;
    private static final int HEADER_BYTES_MAX = 9;
    private static final int TOKEN_FRAME_BYTES = 10;
    private static final int TOKEN_FRAME_HEADER = MORE << 8 | Long.BYTES;
    private static final int EMPTY_FRAME = MORE << 8;
    private static final ByteBuffer NO_VIEW = ByteBuffer.allocate(0);

    /** Told by the output, on the loop. */
    interface Owner {
        /** A message was written. */
        void written();

        /** What waits for the peer passes the limit. */
        void slowReader(long outputBytes);

        /** What {@link Output#tellDrained} asked for. */
        void drained();

        /** All outputs together hold more than their budget allows. */
        void outputBudgetExceeded();

        /** A message was begun and the turn or another message came before its end. */
        void unfinishedMessage();
    }

    private final Channel channel;
    private final TurnFlush turnFlush;
    private final int bytesMax;
    private final int flushBytes;
    private final Owner owner;
    private final OutputBudget budget;

    /** What the budget was told that this holds. */
    private long charged;

    private ByteBuf chunk = Unpooled.EMPTY_BUFFER;
    private ByteBuffer view = NO_VIEW;
    private int base;
    private int at;
    private int end;
    private int chunkBytes = CHUNK_BYTES_MIN;

    /** Handed to the channel since the last flush. */
    private int handedOver;

    /** Handed to the channel since the beginning, and how much of it had left the channel when {@link #passesOn} was asked last. */
    private long handedOverInAll;

    private long leftChannel;
    private boolean hadBacklog;

    /** Messages written since the last flush. */
    private int written;

    /** Of what was written since the beginning, what is not of messages. */
    private long otherBytes;

    private boolean listed;
    private boolean inMessage;
    private boolean backlogged;
    private boolean drainedAsked;
    private boolean open = true;

    Output(Channel channel, TurnFlush turnFlush, OutputBudget budget, int bytesMax, Owner owner) {
        this.budget = budget;
        this.channel = channel;
        this.turnFlush = turnFlush;
        this.bytesMax = bytesMax;
        this.flushBytes = Math.min(FLUSH_BYTES, bytesMax);
        this.owner = owner;
    }

    /** Begins a message. */
    MessageWriter message() {
        if (inMessage) {
            owner.unfinishedMessage();
        }
        if (!open) {
            return DiscardingWriter.INSTANCE;
        }
        inMessage = true;
        touched();
        return this;
    }

    @Override
    public MessageWriter frame(byte[] bytes) {
        header(MORE, bytes.length);
        copy(ByteBuffer.wrap(bytes), 0, bytes.length);
        return this;
    }

    @Override
    public MessageWriter frame(ByteBuffer bytes) {
        header(MORE, bytes.remaining());
        copy(bytes, bytes.position(), bytes.remaining());
        return this;
    }

    @Override
    public MessageWriter frame(long token) {
        room(TOKEN_FRAME_BYTES);
        view.putShort(at, (short) TOKEN_FRAME_HEADER);
        view.putLong(at + 2, token);
        at += TOKEN_FRAME_BYTES;
        return this;
    }

    @Override
    public MessageWriter empty() {
        room(HEADER_BYTES_MAX);
        view.putShort(at, (short) EMPTY_FRAME);
        at += 2;
        return this;
    }

    @Override
    public void end(Frames body) {
        copy(body.buffer(), body.start(), body.wireBytes());
        ended();
    }

    @Override
    public void end(byte[] bytes) {
        header(0, bytes.length);
        copy(ByteBuffer.wrap(bytes), 0, bytes.length);
        ended();
    }

    @Override
    public void end(ByteBuffer bytes) {
        header(0, bytes.remaining());
        copy(bytes, bytes.position(), bytes.remaining());
        ended();
    }

    /** Bytes as they are, outside of any frame. */
    void raw(byte[] bytes) {
        if (open) {
            copy(ByteBuffer.wrap(bytes), 0, bytes.length);
            otherBytes += bytes.length;
            touched();
            flushIfMuch();
        }
    }

    /** A command frame with that body. */
    void command(byte[] body) {
        if (open) {
            long before = messageBytes();
            header(COMMAND, body.length);
            otherBytes += messageBytes() - before;
            raw(body);
        }
    }

    /** Bytes of all messages that were written since the beginning, while it is open. */
    long messageBytes() {
        return handedOverInAll + at - base - otherBytes;
    }

    /** Whether what is written is sent. */
    boolean isOpen() {
        return open;
    }

    /** Written and not yet taken by the operating system. */
    long bytes() {
        return at - base + channelBytes();
    }

    /** Has the owner told once, at the end of a turn, that the operating system has taken all that was written. */
    void tellDrained() {
        if (open) {
            drainedAsked = true;
            touched();
        }
    }

    /** Whether more waits than the peer takes at once. */
    boolean backlogged() {
        return backlogged;
    }

    /** Whether the peer took some of a backlog since this was asked last. What finds room in the operating system's buffers says nothing. */
    boolean passesOn() {
        long left = handedOverInAll - channelBytes();
        boolean more = hadBacklog && left > leftChannel;
        leftChannel = left;
        hadBacklog = backlogged;
        return more;
    }

    /** The loop's turn goes on; between messages. */
    void flushAhead() {
        if (written >= AHEAD_MESSAGES_MIN && !backlogged) {
            flush();
        }
    }

    /** The loop's turn ends. */
    void endTurn() {
        listed = false;
        if (inMessage) {
            owner.unfinishedMessage();
        }
        flush();
    }

    long charged() {
        return charged;
    }

    /** Sends what can be sent, and tells the budget what is left. */
    void settle() {
        flush();
        charge(end - base + channelBytes());
    }

    private void charge(long bytes) {
        budget.add(bytes - charged);
        charged = bytes;
    }

    /** Sends what was written and takes nothing more; what then is called when the operating system has it all. */
    void close(ChannelFutureListener then) {
        if (open) {
            handOver();
            open = false;
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(then);
        }
    }

    /** Takes nothing more and drops what the channel does not have yet. */
    void release() {
        open = false;
        chunk.release();
        withoutChunk();
        charge(0);
    }

    private void ended() {
        inMessage = false;
        if (!open) { // closed between the beginning and the end of the message
            release();
            return;
        }
        owner.written();
        written++;
        flushIfMuch();
    }

    private void touched() {
        if (!listed) {
            listed = true;
            turnFlush.add(this);
        }
    }

    private void flushIfMuch() {
        if (handedOver + at - base >= flushBytes || (backlogged && bytes() > bytesMax)) {
            flush();
        }
        if (budget.exceeded()) {
            owner.outputBudgetExceeded();
        }
    }

    private void flush() {
        if (!open) {
            return;
        }
        written = 0;
        if (!backlogged) {
            adaptChunk();
            handOver();
        }
        if (handedOver > 0) {
            handedOver = 0;
            channel.flush();
            awaitDrained();
        }
        charge(end - base + channelBytes());
        if (bytes() > bytesMax) {
            owner.slowReader(bytes());
        } else if (drainedAsked && bytes() == 0) {
            drainedAsked = false;
            owner.drained();
        }
    }

    /** What the channel could not pass on at once makes a backlog: an empty write behind it says when it has gone. */
    private void awaitDrained() {
        if (!backlogged && channelBytes() > 0) {
            backlogged = true;
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(drained -> {
                backlogged = false;
                if (open) {
                    touched();
                }
            });
        }
    }

    private void adaptChunk() {
        if (handedOver + at - base < chunkBytes / CHUNK_SHRINK_BELOW) {
            chunkBytes = Math.max(chunkBytes / 2, CHUNK_BYTES_MIN);
        }
    }

    private long channelBytes() {
        ChannelOutboundBuffer outbound = channel.unsafe().outboundBuffer();
        return outbound == null ? 0 : outbound.totalPendingWriteBytes();
    }

    /** A header of the short or the long form. */
    private void header(int flags, int length) {
        room(HEADER_BYTES_MAX);
        if (length <= SHORT_BYTES_MAX) {
            view.put(at, (byte) flags);
            view.put(at + 1, (byte) length);
            at += 2;
        } else {
            view.put(at, (byte) (flags | LONG));
            view.putLong(at + 1, length);
            at += HEADER_BYTES_MAX;
        }
    }

    private void copy(ByteBuffer from, int start, int length) {
        int copied = 0;
        while (copied < length) {
            if (at == end) {
                nextChunk(length - copied);
            }
            int part = Math.min(length - copied, end - at);
            view.put(at, from, start + copied, part);
            at += part;
            copied += part;
        }
    }

    private void room(int bytes) {
        if (end - at < bytes) {
            nextChunk(bytes);
        }
    }

    /** @param wanted bytes that are to be written now */
    private void nextChunk(int wanted) {
        if (at > base) {
            chunkBytes = Math.min(chunkBytes * CHUNK_GROWTH, CHUNK_BYTES_MAX);
            handOver();
        }
        int bytes = Math.max(chunkBytes, Math.min(wanted, CHUNK_BYTES_MAX));
        chunk = channel.alloc().directBuffer(bytes, bytes);
        charge(charged + bytes);
        view = chunk.internalNioBuffer(0, bytes);
        base = view.position();
        at = base;
        end = base + bytes;
    }

    private void handOver() {
        if (at > base) {
            handedOver += at - base;
            handedOverInAll += at - base;
            chunk.writerIndex(at - base);
            ChannelFuture unused = channel.write(chunk, channel.voidPromise()); // a failure ends the connection
            withoutChunk();
        }
    }

    private void withoutChunk() {
        chunk = Unpooled.EMPTY_BUFFER;
        view = NO_VIEW;
        base = 0;
        at = 0;
        end = 0;
    }
}
