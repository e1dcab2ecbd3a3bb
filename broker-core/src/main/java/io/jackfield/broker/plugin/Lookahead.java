package io.jackfield.broker.plugin;

/**
 * How many requests a handler gets beyond those that its threads can run at a time. None until it has shown to be quick, for what waits
 * there cannot go to another worker; then so many that its threads find the next one without waiting for the loop. Owned by the broker loop.
 *
 * <p>One request at a time is watched from when it is given to its answer.
 */
final class Lookahead {
    /** A request that is answered within it may have had others before it: twice as many may wait. */
    static final long QUICK_NS = 1_000_000;

    /** Longer than that, nothing waits but in the service's queue. */
    static final long SLOW_NS = 8_000_000;

    /** A request that waited and was answered within it: its handler takes far less than to wake a thread for each. */
    private static final long VERY_QUICK_NS = 500_000;

    private static final int REQUESTS_FIRST = 8;
    private static final long NOBODY = -1;

    private final int requestsMax;
    private int requests;
    private long watched = NOBODY;
    private long sinceNs;
    private boolean veryQuick;

    /** @param requestsMax that ever wait for the handler's threads */
    Lookahead(int requestsMax) {
        this.requestsMax = requestsMax;
    }

    /** How many may wait now. */
    int requests() {
        return requests;
    }

    /** Whether requests and answers are better handed over many at a time than each at once. */
    boolean isVeryQuick() {
        return veryQuick;
    }

    /** The request of that token is given to the handler. Returns true if fewer may wait from now on: an answer is late. */
    boolean given(long token, long nowNs) {
        if (watched == NOBODY) {
            watched = token;
            sinceNs = nowNs;
            return false;
        }
        boolean late = requests > 0 && nowNs - sinceNs > SLOW_NS;
        if (late) {
            requests = 0;
            veryQuick = false;
        }
        return late;
    }

    /** Whether the answer to that token says something. */
    boolean watches(long token) {
        return watched == token;
    }

    /** The request that is watched was answered. */
    void answered(long nowNs) {
        watched = NOBODY;
        long tookNs = nowNs - sinceNs;
        veryQuick = tookNs <= VERY_QUICK_NS;
        if (tookNs <= QUICK_NS) {
            requests = Math.min(Math.max(REQUESTS_FIRST, requests * 2), requestsMax);
        } else {
            requests = tookNs > SLOW_NS ? 0 : requests / 2;
        }
    }
}
