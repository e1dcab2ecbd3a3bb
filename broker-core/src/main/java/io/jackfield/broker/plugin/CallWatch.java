package io.jackfield.broker.plugin;

import java.util.HashMap;
import java.util.Map;

/** Counts how the calls of one generation end, from when it is made. Knows no clock; owned by the broker loop. */
final class CallWatch {
    private record Begun(long atNs, long deadlineNs) {}

    private final long latencyNsMax;
    private final Map<Long, Begun> running = new HashMap<>();
    private long ended;
    private long failed;
    private long slow;

    /** @param latencyMsMax of a call that is not slow; 0: none is */
    CallWatch(long latencyMsMax) {
        this.latencyNsMax = latencyMsMax == 0 ? Long.MAX_VALUE : latencyMsMax * 1_000_000;
    }

    /**
     * Of all calls that have begun since.
     *
     * @param ended with a reply or a failure, or not in time
     * @param failed of those, for a reason that is not the client's
     * @param slow of those, however they ended
     */
    record Counts(long ended, long failed, long slow) {}

    Counts counts() {
        return new Counts(ended, failed, slow);
    }

    void began(long token, long nowNs, long deadlineNs) {
        running.put(token, new Begun(nowNs, deadlineNs));
    }

    void ended(long token, boolean isFault, long nowNs) {
        Begun begun = running.remove(token);
        if (begun != null) {
            count(begun, isFault, nowNs);
        }
    }

    /** A client that goes away says nothing of the handler; one whose time is over does. */
    void cancelled(long token, long nowNs) {
        Begun begun = running.remove(token);
        if (begun != null && nowNs - begun.deadlineNs >= 0) {
            count(begun, true, nowNs);
        }
    }

    private void count(Begun begun, boolean isFault, long nowNs) {
        ended++;
        failed += isFault ? 1 : 0;
        slow += nowNs - begun.atNs > latencyNsMax ? 1 : 0;
    }
}
