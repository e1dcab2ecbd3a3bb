package io.jackfield.broker.architecture.planted.dispatch;

/** A state machine with a clock of its own. */
public final class ReadsTheClock {
    long now = System.nanoTime();
}
