package io.jackfield.protocol;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Why something did not work, as every dialect tells it (PROTOCOL.md section 5).
 *
 * @param code the kind of failure
 * @param cause what happened, with the values that matter; it may hold any characters
 * @param hint what to do about it; empty where there is nothing to say
 * @param retryAfterMs time in milliseconds after which a retry may help, 0 to 4294967295; 0: not known
 */
public record Failure(ErrorCode code, String cause, String hint, long retryAfterMs) {
    private static final long MS_PER_SECOND = 1000;

    /**
     * Checks the time.
     *
     * @throws IllegalArgumentException when it is out of range
     */
    public Failure {
        if (retryAfterMs < 0 || retryAfterMs > Limits.U32_MAX) {
            throw new IllegalArgumentException(
                    "retry-after in ms: " + retryAfterMs + " (expected: 0 to " + Limits.U32_MAX + ")");
        }
    }

    /**
     * A failure after which no time is known that a retry should wait.
     *
     * @param code the kind of failure
     * @param cause what happened
     * @param hint what to do about it, or empty
     * @return the failure
     */
    public static Failure of(ErrorCode code, String cause, String hint) {
        return new Failure(code, cause, hint, 0);
    }

    /** The one line that plain and MDP clients receive: at most 1024 bytes of UTF-8, no control characters. */
    public String errorLine() {
        return Utf8.cut(Utf8.withoutControls("JACKFIELD-ERROR " + summary()), Limits.ERROR_LINE_BYTES_MAX);
    }

    /** Everything in one line for logs and people: {@code NUMBER NAME: cause (hint)}, with whatever characters are in it. */
    public String summary() {
        return code.number() + " " + code.name() + ": " + cause + (hint.isEmpty() ? "" : " (" + hint + ")");
    }

    /** {@link #retryAfterMs} in whole seconds, rounded up, as HTTP's {@code Retry-After} wants it; 0: not known. */
    public long retryAfterSeconds() {
        return (retryAfterMs + MS_PER_SECOND - 1) / MS_PER_SECOND;
    }

    /** The members of {@code application/problem+json} in order; values are String, Integer or Boolean. */
    public Map<String, Object> problem() {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("type", code.problemType());
        members.put("title", code.text());
        members.put("status", code.httpStatus());
        members.put("detail", cause);
        members.put("code", code.number());
        members.put("name", code.name());
        if (!hint.isEmpty()) {
            members.put("hint", hint);
        }
        members.put("retryable", code.retryable());
        return members;
    }
}
