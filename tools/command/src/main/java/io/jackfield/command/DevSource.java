package io.jackfield.command;

import java.nio.file.Path;
import java.util.Optional;

/** Where new builds of a plugin come from; looked at again and again by one thread. */
interface DevSource {

    /** A build's jar. */
    record Built(Path jar, String sha256) {}

    /** What was built, when it has stayed the same for some looks and was not given before. */
    Optional<Built> next();

    /** Why nothing can be made of what is there; told once. */
    default Optional<String> problem() {
        return Optional.empty();
    }
}
