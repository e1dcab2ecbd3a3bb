package io.jackfield.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Optional;

/**
 * The rule for service names (PROTOCOL.md section 1): 1 to 255 bytes of UTF-8 without control characters, space, {@code @}
 * or {@code /}. A name that was checked once travels as a plain String.
 */
public final class ServiceName {
    private static final String EXPECTED =
            " (expected: 1 to " + Limits.SERVICE_NAME_BYTES_MAX + " bytes without control characters, space, @ or /)";

    private ServiceName() {}

    /**
     * Checks a name that comes from a program or a configuration.
     *
     * @param name any text
     * @return the name
     * @throws ProtocolException {@code BAD_SERVICE_NAME}
     */
    public static String parse(String name) throws ProtocolException {
        Optional<String> complaint = complaint(name);
        if (complaint.isPresent()) {
            throw bad(complaint.get());
        }
        return name;
    }

    /**
     * Reads a name from the wire: all that remains of the buffer, whose position stays.
     *
     * @param bytes the name
     * @return the name
     * @throws ProtocolException {@code BAD_SERVICE_NAME}
     */
    public static String parse(ByteBuffer bytes) throws ProtocolException {
        if (bytes.remaining() > Limits.SERVICE_NAME_BYTES_MAX) {
            throw bad(bytes.remaining() + " bytes");
        }
        try {
            return parse(Utf8.decode(bytes));
        } catch (CharacterCodingException e) {
            throw bad("not UTF-8");
        }
    }

    /**
     * Tells whether a name belongs to the broker, so that no worker or plugin may register it.
     *
     * @param name a checked name
     * @return whether it begins with {@code jf.} or {@code mmi.}
     */
    public static boolean isReserved(String name) {
        return name.startsWith("jf.") || name.startsWith("mmi.");
    }

    private static Optional<String> complaint(String name) {
        for (int i = 0; i < name.length(); i++) {
            char character = name.charAt(i);
            if (Utf8.isControl(character) || character == ' ' || character == '@' || character == '/') {
                return Optional.of(String.format("U+%04X at index %d", (int) character, i));
            }
        }
        int bytes = Utf8.length(name);
        if (bytes < 0) {
            return Optional.of("half of a surrogate pair");
        }
        return bytes == 0 || bytes > Limits.SERVICE_NAME_BYTES_MAX ? Optional.of(bytes + " bytes") : Optional.empty();
    }

    private static ProtocolException bad(String given) {
        return new ProtocolException(ErrorCode.BAD_SERVICE_NAME, "service name: " + given + EXPECTED);
    }
}
