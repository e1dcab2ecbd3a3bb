package io.jackfield.broker.architecture.planted.peer;

/** What others must not know. */
public final class Anything {
    private Anything() {}
}
