package io.jackfield.api;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Ends a request with a failure that the client can act on: a code of Jackfield's registry, what was wrong, and what to
 * do about it. Immutable but for what {@link Throwable} adds.
 *
 * @since 0.1
 */
public class HandlerException extends RuntimeException {

    private static final Pattern CODE = Pattern.compile("[A-Z][A-Z0-9_]{0,63}");

    private final String code;
    private final String hint;

    /**
     * A failure of any code.
     *
     * @param code a name of the registry of error codes, such as {@code BAD_REQUEST}; a name that the host does not know
     *     reaches the client as {@code HANDLER_FAILED}
     * @param cause what was wrong, with the value that was given and what was expected
     * @param hint what the client can do, or empty
     * @throws IllegalArgumentException if the code is not a name in capitals
     */
    public HandlerException(String code, String cause, String hint) {
        super(Objects.requireNonNull(cause, "cause"));
        if (!CODE.matcher(code).matches()) {
            throw new IllegalArgumentException("code: " + code + " (expected: capitals, digits and _)");
        }
        this.code = code;
        this.hint = Objects.requireNonNull(hint, "hint");
    }

    /**
     * The request cannot be understood: {@code BAD_REQUEST}. The client must change it; a retry does not help.
     *
     * @param cause what was wrong, with the value that was given and what was expected
     * @param hint what the client can do, or empty
     * @return the exception, to be thrown
     */
    public static HandlerException badRequest(String cause, String hint) {
        return new HandlerException("BAD_REQUEST", cause, hint);
    }

    /**
     * The registry's name of the failure.
     *
     * @return the name
     */
    public final String code() {
        return code;
    }

    /**
     * What the client can do.
     *
     * @return one sentence, or empty
     */
    public final String hint() {
        return hint;
    }
}
