package io.jackfield.kit;

import java.util.HashSet;
import java.util.List;

/** The brokers that a program names. */
final class Endpoints {
    static final int MAX = 16;

    private Endpoints() {}

    static List<String> of(String... endpoints) {
        List<String> given = List.of(endpoints);
        if (given.isEmpty() || given.size() > MAX || new HashSet<>(given).size() < given.size()) {
            throw new IllegalArgumentException("endpoints: " + given + " (expected: 1 to " + MAX + ", each once)");
        }
        for (String endpoint : given) {
            if (!endpoint.startsWith("tcp://")) {
                // JeroMQ takes ipc:// too, for a TCP port that it makes out of the path: no other program is there.
                throw new IllegalArgumentException(
                        "endpoint: " + endpoint + " (expected: tcp://HOST:PORT; this kit has no Unix sockets)");
            }
        }
        return given;
    }
}
