package io.jackfield.broker.transport.zmtp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The commands that are understood here: {@code [name length, 1 byte] [name] [data]} (RFC 37). */
enum Command {
    READY,
    ERROR,
    PING,
    PONG,
    SUBSCRIBE,
    CANCEL,
    OTHER;

    /** Bytes before the context in a PING: the sender's TTL. */
    private static final int PING_TTL_BYTES = 2;

    /** Unit of a TTL on the wire. */
    private static final int PING_TTL_MS = 100;

    private static final int PING_CONTEXT_BYTES_MAX = 16;

    private static final int ERROR_REASON_BYTES_MAX = 255;

    /** Reads the name; the position is behind it then. */
    static Command of(ByteBuffer command) throws ZmtpViolation {
        if (!command.hasRemaining()) {
            throw new ZmtpViolation(Refusal.BAD_COMMAND, "a command without a name");
        }
        int length = command.get() & 0xff;
        if (length == 0 || length > command.remaining()) {
            throw new ZmtpViolation(
                    Refusal.BAD_COMMAND,
                    "length of a command's name: " + length + " (expected: 1 to " + command.remaining() + ")");
        }
        ByteBuffer name = command.slice(command.position(), length);
        command.position(command.position() + length);
        for (Command known : values()) {
            if (known != OTHER && known.isNamed(name)) {
                return known;
            }
        }
        return OTHER;
    }

    /** The reason in an ERROR whose name has been read, fit for a log. */
    static String errorReason(ByteBuffer data) {
        int length = data.hasRemaining() ? Math.min(data.get() & 0xff, data.remaining()) : 0;
        StringBuilder reason = new StringBuilder("ERROR from the peer: ");
        for (int i = 0; i < length; i++) {
            char c = (char) data.get();
            reason.append(c >= ' ' && c < 0x7f ? c : '?');
        }
        return reason.toString();
    }

    /** The TTL in a PING whose name has been read, in ms: the sender is gone if it says nothing more for so long; 0: it does not say. */
    static int pingTtlMs(ByteBuffer data) throws ZmtpViolation {
        int length = data.remaining() - PING_TTL_BYTES;
        if (length < 0 || length > PING_CONTEXT_BYTES_MAX) {
            throw new ZmtpViolation(
                    Refusal.BAD_COMMAND,
                    "length of a PING's data: " + data.remaining() + " (expected: " + PING_TTL_BYTES + " to "
                            + (PING_TTL_BYTES + PING_CONTEXT_BYTES_MAX) + ")");
        }
        return (data.getShort() & 0xffff) * PING_TTL_MS;
    }

    /** The context in a PING whose TTL has been read: what the PONG must bring back. */
    static byte[] pingContext(ByteBuffer data) {
        byte[] context = new byte[data.remaining()];
        data.get(context);
        return context;
    }

    /** Body of a PING whose context is that number. */
    static byte[] ping(int ttlMs, long context) {
        return PING.body(ByteBuffer.allocate(PING_TTL_BYTES + Long.BYTES)
                .putShort((short) (ttlMs / PING_TTL_MS))
                .putLong(context)
                .array());
    }

    /** The number that was the context of the PING that a PONG, whose name has been read, answers; -1: it brings back none. */
    static long pongContext(ByteBuffer data) {
        return data.remaining() == Long.BYTES ? data.getLong() : -1;
    }

    /** Body of an ERROR command. */
    static byte[] error(String reason) {
        byte[] text = reason.getBytes(StandardCharsets.US_ASCII);
        int length = Math.min(text.length, ERROR_REASON_BYTES_MAX);
        return ERROR.body(ByteBuffer.allocate(1 + length)
                .put((byte) length)
                .put(text, 0, length)
                .array());
    }

    /** Body of this command with the data. */
    byte[] body(byte[] data) {
        byte[] wireName = name().getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(1 + wireName.length + data.length)
                .put((byte) wireName.length)
                .put(wireName)
                .put(data)
                .array();
    }

    private boolean isNamed(ByteBuffer wireName) {
        if (wireName.remaining() != name().length()) {
            return false;
        }
        for (int i = 0; i < wireName.remaining(); i++) {
            if (wireName.get(wireName.position() + i) != name().charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
