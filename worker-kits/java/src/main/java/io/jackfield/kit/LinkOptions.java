package io.jackfield.kit;

/**
 * How a link connects and when it gives up.
 *
 * @param endpoint for example {@code tcp://127.0.0.1:5555}
 * @param heartbeatMs silence after which the broker is asked for a sign of life
 * @param liveness intervals of silence after which the broker is given up
 * @param triesOnce where nobody listens, the session ends instead of trying again
 */
record LinkOptions(
        String endpoint,
        String threadName,
        long heartbeatMs,
        int liveness,
        int messageBytesMax,
        long outputBytesMax,
        boolean triesOnce) {
    static final long HEARTBEAT_MS = 1000;
    static final int LIVENESS = 3;
    static final int BODY_BYTES_MAX = 16 << 20;
    /** What may stand around a body: the broker's {@code message-bytes-max} leaves as much. */
    static final int ENVELOPE_BYTES_MAX = 64 << 10;

    long silenceMaxMs() {
        return heartbeatMs * liveness;
    }

    static int requireBodyBytes(int bytes) {
        if (bytes < 1 || bytes > Integer.MAX_VALUE - ENVELOPE_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "body-bytes-max: " + bytes + " (expected: 1 to " + (Integer.MAX_VALUE - ENVELOPE_BYTES_MAX) + ")");
        }
        return bytes;
    }

    static long requireHeartbeat(long intervalMs) {
        if (intervalMs < 10 || intervalMs > 3_600_000) {
            throw new IllegalArgumentException("heartbeat: " + intervalMs + " ms (expected: 10 to 3600000)");
        }
        return intervalMs;
    }

    static int requireLiveness(int intervals) {
        if (intervals < 2 || intervals > 100) {
            throw new IllegalArgumentException("liveness: " + intervals + " (expected: 2 to 100)");
        }
        return intervals;
    }
}
