package io.jackfield.host;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Who still needs a generation: its owner, and the generations that are built on it. What is to be done when nobody does is done by whoever
 * lets go last. Safe for any thread.
 */
final class Holds {

    /** The owner's own is one of them. */
    private final AtomicInteger count = new AtomicInteger(1);

    private volatile Runnable whenFree = () -> {};

    /** Returns false if nobody holds it any more: it is too late. */
    boolean take() {
        int before = count.get();
        while (before > 0 && !count.compareAndSet(before, before + 1)) {
            before = count.get();
        }
        return before > 0;
    }

    void giveBack() {
        if (count.decrementAndGet() == 0) {
            whenFree.run();
        }
    }

    /** The owner lets go, once. */
    void leave(Runnable action) {
        whenFree = action;
        giveBack();
    }
}
