package io.jackfield.bench;

import java.util.Locale;

/** Who answers, and how it is asked. */
enum Kind {
    /** A plain ZeroMQ worker in a process of its own. */
    WORKER("worker"),
    /** A handler in the broker, on the broker loop. */
    INLINE("handler"),
    /** A handler in the broker, on threads of its own. */
    THREADS("handler, threads"),
    /** The handler on the broker loop, asked over HTTP. */
    HTTP("over HTTP"),
    /** Whatever serves a service of a running broker. */
    SERVICE("service");

    private final String shown;

    Kind(String shown) {
        this.shown = shown;
    }

    String shown() {
        return shown;
    }

    /** As options and JSON have it. */
    String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Kind ofKey(String key) {
        return valueOf(key.toUpperCase(Locale.ROOT));
    }
}
