package io.jackfield.broker.architecture.planted.pubsub;

/** What another feature must not know. */
public final class Anything {
    private Anything() {}
}
