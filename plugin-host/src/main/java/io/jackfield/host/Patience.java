package io.jackfield.host;

import org.jspecify.annotations.Nullable;

/**
 * How long a thread that has run many short calls waits awake for the next one: to put it to sleep and wake it takes as long as many such
 * calls, and whoever waits for their answers sends nothing new meanwhile. Each call earns a little, so that what is spent on waiting is
 * bounded by what was done. Owned by the thread.
 */
final class Patience {

    private static final long EARNED_NS = 500;
    private static final long MAX_NS = 100_000;

    /** For less it is not worth it: the answers go to their clients and new requests come, and that takes longer. */
    private static final long MIN_NS = 50_000;

    private final HostTime time;
    private final long maxNs;
    private long leftNs;
    private long waitedNs;

    /** @param any whether there is another processor for whoever is waited for */
    Patience(HostTime time, boolean any) {
        this.time = time;
        this.maxNs = any ? MAX_NS : 0;
    }

    /** A call was run. */
    void earn() {
        leftNs = Math.min(leftNs + EARNED_NS, maxNs);
    }

    /** The next that waits, or that comes before the patience ends; else null. */
    @Nullable
    HandlerCall await(WaitingCalls waiting) {
        waitedNs = 0;
        HandlerCall next = waiting.poll();
        if (next != null || leftNs < MIN_NS) {
            return next;
        }
        long beginNs = time.nowNs();
        long tookNs = 0;
        while (next == null && tookNs < leftNs) {
            Thread.onSpinWait();
            next = waiting.poll();
            tookNs = time.nowNs() - beginNs;
        }
        leftNs = Math.max(0, leftNs - tookNs);
        waitedNs = tookNs;
        return next;
    }

    /** How long {@link #await} took the last time. */
    long waitedNs() {
        return waitedNs;
    }
}
