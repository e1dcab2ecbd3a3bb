package io.jackfield.broker.transport.zmtp;

import io.jackfield.broker.transport.SocketType;
import java.util.concurrent.TimeUnit;

/**
 * Whether a peer lives (RFC 37, heartbeats): whatever it sends says so, and it is asked with PING for at least that. A peer of ZMTP 3.0 does
 * not know PING and is judged only by a TTL that it gives of its own accord.
 *
 * <p>libzmq reads nothing from its socket while the inbox of its program is full, PING included. So a peer that may have messages before it
 * that it has not read is judged by its host, which acknowledges what it is sent as long as it lives. Owned by the broker loop, looked at by
 * each sweep.
 */
final class Liveness {
    /** Peers that came in one moment are not all asked in one moment. */
    private static final int SPREAD = 16;

    /** A TTL may be shorter than the time from one sweep to the next. */
    private static final int SLACK_MS = 2 * PeerChannels.SWEEP_MS;

    private final ZmtpLimits limits;
    private final HostSilence host;
    private final boolean knowsPing;

    /** REQ and REP peers are sent one message and then none until they have sent one: no inbox is full of that. */
    private final boolean inboxFills;

    private boolean heard;
    private long heardNs;
    private long pingedNs;
    private int ttlMs;

    /** PINGs without a PONG, and what {@link Output#messageBytes} said when the first of them was sent. */
    private int pings;

    private long pingedBytes;

    /** The same of the last PING with a PONG: the messages before it were read. */
    private long readBytes;

    /** @param minor of the ZMTP version in the peer's greeting */
    Liveness(ZmtpLimits limits, ZmtpConnection peer, int minor, HostSilence host, long nowNs) {
        this.limits = limits;
        this.host = host;
        this.knowsPing = minor >= 1;
        this.inboxFills = peer.socketType() != SocketType.REQ && peer.socketType() != SocketType.REP;
        this.heardNs = nowNs;
        this.pingedNs =
                nowNs - TimeUnit.MILLISECONDS.toNanos(limits.pingIntervalMs()) / (2 * SPREAD) * (peer.id() % SPREAD);
    }

    /** The peer sent something, or is excused. */
    void heard() {
        heard = true;
    }

    /** The peer says how long it may be silent, in ms; 0: it does not say. */
    void ttl(int ms) {
        ttlMs = ms;
    }

    /**
     * The peer sent a PONG. libzmq answers several PINGs with one, when it could not write: which one it is, the context tells.
     *
     * @param behindBytes of messages that were sent before that PING; negative: the PONG has no context
     */
    void answered(long behindBytes) {
        pings = behindBytes < 0 ? Math.max(0, pings - 1) : 0;
        readBytes = Math.max(readBytes, behindBytes < 0 ? pingedBytes : behindBytes);
    }

    /**
     * Ends a peer that was silent for too long.
     *
     * @param messageBytes of all messages that it was sent
     */
    void judge(long nowNs, long messageBytes) throws ZmtpViolation {
        if (heard) {
            heard = false;
            heardNs = nowNs;
            return;
        }
        long silentMs = TimeUnit.NANOSECONDS.toMillis(nowNs - heardNs);
        if (knowsPing && silentMs > limits.pingTimeoutMs()) {
            boolean mayBeStalled = inboxFills && messageBytes > readBytes;
            if (!mayBeStalled || host.ms() > limits.pingTimeoutMs()) {
                throw silent(silentMs, "ping-timeout: " + limits.pingTimeoutMs());
            }
        }
        if (ttlMs > 0 && silentMs > ttlMs + SLACK_MS) {
            throw silent(silentMs, "its own TTL: " + ttlMs);
        }
    }

    /** Whether it is time to ask. */
    boolean isPingDue(long nowNs) {
        return knowsPing && nowNs - pingedNs >= TimeUnit.MILLISECONDS.toNanos(limits.pingIntervalMs());
    }

    /**
     * A PING was sent.
     *
     * @param messageBytes of all messages that were sent before it
     */
    void pinged(long nowNs, long messageBytes) {
        pingedNs = nowNs;
        if (pings == 0) {
            pingedBytes = messageBytes;
        }
        pings++;
    }

    private static ZmtpViolation silent(long silentMs, String limit) {
        return new ZmtpViolation(Refusal.SILENT, "nothing came for " + silentMs + " ms (" + limit + " ms)");
    }
}
