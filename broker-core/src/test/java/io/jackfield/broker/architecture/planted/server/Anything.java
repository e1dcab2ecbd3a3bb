package io.jackfield.broker.architecture.planted.server;

/** Nobody may know the wiring. */
public final class Anything {
    private Anything() {}
}
