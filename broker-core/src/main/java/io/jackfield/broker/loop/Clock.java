package io.jackfield.broker.loop;

/** Monotonic time. */
@FunctionalInterface
public interface Clock {
    /** Nanoseconds from an arbitrary origin; only differences mean anything. */
    long nowNs();

    /** The machine's own clock. */
    static Clock system() {
        return System::nanoTime;
    }
}
