package io.jackfield.broker.dispatch;

import io.jackfield.protocol.Failure;

/** A worker's registration is refused; the failure says why. */
public final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    public RefusedException(Failure failure) {
        super(failure.cause());
        this.failure = failure;
    }

    /** What to tell the worker. */
    public Failure failure() {
        return failure;
    }
}
