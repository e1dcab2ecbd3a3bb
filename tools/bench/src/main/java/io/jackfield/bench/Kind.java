package io.jackfield.bench;

import java.util.Locale;

/** Who answers, and how it is asked. */
enum Kind {
    /** A plain ZeroMQ worker in a process of its own. */
    WORKER,
    /** A handler in the broker, on the broker loop. */
    INLINE,
    /** A handler in the broker, on threads of its own. */
    THREADS,
    /** The handler on the broker loop, asked over HTTP. */
    HTTP,
    /** Whatever serves a service of a running broker. */
    SERVICE;

    /** As options, tables and JSON have it. */
    String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
