package io.jackfield.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Says that bytes break the protocol. The message has the form "what was given (expected: what)".
 *
 * <p>Bad bytes are an ordinary event at the edge, and an attacker may send many: no stack trace is recorded.
 */
public final class ProtocolException extends Exception {
    private static final String HINT = "compare the sender with docs/PROTOCOL.md";

    private final ErrorCode code;
    private final long requestId;

    /**
     * A breach whose request is not known.
     *
     * @param code what kind of breach
     * @param message what was given (expected: what)
     */
    public ProtocolException(ErrorCode code, String message) {
        this(code, message, 0, null);
    }

    /**
     * A breach that a library found.
     *
     * @param code what kind of breach
     * @param message what was given (expected: what)
     * @param cause what the library threw
     */
    public ProtocolException(ErrorCode code, String message, Throwable cause) {
        this(code, message, 0, cause);
    }

    private ProtocolException(ErrorCode code, String message, long requestId, @Nullable Throwable cause) {
        super(message, cause, false, false);
        this.code = code;
        this.requestId = requestId;
    }

    static ProtocolException badMessage(String message) {
        return new ProtocolException(ErrorCode.BAD_MESSAGE, message);
    }

    ProtocolException withRequestId(long id) {
        return new ProtocolException(code, message(), id, getCause());
    }

    /** The kind of breach: what the peer is told. */
    public ErrorCode code() {
        return code;
    }

    /** The id in the fixed header, unsigned; 0 when no whole fixed header was received. */
    public long requestId() {
        return requestId;
    }

    /** What was given, and what was expected. */
    public String message() {
        return String.valueOf(getMessage());
    }

    /** The failure to answer with. */
    public Failure failure() {
        return Failure.of(code, message(), HINT);
    }
}
