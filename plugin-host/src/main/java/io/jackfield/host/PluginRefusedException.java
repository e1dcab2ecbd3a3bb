package io.jackfield.host;

import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import org.jspecify.annotations.Nullable;

/** A jar that is not loaded, and why: a code from PLUGIN_UNREADABLE to PLUGIN_START_FAILED or BAD_SERVICE_NAME. */
public final class PluginRefusedException extends Exception {

    private final transient Failure failure;

    PluginRefusedException(ErrorCode code, String cause, String hint) {
        this(code, cause, hint, null);
    }

    PluginRefusedException(ErrorCode code, String cause, String hint, @Nullable Throwable origin) {
        super(cause, origin);
        this.failure = Failure.of(code, cause, hint);
    }

    /** Code, cause and hint, as log and admin view show them. */
    public Failure failure() {
        return failure;
    }
}
