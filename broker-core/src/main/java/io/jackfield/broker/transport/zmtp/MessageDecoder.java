package io.jackfield.broker.transport.zmtp;

import io.jackfield.broker.model.Frames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;

/**
 * Cuts what a peer sends after its greeting into messages and commands. A message that is whole in what was read is handed over in place;
 * the beginning of one that is not is set aside until the rest has come. Owned by the broker loop.
 *
 * <pre>
 *   frame:  [flags, 1 byte] [length, 1 byte, or 8 with LONG] [body]
 *   flags:  0x01 MORE  0x02 LONG  0x04 COMMAND, others zero
 * </pre>
 *
 * libzmq sends PING when its timer says so, between the frames of a message if need be: such a command is taken out.
 */
final class MessageDecoder {
    /** Takes what is decoded. */
    interface Sink {
        /** A whole message; the frames are borrowed. */
        void message(Frames message) throws ZmtpViolation;

        /** Half of a read that brings many messages was taken: what that gave may be sent while the rest is taken. */
        void manyTaken();

        /** A command's body, between position and limit; valid until this returns. */
        void command(ByteBuffer body) throws ZmtpViolation;
    }

    private static final int MORE = 0x01;
    private static final int LONG = 0x02;
    private static final int COMMAND = 0x04;
    private static final int FLAGS = MORE | LONG | COMMAND;
    private static final int SHORT_HEADER = 2;
    private static final int LONG_HEADER = 9;
    private static final int UNKNOWN = -1;

    /** A read of about twice as many messages, or more, is taken in halves: peers get what the first gave while we take the second. */
    private static final int MANY = 96;

    private final ZmtpLimits limits;
    private final Sink sink;
    private final Partial partial;

    private boolean traffic;
    private boolean stopped;

    /** Of the message that is being read: its frames so far and the bytes of their bodies. */
    private int frames;

    private long bodyBytes;

    /** In {@link #partial}: where the frame that is being read begins, and where it ends once its header is there. */
    private int frameAt;

    private int frameEnd = UNKNOWN;

    private long partialMessages;

    /** Whether the sink reads what was set aside at this moment: it may end the connection meanwhile, and read on. */
    private boolean lent;

    private boolean unwanted;

    MessageDecoder(ZmtpLimits limits, ByteBufAllocator allocator, InputBudget.Share budget, Sink sink) {
        this.limits = limits;
        this.sink = sink;
        this.partial = new Partial(allocator, budget);
    }

    /** Lets messages in; before that only commands are. */
    void allowMessages() {
        traffic = true;
    }

    /** Has {@link #read} return after the message that is being handed over. */
    void stop() {
        stopped = true;
    }

    void resume() {
        stopped = false;
    }

    boolean stopped() {
        return stopped;
    }

    /** Whether a message was begun and is not complete. */
    boolean inMessage() {
        return partial.size() > 0;
    }

    /** How many messages and commands had to be set aside so far: tells one from the next. */
    long partialMessages() {
        return partialMessages;
    }

    /** Forgets what was set aside, once nobody reads it any more. */
    void release() {
        unwanted = lent;
        if (lent) {
            return;
        }
        partial.release();
        frameAt = 0;
        frameEnd = UNKNOWN;
    }

    /** Reads all of the chunk, or up to where it was stopped; does not release it. */
    void read(ByteBuf chunk) throws ZmtpViolation {
        ByteBuffer in = chunk.internalNioBuffer(chunk.readerIndex(), chunk.readableBytes());
        int from = in.position();
        int limit = in.limit();
        int at = from;
        int partFrom = from;
        int taken = 0;
        while (at < limit && !stopped) {
            at = inMessage() ? complete(in, at, limit) : readInPlace(in, at, limit);
            if (++taken >= MANY && isHalfway(at - partFrom, limit - at)) {
                sink.manyTaken();
                taken = 0;
                partFrom = at;
            }
        }
        chunk.skipBytes(at - from);
    }

    /** Or a little beyond: the rest must be worth a system call of its own, too. */
    private static boolean isHalfway(int done, int rest) {
        return rest <= done && rest >= done - done / 4;
    }

    /** Reads the message or command that begins at {@code start}; returns how far it came. */
    private int readInPlace(ByteBuffer in, int start, int limit) throws ZmtpViolation {
        int at = start;
        frames = 0;
        bodyBytes = 0;
        while (limit - at >= SHORT_HEADER) {
            int flags = in.get(at);
            int header = headerBytes(flags);
            if (limit - at < header) {
                break;
            }
            int length = checkedLength(in, at, flags);
            int end = at + header + length;
            if (end > limit || ((flags & COMMAND) != 0 && frames > 0)) {
                break;
            }
            if ((flags & COMMAND) != 0) {
                sink.command(in.slice(at + header, length));
                return end;
            }
            frames++;
            bodyBytes += length;
            at = end;
            if ((flags & MORE) == 0) {
                sink.message(Frames.borrowed(in, start, end, frames));
                return end;
            }
        }
        return setAside(in, start, at, limit);
    }

    /** Begins a partial message with the whole frames before {@code at} and at least a byte of what comes then. */
    private int setAside(ByteBuffer in, int start, int at, int limit) throws ZmtpViolation {
        partialMessages++;
        frameAt = at - start;
        frameEnd = UNKNOWN;
        if (frameAt > 0) {
            partial.add(in, start, frameAt, frameAt + limit - at);
        }
        return at < limit ? complete(in, at, limit) : at;
    }

    /** Adds to the partial message up to the end of its current frame; returns how far it came. */
    private int complete(ByteBuffer in, int start, int limit) throws ZmtpViolation {
        int at = start;
        while (frameEnd == UNKNOWN) {
            int missing = frameAt + headerBytesWanted() - partial.size();
            if (missing == 0) {
                frameEnd = frameEnd();
            } else if (at == limit) {
                return at;
            } else {
                at += add(in, at, Math.min(missing, limit - at), frameAt + LONG_HEADER);
            }
        }
        at += add(in, at, Math.min(frameEnd - partial.size(), limit - at), frameEnd);
        if (partial.size() == frameEnd) {
            endFrame();
        }
        return at;
    }

    private int add(ByteBuffer in, int at, int bytes, int wanted) throws ZmtpViolation {
        partial.add(in, at, bytes, wanted);
        return bytes;
    }

    private int headerBytesWanted() {
        return partial.size() == frameAt ? SHORT_HEADER : headerBytes(flagsInPartial());
    }

    private int frameEnd() throws ZmtpViolation {
        int flags = flagsInPartial();
        return frameAt + headerBytes(flags) + checkedLength(partial.view(), partial.base() + frameAt, flags);
    }

    private int flagsInPartial() {
        return partial.view().get(partial.base() + frameAt);
    }

    /** The frame in the partial message is whole. */
    private void endFrame() throws ZmtpViolation {
        int flags = flagsInPartial();
        int header = headerBytes(flags);
        int length = frameEnd - frameAt - header;
        frameEnd = UNKNOWN;
        if ((flags & COMMAND) != 0) {
            endCommand(header, length);
            return;
        }
        frames++;
        bodyBytes += length;
        frameAt = partial.size();
        if ((flags & MORE) == 0) {
            endMessage();
        }
    }

    private void endCommand(int header, int length) throws ZmtpViolation {
        ByteBuffer body = partial.view().slice(partial.base() + frameAt + header, length);
        lent = true;
        try {
            sink.command(body);
        } finally {
            lent = false;
            partial.truncate(frameAt);
            if (frameAt == 0 || unwanted) {
                release();
            }
        }
    }

    private void endMessage() throws ZmtpViolation {
        int start = partial.base();
        lent = true;
        try {
            sink.message(Frames.borrowed(partial.view(), start, start + partial.size(), frames));
        } finally {
            lent = false;
            release();
        }
    }

    private static int headerBytes(int flags) {
        return (flags & LONG) == 0 ? SHORT_HEADER : LONG_HEADER;
    }

    /** The length in the whole header at that position, after every check that flags and length allow. */
    private int checkedLength(ByteBuffer in, int at, int flags) throws ZmtpViolation {
        long length = (flags & LONG) == 0 ? in.get(at + 1) & 0xff : in.getLong(at + 1);
        if ((flags & ~MORE) == 0 && traffic && length <= limits.frameBytesMax()) {
            checkMessage(length);
            return (int) length;
        }
        checkFlags(flags);
        checkFrame(flags, length);
        if ((flags & COMMAND) == 0) {
            checkMessage(length);
        }
        return (int) length;
    }

    private void checkFlags(int flags) throws ZmtpViolation {
        if ((flags & ~FLAGS) != 0) {
            throw new ZmtpViolation(
                    Refusal.BAD_FRAME, "flags: 0x" + Integer.toHexString(flags & 0xff) + " (expected: 0x00 to 0x07)");
        }
        if ((flags & COMMAND) != 0 && (flags & MORE) != 0) {
            throw new ZmtpViolation(Refusal.BAD_FRAME, "a command with the flag MORE");
        }
        if ((flags & COMMAND) == 0 && !traffic) {
            throw new ZmtpViolation(Refusal.BAD_FRAME, "a message before the handshake was complete");
        }
    }

    private void checkFrame(int flags, long length) throws ZmtpViolation {
        if (length < 0) {
            throw new ZmtpViolation(Refusal.BAD_FRAME, "a length of 2^63 or more");
        }
        if ((flags & COMMAND) != 0 && length > limits.commandBytesMax()) {
            throw tooMuch(Refusal.COMMAND_BYTES, "command of " + length + " bytes", limits.commandBytesMax());
        }
        if ((flags & COMMAND) == 0 && length > limits.frameBytesMax()) {
            throw tooMuch(Refusal.FRAME_BYTES, "frame of " + length + " bytes", limits.frameBytesMax());
        }
    }

    private void checkMessage(long nextFrame) throws ZmtpViolation {
        if (bodyBytes + nextFrame > limits.messageBytesMax()) {
            throw tooMuch(
                    Refusal.MESSAGE_BYTES,
                    "message of " + (bodyBytes + nextFrame) + " bytes or more",
                    limits.messageBytesMax());
        }
        if (frames >= limits.messageFramesMax()) {
            throw tooMuch(
                    Refusal.MESSAGE_FRAMES,
                    "message of " + (frames + 1) + " frames or more",
                    limits.messageFramesMax());
        }
    }

    private static ZmtpViolation tooMuch(Refusal refusal, String what, int max) {
        return new ZmtpViolation(refusal, what + " (expected: <= " + max + ")");
    }
}
