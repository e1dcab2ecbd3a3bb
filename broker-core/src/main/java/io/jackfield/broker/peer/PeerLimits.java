package io.jackfield.broker.peer;

/**
 * What one peer may do.
 *
 * @param clientRequestsMax requests of one client that have not ended
 * @param badMessagesMax bad messages of one peer before its connection is closed
 * @param bodyBytesMax bytes of a body, all parts together
 * @param heartbeatIntervalMs time between heartbeats to MDP workers, and what JF1 peers are asked to keep
 * @param heartbeatLiveness intervals that an idle worker may be silent
 * @param patterns what peers may do that neither ask nor answer
 */
public record PeerLimits(
        int clientRequestsMax,
        int badMessagesMax,
        int bodyBytesMax,
        long heartbeatIntervalMs,
        int heartbeatLiveness,
        PatternLimits patterns) {
    /** What holds where the configuration says nothing. */
    public static final PeerLimits DEFAULT = new PeerLimits(10_000, 100, 16 << 20, 2500, 3);

    /** With the defaults for what has no requests. */
    public PeerLimits(
            int clientRequestsMax,
            int badMessagesMax,
            int bodyBytesMax,
            long heartbeatIntervalMs,
            int heartbeatLiveness) {
        this(
                clientRequestsMax,
                badMessagesMax,
                bodyBytesMax,
                heartbeatIntervalMs,
                heartbeatLiveness,
                PatternLimits.DEFAULT);
    }

    public PeerLimits {
        requirePositive("client-requests-max", clientRequestsMax);
        requirePositive("bad-messages-max", badMessagesMax);
        requirePositive("body-bytes-max", bodyBytesMax);
        requirePositive("heartbeat-interval", heartbeatIntervalMs);
        requirePositive("heartbeat-liveness", heartbeatLiveness);
    }

    long heartbeatIntervalNs() {
        return heartbeatIntervalMs * 1_000_000;
    }

    private static void requirePositive(String name, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
        }
    }
}
