package io.jackfield.bench;

import java.util.Locale;

/** A broker of others, to measure beside ours. */
enum Rival {
    /** Its zmq_proxy, which knows no requests and no workers: it passes messages on. */
    LIBZMQ,
    /** A nats-server: requests by an inbox for replies, as its client libraries do it. */
    NATS;

    /** As the option and the table have it. */
    String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
