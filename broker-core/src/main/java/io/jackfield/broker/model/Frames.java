package io.jackfield.broker.model;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The frames of one message, opaque and unchangeable, as consecutive ZMTP message frames (RFC 37): what one peer sent can be copied to
 * another as one run of bytes.
 *
 * <pre>
 *   short frame:  [flags: 0x00 last, 0x01 more] [length, 1 byte ] [bytes]
 *   long frame:   [flags: 0x02 last, 0x03 more] [length, 8 bytes] [bytes]
 * </pre>
 *
 * Frames are <em>borrowed</em> or <em>kept</em>. Borrowed frames look into the buffer they were read from and are valid only during the
 * call that hands them over; whoever needs them longer calls {@link #kept()}. Not thread-safe while borrowed; kept frames may be read by
 * any thread.
 */
public final class Frames {
    /** One frame without bytes. */
    public static final Frames ONE_EMPTY = of(List.of(ByteBuffer.allocate(0)));

    private static final int MORE = 0x01;
    private static final int LONG = 0x02;
    private static final int SHORT_BYTES_MAX = 255;
    private static final int SHORT_HEADER_BYTES = 2;
    private static final int LONG_HEADER_BYTES = 9;

    private final ByteBuffer buffer;
    private final int start;
    private final int end;
    private final int count;
    private final boolean kept;

    private Frames(ByteBuffer buffer, int start, int end, int count, boolean kept) {
        this.buffer = buffer;
        this.start = start;
        this.end = end;
        this.count = count;
        this.kept = kept;
    }

    /**
     * Frames that the caller has checked to be well formed, in a buffer that it goes on owning.
     *
     * @param buffer read by absolute position only; its position and limit are neither used nor moved
     * @param start position of the first frame's flags
     * @param end position after the last frame
     * @param count number of frames, 1 or more
     */
    public static Frames borrowed(ByteBuffer buffer, int start, int end, int count) {
        return new Frames(buffer, start, end, count, false);
    }

    /** Copies the parts, from position to limit of each, into kept frames, one a part; there must be at least one. */
    public static Frames of(List<ByteBuffer> parts) {
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("frame count: 0 (expected: >= 1)");
        }
        int bytes = 0;
        for (ByteBuffer part : parts) {
            bytes = Math.addExact(bytes, headerBytes(part.remaining()) + part.remaining());
        }
        ByteBuffer wire = ByteBuffer.allocate(bytes);
        for (int i = 0; i < parts.size(); i++) {
            ByteBuffer part = parts.get(i);
            putHeader(wire, part.remaining(), i < parts.size() - 1);
            wire.put(wire.position(), part, part.position(), part.remaining());
            wire.position(wire.position() + part.remaining());
        }
        return new Frames(wire, 0, bytes, parts.size(), true);
    }

    /**
     * One kept frame of that many bytes.
     *
     * @param body puts them at the position of the buffer that it is given
     */
    public static Frames of(int length, Consumer<ByteBuffer> body) {
        ByteBuffer wire = ByteBuffer.allocate(headerBytes(length) + length);
        putHeader(wire, length, false);
        body.accept(wire);
        return new Frames(wire, 0, wire.capacity(), 1, true);
    }

    /** One kept frame with a copy of the bytes. */
    public static Frames of(byte[] part) {
        return of(part.length, wire -> wire.put(part));
    }

    /** The buffer that holds these frames; read it by absolute position from {@link #start()} to {@link #end()}, never change it. */
    public ByteBuffer buffer() {
        return buffer;
    }

    /** Position of the first frame's flags in {@link #buffer()}. */
    public int start() {
        return start;
    }

    /** Position after the last frame in {@link #buffer()}. */
    public int end() {
        return end;
    }

    /** Number of frames. */
    public int count() {
        return count;
    }

    /** Bytes with the frames' own headers: what a queue is charged. */
    public int wireBytes() {
        return end - start;
    }

    /** Bytes of all frames together, without their headers. */
    public int bodyBytes() {
        int bytes = 0;
        for (int at = start; at < end; at = next(at)) {
            bytes += length(at);
        }
        return bytes;
    }

    /** A read-only view of the bytes of frame {@code index}, from 0; valid as long as these frames are. */
    public ByteBuffer part(int index) {
        int at = position(index);
        return slice(at);
    }

    /** Views of all frames, in order. */
    public List<ByteBuffer> parts() {
        if (count == 1) {
            return List.of(slice(start));
        }
        List<ByteBuffer> parts = new ArrayList<>(count);
        for (int at = start; at < end; at = next(at)) {
            parts.add(slice(at));
        }
        return parts;
    }

    /** A copy of the bytes of frame {@code index}, from 0. */
    public byte[] copyOf(int index) {
        int at = position(index);
        byte[] copy = new byte[length(at)];
        buffer.get(at + headerBytesAt(at), copy);
        return copy;
    }

    /** Number of bytes in frame {@code index}, from 0. */
    public int partBytes(int index) {
        return length(position(index));
    }

    /** Position in {@link #buffer()} of the first byte of frame {@code index}, from 0, behind its header. */
    public int partStart(int index) {
        int at = position(index);
        return at + headerBytesAt(at);
    }

    /** These frames without the first {@code dropped}; at least one must be left. */
    public Frames tail(int dropped) {
        if (dropped == 0) {
            return this;
        }
        return new Frames(buffer, position(dropped), end, count - dropped, kept);
    }

    /** Frames that outlive the call: these, if they are kept, else a copy on the heap. */
    public Frames kept() {
        if (kept) {
            return this;
        }
        ByteBuffer copy = ByteBuffer.allocate(wireBytes());
        copy.put(0, buffer, start, wireBytes());
        return new Frames(copy, 0, wireBytes(), count, true);
    }

    /** All frames' bytes in one array, without headers. */
    public byte[] joined() {
        ByteBuffer all = ByteBuffer.allocate(bodyBytes());
        for (int at = start; at < end; at = next(at)) {
            all.put(slice(at));
        }
        return all.array();
    }

    private int position(int index) {
        if (index < 0 || index >= count) {
            throw new IndexOutOfBoundsException("frame " + index + " (expected: 0 to " + (count - 1) + ")");
        }
        int at = start;
        for (int i = 0; i < index; i++) {
            at = next(at);
        }
        return at;
    }

    private ByteBuffer slice(int at) {
        return buffer.slice(at + headerBytesAt(at), length(at)).asReadOnlyBuffer();
    }

    private int next(int at) {
        return at + headerBytesAt(at) + length(at);
    }

    private int length(int at) {
        return (buffer.get(at) & LONG) == 0 ? buffer.get(at + 1) & 0xff : (int) buffer.getLong(at + 1);
    }

    private int headerBytesAt(int at) {
        return (buffer.get(at) & LONG) == 0 ? SHORT_HEADER_BYTES : LONG_HEADER_BYTES;
    }

    private static int headerBytes(int length) {
        return length > SHORT_BYTES_MAX ? LONG_HEADER_BYTES : SHORT_HEADER_BYTES;
    }

    private static void putHeader(ByteBuffer wire, int length, boolean more) {
        int flags = more ? MORE : 0;
        if (length > SHORT_BYTES_MAX) {
            wire.put((byte) (flags | LONG)).putLong(length);
        } else {
            wire.put((byte) flags).put((byte) length);
        }
    }
}
