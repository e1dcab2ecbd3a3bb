package io.jackfield.broker.transport;

import org.jspecify.annotations.Nullable;

/** An address cannot be listened on; the message gives the address, the cause and what to do. Code {@code BIND_FAILED}. */
public final class BindException extends Exception {
    private static final long serialVersionUID = 1L;

    public BindException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    public BindException(String message) {
        super(message);
    }
}
