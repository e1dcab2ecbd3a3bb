package io.jackfield.broker.tasks;

/** Where messages come from. Owned by the broker loop. */
public interface Inlet {
    /** False: sends nothing more until it is true again; what comes is left with the sender. Must not bring messages before it returns. */
    void reading(boolean on);

    /** Whether it has gone, and what it sent before comes as soon as it is read from. */
    boolean hasGone();
}
