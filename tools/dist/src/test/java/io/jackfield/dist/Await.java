package io.jackfield.dist;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for a condition of another process, which can only be asked, with a deadline. */
final class Await {

    /** JeroMQ's first connection now and then says nothing, and is made anew by its own timer after 30 s (its issue 1022). */
    private static final Duration TIMEOUT = Duration.ofSeconds(50);

    private static final long PAUSE_NS = 5_000_000;

    private Await() {}

    static void until(String what, BooleanSupplier so) {
        until(what, TIMEOUT, so);
    }

    static void until(String what, Duration timeout, BooleanSupplier so) {
        long deadlineNs = System.nanoTime() + timeout.toNanos();
        while (!so.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new AssertionError("not within " + timeout + ": " + what);
            }
            LockSupport.parkNanos(PAUSE_NS);
        }
    }
}
