package io.jackfield.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * JF1 messages as one frame that Kryo reads as an object of a registered class (PROTOCOL.md section 4.5), read and written
 * here without Kryo: no class is looked up, and each length is checked against what is left before anything is allocated.
 *
 * <pre>
 *  +------+------------------------+--------+---------+--------+---------+-------+--------+------+ ...
 *  | 0x16 | fixed header, 24 bytes | u32 n  | service | u32 n  | headers | u16 n | u32 n  | part |  n times
 *  +------+------------------------+--------+---------+--------+---------+-------+--------+------+ ...
 * </pre>
 */
public final class KryoFraming {
    /** The id under which the class of messages is registered with Kryo. */
    public static final int KRYO_ID = 20;

    /** The byte that Kryo writes for that class: ids are varints, plus 2. */
    static final byte CLASS_ID = KRYO_ID + 2;

    private static final int LENGTH_BYTES = Integer.BYTES;
    private static final int COUNT_BYTES = Short.BYTES;

    /** A message without service, headers and body. */
    static final int FRAME_BYTES_MIN = 1 + FixedHeader.BYTES + 2 * LENGTH_BYTES + COUNT_BYTES;

    private KryoFraming() {}

    /**
     * Encodes a message into one buffer; the body is copied.
     *
     * @param message any message
     * @return the frame
     * @throws IllegalArgumentException when it would be longer than 2 GiB
     */
    public static ByteBuffer encode(Jf1Message message) {
        List<ByteBuffer> pieces = gather(message);
        long bytes = 0;
        for (ByteBuffer piece : pieces) {
            bytes += piece.remaining();
        }
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "frame: " + bytes + " bytes (expected: at most " + Integer.MAX_VALUE + ")");
        }
        ByteBuffer frame = ByteBuffer.allocate((int) bytes);
        for (ByteBuffer piece : pieces) {
            frame.put(piece);
        }
        return frame.flip();
    }

    /**
     * Encodes a message as pieces of one frame, for a gathering write. Body parts are not copied.
     *
     * @param message any message
     * @return buffers of the caller's own that make the frame one after the other
     */
    public static List<ByteBuffer> gather(Jf1Message message) {
        byte[] service = message.service().getBytes(StandardCharsets.UTF_8);
        Headers headers = message.headers();
        ByteBuffer head = ByteBuffer.allocate(FRAME_BYTES_MIN
                + service.length
                + headers.encodedBytes()
                + (message.body().isEmpty() ? 0 : LENGTH_BYTES));
        message.header().write(head.put(CLASS_ID), 1, Framing.KRYO);
        head.position(1 + FixedHeader.BYTES);
        head.putInt(service.length).put(service);
        head.putInt(headers.encodedBytes()).put(headers.encoded());
        head.putShort((short) message.body().size());

        List<ByteBuffer> pieces = new ArrayList<>(1 + 2 * message.body().size());
        ByteBuffer before = head;
        for (ByteBuffer part : message.body()) {
            pieces.add(before.putInt(part.remaining()).flip());
            pieces.add(part.duplicate());
            before = ByteBuffer.allocate(LENGTH_BYTES);
        }
        if (pieces.isEmpty()) {
            pieces.add(head.flip());
        }
        return pieces;
    }

    /**
     * Decodes a message of one frame. Body parts are views of the frame, whose position stays.
     *
     * @param frames one message, without any delimiter
     * @return the message
     * @throws ProtocolException as {@link RawFraming#decode}
     */
    public static Jf1Message decode(List<ByteBuffer> frames) throws ProtocolException {
        if (frames.isEmpty()) {
            throw ProtocolException.badMessage("frames: 0 (expected: 1)");
        }
        if (frames.size() == 1) {
            return decode(frames.get(0));
        }
        FixedHeader header = readHeader(afterClassId(frames.get(0)));
        throw ProtocolException.badMessage("frames: " + frames.size() + " (expected: 1)")
                .withRequestId(header.id());
    }

    /**
     * Decodes a frame. Body parts are views of it; its position stays.
     *
     * @param frame all of the message
     * @return the message
     * @throws ProtocolException as {@link RawFraming#decode}
     */
    public static Jf1Message decode(ByteBuffer frame) throws ProtocolException {
        ByteBuffer input = afterClassId(frame);
        Jf1Message message = read(input);
        if (input.hasRemaining()) {
            throw ProtocolException.badMessage("after the last body part: " + input.remaining()
                            + " bytes (expected: the end of the frame)")
                    .withRequestId(message.id());
        }
        return message;
    }

    /**
     * Reads a message from where its fixed header begins, as a Kryo serializer finds it: the class id is read already, and
     * other objects may follow. Body parts are views of the buffer.
     *
     * @param input its position is moved behind the last part; after an exception it is not defined
     * @return the message
     * @throws ProtocolException as {@link RawFraming#decode}
     */
    public static Jf1Message read(ByteBuffer input) throws ProtocolException {
        FixedHeader header = readHeader(input);
        try {
            input.position(input.position() + FixedHeader.BYTES);
            ByteBuffer service = readPiece(input, "service");
            ByteBuffer headers = readPiece(input, "headers");
            int parts = readPartCount(input);
            MessageRules.checkPartCount(header, parts);
            List<ByteBuffer> body = new ArrayList<>(parts);
            for (int i = 0; i < parts; i++) {
                body.add(readPiece(input, "body part"));
            }
            return Jf1Message.decoded(header, service, headers, body);
        } catch (ProtocolException e) {
            throw e.withRequestId(header.id());
        }
    }

    private static ByteBuffer afterClassId(ByteBuffer frame) throws ProtocolException {
        ByteBuffer input = frame.slice();
        if (!input.hasRemaining()) {
            throw ProtocolException.badMessage("frame: 0 bytes (expected: at least " + FRAME_BYTES_MIN + ")");
        }
        byte id = input.get();
        if (id != CLASS_ID) {
            throw ProtocolException.badMessage(String.format("class id: 0x%02x (expected: 0x%02x)", id, CLASS_ID));
        }
        return input;
    }

    private static FixedHeader readHeader(ByteBuffer input) throws ProtocolException {
        need(input, FixedHeader.BYTES, "fixed header");
        return FixedHeader.read(input, input.position(), Framing.KRYO);
    }

    /** A piece is a u32 length and as many bytes. */
    private static ByteBuffer readPiece(ByteBuffer input, String what) throws ProtocolException {
        need(input, LENGTH_BYTES, "length of " + what);
        int start = input.position() + LENGTH_BYTES;
        long bytes = readU16(input, input.position()) << 16 | readU16(input, input.position() + COUNT_BYTES);
        input.position(start);
        need(input, bytes, what);
        input.position(start + (int) bytes);
        return input.slice(start, (int) bytes);
    }

    private static int readPartCount(ByteBuffer input) throws ProtocolException {
        need(input, COUNT_BYTES, "number of body parts");
        int start = input.position();
        input.position(start + COUNT_BYTES);
        return (int) readU16(input, start);
    }

    /** Byte by byte: the caller's buffer may have either byte order. */
    private static long readU16(ByteBuffer input, int position) {
        return (input.get(position) & 0xFFL) << 8 | (input.get(position + 1) & 0xFFL);
    }

    private static void need(ByteBuffer input, long bytes, String what) throws ProtocolException {
        if (bytes > input.remaining()) {
            throw ProtocolException.badMessage(
                    what + ": " + bytes + " bytes (expected: at most the " + input.remaining() + " left)");
        }
    }
}
