package io.jackfield.broker.peer;

import io.jackfield.broker.model.Frames;
import java.nio.ByteBuffer;

/** Looks at single frames where they lie, without a view of each. */
final class FrameMatch {
    private FrameMatch() {}

    /** True if frame {@code index} consists of exactly these bytes. */
    static boolean is(Frames frames, int index, byte[] expected) {
        return frames.partBytes(index) == expected.length && startsWith(frames, index, expected);
    }

    /** True if frame {@code index}, at least as long as the prefix, begins with it. */
    static boolean startsWith(Frames frames, int index, byte[] prefix) {
        if (frames.partBytes(index) < prefix.length) {
            return false;
        }
        ByteBuffer buffer = frames.buffer();
        int at = frames.partStart(index);
        for (int i = 0; i < prefix.length; i++) {
            if (buffer.get(at + i) != prefix[i]) {
                return false;
            }
        }
        return true;
    }

    static boolean isEmpty(Frames frames, int index) {
        return frames.partBytes(index) == 0;
    }

    /** Byte {@code offset} of frame {@code index}, which is long enough. */
    static byte byteAt(Frames frames, int index, int offset) {
        return frames.buffer().get(frames.partStart(index) + offset);
    }

    /** Frame {@code index}, of 8 bytes, as a number. */
    static long number(Frames frames, int index) {
        return frames.buffer().getLong(frames.partStart(index));
    }
}
