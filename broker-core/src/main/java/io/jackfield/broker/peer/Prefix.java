package io.jackfield.broker.peer;

import io.jackfield.broker.model.Frames;
import io.jackfield.broker.transport.Connection;
import io.jackfield.broker.transport.MessageWriter;
import io.jackfield.broker.transport.SocketType;
import org.jspecify.annotations.Nullable;

/**
 * What a peer sent before the first frame that means something; the same goes before what it is sent (PROTOCOL.md 1 and 2). Immutable.
 *
 * <pre>
 *   REQ      [request id, only with ZMQ_REQ_CORRELATE] [empty]
 *   DEALER   [empty], or nothing
 * </pre>
 */
final class Prefix {
    static final Prefix NONE = new Prefix(new byte[0][], false);
    static final Prefix DELIMITER = new Prefix(new byte[0][], true);

    /** The empty frame of a REQ client stands among so many first frames. */
    private static final int REQ_FRAMES_MAX = 8;

    /** Bytes in each frame before it: they are kept until the reply. */
    private static final int REQ_FRAME_BYTES_MAX = 255;

    private final byte[][] frames;
    private final boolean delimiter;

    private Prefix(byte[][] frames, boolean delimiter) {
        this.frames = frames;
        this.delimiter = delimiter;
    }

    /** The prefix of a message; null if it is from a REQ socket and has no empty frame where one must be, or nothing behind it. */
    static @Nullable Prefix of(SocketType type, Frames message) {
        boolean delimited = FrameMatch.isEmpty(message, 0);
        if (type != SocketType.REQ) {
            // A single empty frame is an empty body: a delimiter has something behind it.
            return delimited && message.count() > 1 ? DELIMITER : NONE;
        }
        if (delimited) {
            return message.count() > 1 ? DELIMITER : null;
        }
        return behindRequestId(message);
    }

    private static @Nullable Prefix behindRequestId(Frames message) {
        int last = Math.min(REQ_FRAMES_MAX, message.count() - 1);
        for (int i = 1; i < last; i++) {
            if (message.partBytes(i - 1) > REQ_FRAME_BYTES_MAX) {
                return null;
            }
            if (FrameMatch.isEmpty(message, i)) {
                byte[][] before = new byte[i][];
                for (int j = 0; j < i; j++) {
                    before[j] = message.copyOf(j);
                }
                return new Prefix(before, true);
            }
        }
        return null;
    }

    /** Number of its frames. */
    int count() {
        return frames.length + (delimiter ? 1 : 0);
    }

    /** Begins a message with it. */
    MessageWriter begin(Connection connection) {
        MessageWriter writer = connection.message();
        for (byte[] frame : frames) {
            writer.frame(frame);
        }
        return delimiter ? writer.empty() : writer;
    }
}
