package io.jackfield.kit;

import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.util.concurrent.ExecutionException;

/** A request ended without a reply; says why with a code of the registry, a cause and a hint. */
public final class RequestFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    RequestFailedException(Failure failure) {
        super(failure.summary());
        this.failure = failure;
    }

    /** The same failure with the trace of whoever waited for it. */
    static RuntimeException again(ExecutionException thrown) {
        return thrown.getCause() instanceof RequestFailedException failed
                ? new RequestFailedException(failed.failure)
                : new IllegalStateException("a request ended in an unforeseen way", thrown);
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
