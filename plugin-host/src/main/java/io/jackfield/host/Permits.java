package io.jackfield.host;

import java.util.concurrent.atomic.AtomicInteger;

/** How many calls of one handler run at a time. Safe for any thread. */
final class Permits {

    private final int max;
    private final AtomicInteger taken = new AtomicInteger();

    Permits(int max) {
        this.max = max;
    }

    int taken() {
        return taken.get();
    }

    int free() {
        return Math.max(0, max - taken.get());
    }

    boolean tryTake() {
        int now = taken.get();
        while (now < max) {
            if (taken.compareAndSet(now, now + 1)) {
                return true;
            }
            now = taken.get();
        }
        return false;
    }

    /** Returns whether it was given back: never the last one. */
    boolean giveBackUnlessLast() {
        int now = taken.get();
        while (now > 1) {
            if (taken.compareAndSet(now, now - 1)) {
                return true;
            }
            now = taken.get();
        }
        return false;
    }

    void giveBack() {
        taken.decrementAndGet();
    }
}
