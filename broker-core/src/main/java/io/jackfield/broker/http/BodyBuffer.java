package io.jackfield.broker.http;

import io.jackfield.broker.model.Frames;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Collects the body of a request as the one frame that it will be: room for the frame's header, then the bytes. Grows with what has
 * arrived, never with what a client only announces. Owned by the broker loop.
 */
final class BodyBuffer {
    private static final int HEADER_BYTES_MAX = 9;
    private static final int FIRST_BYTES = 16 << 10;
    private static final int SHORT_BYTES_MAX = 255;
    private static final byte LONG_LAST = 0x02;

    private byte[] bytes;
    private ByteBuffer view;
    private int end = HEADER_BYTES_MAX;

    BodyBuffer() {
        this(FIRST_BYTES);
    }

    /** With room for so many bytes. */
    BodyBuffer(int capacityBytes) {
        bytes = new byte[HEADER_BYTES_MAX + capacityBytes];
        view = ByteBuffer.wrap(bytes);
    }

    /** Bytes collected. */
    int length() {
        return end - HEADER_BYTES_MAX;
    }

    /** Begins anew with the same memory. */
    BodyBuffer clear() {
        end = HEADER_BYTES_MAX;
        return this;
    }

    /** Adds everything readable. */
    BodyBuffer add(ByteBuf content) {
        int count = content.readableBytes();
        reserve(count);
        content.getBytes(content.readerIndex(), bytes, end, count);
        end += count;
        return this;
    }

    /** Adds a text whose characters are bytes. */
    @SuppressWarnings("deprecation") // the one way to copy the low bytes of a String with no array between
    BodyBuffer add(String latin1) {
        int count = latin1.length();
        reserve(count);
        latin1.getBytes(0, count, bytes, end);
        end += count;
        return this;
    }

    /** The frame, borrowed: valid until this buffer is changed. */
    Frames frame() {
        int length = length();
        if (length > SHORT_BYTES_MAX) {
            bytes[0] = LONG_LAST;
            view.putLong(1, length);
            return Frames.borrowed(view, 0, end, 1);
        }
        int start = HEADER_BYTES_MAX - 2;
        bytes[start] = 0;
        bytes[start + 1] = (byte) length;
        return Frames.borrowed(view, start, end, 1);
    }

    private void reserve(int count) {
        int needed = Math.addExact(end, count);
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 8L, Math.max(needed, bytes.length * 2L)));
            view = ByteBuffer.wrap(bytes);
        }
    }
}
