package io.jackfield.host;

import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A jar that is not loaded, and why: a code from PLUGIN_UNREADABLE to PLUGIN_START_FAILED, BAD_SERVICE_NAME or PLUGIN_DEPENDENCY. */
public final class PluginRefusedException extends Exception {

    private final transient Failure failure;
    private transient Optional<Path> jar = Optional.empty();

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

    /** Which jar, where several were given. */
    public Optional<Path> jar() {
        return jar;
    }

    /** Says which jar it is. */
    PluginRefusedException of(Path refused) {
        jar = Optional.of(refused);
        return this;
    }
}
