package io.jackfield.broker.server.config;

import io.jackfield.broker.dispatch.DispatchLimits;
import io.jackfield.broker.peer.PatternLimits;
import io.jackfield.broker.server.config.BrokerConfig.ConnectRetry;
import io.jackfield.broker.server.config.BrokerConfig.Limits;
import io.jackfield.broker.server.config.BrokerConfig.Ping;
import java.util.Optional;

/** The key {@code limits} and what is under it. */
final class LimitsReader {
    private static final long HOUR_MS = 3_600_000;
    private static final long GIB = 1L << 30;
    private static final long FRAME_OVERHEAD_BYTES = 64 << 10;
    private static final long BODY_BYTES = 16 << 20;

    /** A subscription may come as a command, and those are short. */
    private static final int TOPIC_BYTES_MAX = 4096;

    private final YamlMap map;

    LimitsReader(YamlMap map) {
        this.map = map;
    }

    Limits read() {
        Limits limits = new Limits(
                size("frame-bytes-max", BODY_BYTES + FRAME_OVERHEAD_BYTES),
                size("message-bytes-max", BODY_BYTES + FRAME_OVERHEAD_BYTES),
                map.count("message-frames-max", 72, 65_535),
                size("body-bytes-max", BODY_BYTES),
                size("output-bytes-max", 64L << 20),
                map.bytes("input-bytes-max", 512L << 20, 1024 * GIB),
                map.bytes("output-bytes-total-max", 512L << 20, 1024 * GIB),
                map.count("peers-max", 20_000, 1_000_000),
                map.count("peers-per-address-max", 16_000, 1_000_000),
                map.count("handshakes-max", 10_000, 1_000_000),
                map.millis("handshake-time", HOUR_MS).orElse(10_000L),
                map.millis("message-time", HOUR_MS).orElse(60_000L),
                ping(),
                connectRetry(),
                map.scalar("ipc-mode", "an octal file mode such as 0600 or 0660", LimitsReader::mode)
                        .orElse(0600),
                map.count("client-requests-max", 10_000, 10_000_000),
                map.count("bad-messages-max", 100, 1_000_000),
                map.millis("heartbeat-interval", HOUR_MS).orElse(2_500L),
                map.count("heartbeat-liveness", 3, 1000),
                patterns(),
                dispatch());
        map.end();
        return limits;
    }

    private PatternLimits patterns() {
        PatternLimits byDefault = PatternLimits.DEFAULT;
        return new PatternLimits(
                map.count("subscriptions-max", byDefault.subscriptionsMax(), 100_000_000),
                map.count("peer-subscriptions-max", byDefault.peerSubscriptionsMax(), 100_000_000),
                map.count("topic-bytes-max", byDefault.topicBytesMax(), TOPIC_BYTES_MAX),
                size("subscriber-output-bytes-max", byDefault.subscriberOutputBytesMax()),
                size("task-output-bytes-max", byDefault.taskOutputBytesMax()));
    }

    private static Optional<Integer> mode(String text) {
        return text.matches("0?[0-7]{3}") ? Optional.of(Integer.parseInt(text, 8)) : Optional.empty();
    }

    private ConnectRetry connectRetry() {
        ConnectRetry retry = new ConnectRetry(
                map.millis("connect-retry-min", HOUR_MS).orElse(100L),
                map.millis("connect-retry-max", HOUR_MS).orElse(10_000L));
        if (retry.maxMs() < retry.minMs()) {
            map.wrong(
                    "connect-retry-max",
                    Units.timeText(retry.maxMs()),
                    "no less than connect-retry-min, " + Units.timeText(retry.minMs()));
        }
        return retry;
    }

    private Ping ping() {
        Ping ping = new Ping(
                map.millis("ping-interval", HOUR_MS).orElse(10_000L),
                map.millis("ping-timeout", HOUR_MS).orElse(30_000L));
        if (ping.timeoutMs() <= ping.intervalMs()) {
            map.wrong(
                    "ping-timeout",
                    Units.timeText(ping.timeoutMs()),
                    "more than ping-interval, " + Units.timeText(ping.intervalMs()));
        }
        return ping;
    }

    private DispatchLimits dispatch() {
        DispatchLimits byDefault = DispatchLimits.DEFAULT;
        return new DispatchLimits(
                map.count("requests-max", byDefault.requestsMax(), 100_000_000),
                map.bytes("requests-bytes-max", byDefault.requestsBytesMax(), 1024 * GIB),
                map.count("services-max", byDefault.servicesMax(), 10_000_000),
                map.count("worker-credit-max", byDefault.workerCreditMax(), 65_535),
                map.millis("worker-overdue-max", 24 * HOUR_MS).orElse(byDefault.workerOverdueMs()));
    }

    private int size(String key, long byDefault) {
        return Math.toIntExact(map.bytes(key, byDefault, GIB));
    }
}
