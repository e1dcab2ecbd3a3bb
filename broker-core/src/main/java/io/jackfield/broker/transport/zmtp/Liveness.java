package io.jackfield.broker.transport.zmtp;

import java.util.concurrent.TimeUnit;

/**
 * Whether a peer lives (RFC 37, heartbeats): whatever it sends says so, and it is asked with PING for at least that. A peer of ZMTP 3.0 does
 * not know PING and is judged only by a TTL that it gives of its own accord. Owned by the broker loop, looked at by each sweep.
 */
final class Liveness {
    /** Peers that came in one moment are not all asked in one moment. */
    private static final int SPREAD = 16;

    /** A TTL may be shorter than the time from one sweep to the next. */
    private static final int SLACK_MS = 2 * PeerChannels.SWEEP_MS;

    private final ZmtpLimits limits;
    private final boolean knowsPing;
    private boolean heard;
    private long heardNs;
    private long pingedNs;
    private int ttlMs;

    /**
     * @param minor of the ZMTP version in the peer's greeting
     * @param id of the connection
     */
    Liveness(ZmtpLimits limits, int minor, long id, long nowNs) {
        this.limits = limits;
        this.knowsPing = minor >= 1;
        this.heardNs = nowNs;
        this.pingedNs = nowNs - TimeUnit.MILLISECONDS.toNanos(limits.pingIntervalMs()) / (2 * SPREAD) * (id % SPREAD);
    }

    /** The peer sent something, or is excused. */
    void heard() {
        heard = true;
    }

    /** The peer says how long it may be silent, in ms; 0: it does not say. */
    void ttl(int ms) {
        ttlMs = ms;
    }

    /** Ends a peer that was silent for too long. */
    void judge(long nowNs) throws ZmtpViolation {
        if (heard) {
            heard = false;
            heardNs = nowNs;
            return;
        }
        if (knowsPing) {
            judge(nowNs, limits.pingTimeoutMs(), "ping-timeout: " + limits.pingTimeoutMs());
        }
        if (ttlMs > 0) {
            judge(nowNs, ttlMs + SLACK_MS, "its own TTL: " + ttlMs);
        }
    }

    /** Whether it is time to ask; true only once for each interval. */
    boolean pingDue(long nowNs) {
        boolean due = knowsPing && nowNs - pingedNs >= TimeUnit.MILLISECONDS.toNanos(limits.pingIntervalMs());
        if (due) {
            pingedNs = nowNs;
        }
        return due;
    }

    private void judge(long nowNs, int timeMs, String limit) throws ZmtpViolation {
        long silentMs = TimeUnit.NANOSECONDS.toMillis(nowNs - heardNs);
        if (silentMs > timeMs) {
            throw new ZmtpViolation(Refusal.SILENT, "nothing came for " + silentMs + " ms (" + limit + " ms)");
        }
    }
}
