package io.jackfield.kit;

import java.util.List;

/** How a client connects and when it gives up; {@link #connect} begins. Used by one thread. */
public final class ClientOptions {
    private static final long OUTPUT_BYTES_MAX = 64L << 20;
    private static final int RETRIES_MAX = 2;

    final List<String> endpoints;
    int retriesMax = RETRIES_MAX;
    int bodyBytesMax = LinkOptions.BODY_BYTES_MAX;
    private long heartbeatMs = LinkOptions.HEARTBEAT_MS;
    private int liveness = LinkOptions.LIVENESS;

    ClientOptions(List<String> endpoints) {
        this.endpoints = endpoints;
    }

    /** How often an idempotent request is asked again, from 0 to 100; by default 2. */
    public ClientOptions retriesMax(int retries) {
        if (retries < 0 || retries > 100) {
            throw new IllegalArgumentException("retries: " + retries + " (expected: 0 to 100)");
        }
        retriesMax = retries;
        return this;
    }

    /** Bytes of the greatest body to send or receive: by default 16 MiB, as the broker's own {@code body-bytes-max}. */
    public ClientOptions bodyBytesMax(int bytes) {
        bodyBytesMax = LinkOptions.requireBodyBytes(bytes);
        return this;
    }

    /** Silence, from 10 milliseconds to an hour, after which the broker is asked for a sign of life: by default 1000. */
    public ClientOptions heartbeatMs(long intervalMs) {
        heartbeatMs = LinkOptions.requireHeartbeat(intervalMs);
        return this;
    }

    /** Intervals of silence, from 2 to 100, after which the broker is given up: by default 3. */
    public ClientOptions liveness(int intervals) {
        liveness = LinkOptions.requireLiveness(intervals);
        return this;
    }

    /** A client of these brokers, none of which need be there yet. */
    public Client connect() {
        return new Client(this);
    }

    LinkOptions link(int broker, String threadName) {
        return new LinkOptions(
                endpoints.get(broker),
                threadName,
                heartbeatMs,
                liveness,
                bodyBytesMax + LinkOptions.ENVELOPE_BYTES_MAX,
                Math.max(OUTPUT_BYTES_MAX, 2L * bodyBytesMax),
                endpoints.size() > 1);
    }

    long silenceMaxMs() {
        return heartbeatMs * liveness;
    }
}
