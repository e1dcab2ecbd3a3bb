package io.jackfield.protocol;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The 24 bytes that begin every JF1 message (PROTOCOL.md section 4.1), in either framing.
 *
 * <pre>
 *  0               4   5   6       8                       16          20    22    24
 *  +---------------+---+---+-------+-----------------------+-----------+-----+-----+
 *  | J F 1 framing |cmd|flg| code  |          id           |  time-ms  |count|  0  |
 *  +---------------+---+---+-------+-----------------------+-----------+-----+-----+
 * </pre>
 *
 * @param command what the message is for
 * @param flags bits of {@link Flags}
 * @param code number of the registry, 0 to 65535; it may be one that this build does not know
 * @param id of the request, an unsigned 64-bit number
 * @param timeMs milliseconds, 0 to 4294967295; the command says of what
 * @param count 0 to 65535; the command says of what
 */
public record FixedHeader(Command command, int flags, int code, long id, long timeMs, int count) {
    /** Size on the wire. */
    public static final int BYTES = 24;

    /** The three characters before the framing letter; the third is the protocol version. */
    static final int MAGIC_BYTES = 3;

    /**
     * Checks ranges; what the command allows is checked where a message is made or read.
     *
     * @throws IllegalArgumentException when a field is out of range
     */
    public FixedHeader {
        unsigned("flags", flags, 0xFF);
        unsigned("code", code, Limits.U16_MAX);
        unsigned("time-ms", timeMs, Limits.U32_MAX);
        unsigned("count", count, Limits.U16_MAX);
    }

    /**
     * Reads a header, at an absolute position: the buffer's own position and byte order do not matter and stay.
     *
     * @param buffer with 24 bytes from the position on
     * @param position where the header begins
     * @param framing whose letter it must have
     * @return the header; each field is used as its command allows
     * @throws ProtocolException {@code BAD_MESSAGE}, {@code UNKNOWN_COMMAND} or {@code UNSUPPORTED_VERSION}
     */
    public static FixedHeader read(ByteBuffer buffer, int position, Framing framing) throws ProtocolException {
        checkMagic(buffer, position, framing);
        // A swapped view would cost an object for each message; a plain one reads as it is told.
        boolean swap = buffer.order() == ByteOrder.LITTLE_ENDIAN;
        long id = swap ? Long.reverseBytes(buffer.getLong(position + 8)) : buffer.getLong(position + 8);
        int time = swap ? Integer.reverseBytes(buffer.getInt(position + 16)) : buffer.getInt(position + 16);
        int number = buffer.get(position + 4) & 0xFF;
        Command command = Command.of(number).orElseThrow(() -> new ProtocolException(
                        ErrorCode.UNKNOWN_COMMAND, "command: " + number + " (expected: 1 to 9)")
                .withRequestId(id));
        FixedHeader header = new FixedHeader(
                command,
                buffer.get(position + 5) & 0xFF,
                u16(buffer, position + 6),
                id,
                Integer.toUnsignedLong(time),
                u16(buffer, position + 20));
        int reserved = u16(buffer, position + 22);
        try {
            if (reserved != 0) {
                throw ProtocolException.badMessage("last two bytes of the header: " + reserved + " (expected: 0)");
            }
            MessageRules.checkHeader(header);
        } catch (ProtocolException e) {
            throw e.withRequestId(id);
        }
        return header;
    }

    /**
     * Writes the 24 bytes at an absolute position: the buffer's own position and byte order do not matter and stay.
     *
     * @param buffer with room for 24 bytes from the position on
     * @param position where the header begins
     * @param framing whose letter it gets
     */
    public void write(ByteBuffer buffer, int position, Framing framing) {
        boolean swap = buffer.order() == ByteOrder.LITTLE_ENDIAN;
        buffer.put(position, (byte) 'J').put(position + 1, (byte) 'F').put(position + 2, (byte) '1');
        buffer.put(position + 3, framing.letter());
        buffer.put(position + 4, (byte) command.number()).put(position + 5, (byte) flags);
        putU16(buffer, position + 6, code);
        buffer.putLong(position + 8, swap ? Long.reverseBytes(id) : id);
        buffer.putInt(position + 16, swap ? Integer.reverseBytes((int) timeMs) : (int) timeMs);
        putU16(buffer, position + 20, count);
        putU16(buffer, position + 22, 0);
    }

    /**
     * Tells whether a flag is set.
     *
     * @param flag one of {@link Flags}
     * @return whether the bit is set
     */
    public boolean has(int flag) {
        return Flags.has(flags, flag);
    }

    private static void checkMagic(ByteBuffer buffer, int position, Framing framing) throws ProtocolException {
        byte version = buffer.get(position + 2);
        boolean ours = buffer.get(position) == 'J'
                && buffer.get(position + 1) == 'F'
                && buffer.get(position + MAGIC_BYTES) == framing.letter();
        if (ours && version == '1') {
            return;
        }
        String expected = " (expected: JF1" + (char) framing.letter() + ")";
        if (ours && version >= '0' && version <= '9') {
            throw new ProtocolException(
                    ErrorCode.UNSUPPORTED_VERSION, "protocol version: " + (char) version + expected);
        }
        throw ProtocolException.badMessage(String.format(
                "first four bytes: %02x%02x%02x%02x%s",
                buffer.get(position), buffer.get(position + 1), version, buffer.get(position + MAGIC_BYTES), expected));
    }

    private static int u16(ByteBuffer buffer, int position) {
        return (buffer.get(position) & 0xFF) << 8 | (buffer.get(position + 1) & 0xFF);
    }

    private static void putU16(ByteBuffer buffer, int position, int value) {
        buffer.put(position, (byte) (value >>> 8)).put(position + 1, (byte) value);
    }

    private static void unsigned(String field, long value, long max) {
        if (value < 0 || value > max) {
            throw new IllegalArgumentException(field + ": " + value + " (expected: 0 to " + max + ")");
        }
    }
}
