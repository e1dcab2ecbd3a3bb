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
    private static final int GROWTH = 2;
    private static final int CAPACITY_MAX = 1 << 30;
    private static final int SHORT_BYTES_MAX = 255;
    private static final byte LONG_LAST = 0x02;

    private final int expectedBytesMax;
    private byte[] bytes = new byte[HEADER_BYTES_MAX];
    private ByteBuffer view = ByteBuffer.wrap(bytes);
    private int end = HEADER_BYTES_MAX;

    /** @param expectedBytesMax more memory than that is not taken ahead */
    BodyBuffer(int expectedBytesMax) {
        this.expectedBytesMax = expectedBytesMax;
    }

    /** Bytes collected. */
    int length() {
        return end - HEADER_BYTES_MAX;
    }

    /** Bytes that there is memory for. */
    int capacity() {
        return bytes.length - HEADER_BYTES_MAX;
    }

    /** Bytes that there will be memory for once so many are added. */
    int capacityWith(int count) {
        int needed = Math.addExact(length(), count);
        if (needed <= capacity()) {
            return capacity();
        }
        int ahead =
                Math.min(expectedBytesMax, Math.max(FIRST_BYTES, GROWTH * Math.min(capacity(), CAPACITY_MAX / GROWTH)));
        return Math.max(needed, ahead);
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
        int capacity = capacityWith(count);
        if (capacity > capacity()) {
            bytes = Arrays.copyOf(bytes, Math.addExact(HEADER_BYTES_MAX, capacity));
            view = ByteBuffer.wrap(bytes);
        }
    }
}
