package io.jackfield.broker.tasks;

/** Where messages come from. Owned by the broker loop. */
@FunctionalInterface
public interface Inlet {
    /** False: sends nothing more until it is true again; what comes is left with the sender. Must not bring messages before it returns. */
    void reading(boolean on);
}
