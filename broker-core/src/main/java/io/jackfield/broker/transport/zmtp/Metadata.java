package io.jackfield.broker.transport.zmtp;

import io.jackfield.broker.transport.SocketType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a peer says of itself in the handshake. Immutable.
 *
 * <pre>
 *   metadata:  ( [name length, 1 byte] [name] [value length, 4 bytes] [value] )*
 * </pre>
 */
final class Metadata {
    private static final String SOCKET_TYPE = "socket-type";
    private static final String IDENTITY = "identity";
    private static final int IDENTITY_BYTES_MAX = 255;
    private static final int VALUE_LENGTH_BYTES = 4;
    private static final int NAME_SHOWN_MAX = 64;

    private final SocketType socketType;
    private final ByteBuffer identity;

    private Metadata(SocketType socketType, ByteBuffer identity) {
        this.socketType = socketType;
        this.identity = identity;
    }

    /** Reads and checks what is between position and limit. */
    static Metadata parse(ByteBuffer data) throws ZmtpViolation {
        Map<String, ByteBuffer> properties = properties(data);
        ByteBuffer type = properties.get(SOCKET_TYPE);
        if (type == null) {
            throw new ZmtpViolation(Refusal.BAD_COMMAND, "READY without Socket-Type");
        }
        ByteBuffer identity = properties.getOrDefault(IDENTITY, ByteBuffer.allocate(0));
        if (identity.remaining() > IDENTITY_BYTES_MAX) {
            throw new ZmtpViolation(
                    Refusal.BAD_COMMAND,
                    "length of Identity: " + identity.remaining() + " (expected: <= " + IDENTITY_BYTES_MAX + ")");
        }
        return new Metadata(socketType(type), identity);
    }

    /** Ours: nothing but the socket type. */
    static byte[] encoded(SocketType type) {
        byte[] name = "Socket-Type".getBytes(StandardCharsets.US_ASCII);
        byte[] value = type.name().getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(1 + name.length + VALUE_LENGTH_BYTES + value.length)
                .put((byte) name.length)
                .put(name)
                .putInt(value.length)
                .put(value)
                .array();
    }

    SocketType socketType() {
        return socketType;
    }

    /** The name that the peer gave itself, possibly empty. It proves nothing: any peer may say any name. */
    ByteBuffer identity() {
        return identity.asReadOnlyBuffer();
    }

    private static SocketType socketType(ByteBuffer value) throws ZmtpViolation {
        String name = ascii(value);
        Optional<SocketType> type = SocketType.named(name);
        if (type.isEmpty()) {
            throw new ZmtpViolation(Refusal.WRONG_SOCKET_TYPE, "socket type " + name + " is not known here");
        }
        return type.get();
    }

    /** Names are compared without case (RFC 37); the first of equal names counts. */
    private static Map<String, ByteBuffer> properties(ByteBuffer data) throws ZmtpViolation {
        Map<String, ByteBuffer> properties = new TreeMap<>();
        while (data.hasRemaining()) {
            ByteBuffer name = field(data, data.get() & 0xff);
            if (!name.hasRemaining() || data.remaining() < VALUE_LENGTH_BYTES) {
                throw truncated();
            }
            properties.putIfAbsent(ascii(name).toLowerCase(Locale.ROOT), field(data, data.getInt()));
        }
        return properties;
    }

    /** A copy of the next bytes: the metadata outlives the buffer it was read from. */
    private static ByteBuffer field(ByteBuffer data, int length) throws ZmtpViolation {
        if (length < 0 || length > data.remaining()) {
            throw truncated();
        }
        byte[] copy = new byte[length];
        data.get(copy);
        return ByteBuffer.wrap(copy);
    }

    private static ZmtpViolation truncated() {
        return new ZmtpViolation(Refusal.BAD_COMMAND, "a READY property's length is zero or beyond the command's end");
    }

    /** Text of a peer, fit for a log. */
    static String shown(String text) {
        return text.replaceAll("[^ -~]", "?");
    }

    /** Fit for a log; what is compared with it is shorter than where it is cut off. */
    private static String ascii(ByteBuffer bytes) {
        int length = Math.min(bytes.remaining(), NAME_SHOWN_MAX);
        String text = StandardCharsets.US_ASCII
                .decode(bytes.slice(bytes.position(), length))
                .toString();
        return shown(text);
    }
}
