package io.jackfield.protocol;

import java.nio.ByteBuffer;

/**
 * One service that a worker offers: a body part of READY (PROTOCOL.md section 4.3), encoded as a header block.
 *
 * @param name the service
 * @param version of the service, {@code 0} where the worker says none
 * @param idempotent whether a request may be carried out more than once
 * @param timeoutMs time for a request in milliseconds, 1 to 4294967295; 0: the broker's own
 */
public record ServiceDeclaration(String name, String version, boolean idempotent, long timeoutMs) {
    /** The version of a service whose worker says none. */
    public static final String VERSION_DEFAULT = "0";

    private static final String NAME = "name";
    private static final String VERSION = "version";
    private static final String IDEMPOTENT = "idempotent";
    private static final String TIMEOUT_MS = "timeout-ms";
    private static final int TIMEOUT_DIGITS_MAX = 10;

    /**
     * Checks every value.
     *
     * @throws IllegalArgumentException when the name or version is not allowed, or the timeout out of range
     */
    public ServiceDeclaration {
        try {
            ServiceName.parse(name);
        } catch (ProtocolException e) {
            throw new IllegalArgumentException(e.message(), e);
        }
        if (!Headers.isValue(version)) {
            throw new IllegalArgumentException(
                    "version of service " + name + ": not allowed (expected: a header value)");
        }
        if (timeoutMs < 0 || timeoutMs > Limits.U32_MAX) {
            throw new IllegalArgumentException(
                    "timeout-ms of service " + name + ": " + timeoutMs + " (expected: 0 to " + Limits.U32_MAX + ")");
        }
    }

    /**
     * A service with all defaults.
     *
     * @param name the service
     * @return its declaration
     * @throws IllegalArgumentException when the name is not allowed
     */
    public static ServiceDeclaration of(String name) {
        return new ServiceDeclaration(name, VERSION_DEFAULT, false, 0);
    }

    /**
     * Reads a declaration: all that remains of the buffer, whose position stays. Unknown names in it are left alone.
     *
     * @param part a body part of READY
     * @return the declaration
     * @throws ProtocolException {@code BAD_MESSAGE}, or {@code BAD_SERVICE_NAME}
     */
    public static ServiceDeclaration decode(ByteBuffer part) throws ProtocolException {
        Headers fields = Headers.decode(part);
        String name = ServiceName.parse(fields.value(NAME)
                .orElseThrow(() -> ProtocolException.badMessage("declaration of a service: no name (expected: name)")));
        String idempotent = fields.value(IDEMPOTENT).orElse("false");
        if (!idempotent.equals("true") && !idempotent.equals("false")) {
            throw ProtocolException.badMessage(
                    "idempotent of service " + name + ": " + idempotent + " (expected: true or false)");
        }
        String timeout = fields.value(TIMEOUT_MS).orElse("");
        long timeoutMs = fields.value(TIMEOUT_MS).isPresent() ? parseTimeoutMs(name, timeout) : 0;
        return new ServiceDeclaration(
                name, fields.value(VERSION).orElse(VERSION_DEFAULT), idempotent.equals("true"), timeoutMs);
    }

    /** The body part of READY; values that are defaults are left out. */
    public ByteBuffer encode() {
        Headers fields = Headers.of(NAME, name);
        if (!version.equals(VERSION_DEFAULT)) {
            fields = fields.with(VERSION, version);
        }
        if (idempotent) {
            fields = fields.with(IDEMPOTENT, "true");
        }
        if (timeoutMs > 0) {
            fields = fields.with(TIMEOUT_MS, Long.toString(timeoutMs));
        }
        return fields.encoded();
    }

    private static long parseTimeoutMs(String service, String text) throws ProtocolException {
        long value = 0;
        boolean digits = !text.isEmpty() && text.length() <= TIMEOUT_DIGITS_MAX;
        for (int i = 0; digits && i < text.length(); i++) {
            char digit = text.charAt(i);
            digits = digit >= '0' && digit <= '9';
            value = value * 10 + (digit - '0');
        }
        if (!digits || value == 0 || value > Limits.U32_MAX) {
            throw ProtocolException.badMessage("timeout-ms of service " + service + ": " + Utf8.cut(text, 32)
                    + " (expected: 1 to " + Limits.U32_MAX + ")");
        }
        return value;
    }
}
