package io.jackfield.kit;

import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;

/** A request ended without a reply; says why with a code of the registry, a cause and a hint. */
public final class RequestFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    RequestFailedException(Failure failure) {
        super(failure.summary());
        this.failure = failure;
    }

    /** Code, cause, hint, and when to try again. */
    public Failure failure() {
        return failure;
    }

    /** The code alone. */
    public ErrorCode code() {
        return failure.code();
    }
}
