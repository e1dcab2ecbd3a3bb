package io.jackfield.broker.server.config;

import io.jackfield.broker.dispatch.DispatchLimits;
import io.jackfield.broker.peer.PatternLimits;
import io.jackfield.broker.peer.PeerLimits;
import io.jackfield.broker.server.config.BrokerConfig.ConnectRetry;
import io.jackfield.broker.server.config.BrokerConfig.Limits;
import io.jackfield.broker.server.config.BrokerConfig.Ping;
import io.jackfield.broker.transport.zmtp.ZmtpLimits;
import java.util.Optional;

/** The key {@code limits} and what is under it. */
final class LimitsReader {
    private static final long HOUR_MS = 3_600_000;
    private static final long GIB = 1L << 30;
    private static final ZmtpLimits ZMTP = ZmtpLimits.builder().build();
    private static final PeerLimits PEER = PeerLimits.DEFAULT;

    /** A subscription may come as a command, and those are short. */
    private static final int TOPIC_BYTES_MAX = 4096;

    private final YamlMap map;

    LimitsReader(YamlMap map) {
        this.map = map;
    }

    Limits read() {
        Limits limits = new Limits(
                size("frame-bytes-max", ZMTP.frameBytesMax()),
                size("message-bytes-max", ZMTP.messageBytesMax()),
                map.count("message-frames-max", ZMTP.messageFramesMax(), ZmtpLimits.MESSAGE_FRAMES_MAX),
                size("body-bytes-max", PEER.bodyBytesMax()),
                Math.toIntExact(map.bytes("output-bytes-max", ZMTP.outputBytesMax(), ZmtpLimits.BUFFER_BYTES_MIN, GIB)),
                map.bytes("input-bytes-max", ZMTP.totalInputBytesMax(), ZmtpLimits.BUFFER_BYTES_MIN, 1024 * GIB),
                map.bytes(
                        "output-bytes-total-max", ZMTP.outputBytesTotalMax(), ZmtpLimits.BUFFER_BYTES_MIN, 1024 * GIB),
                map.count("peers-max", ZMTP.peersMax(), 1_000_000),
                map.count("peers-per-address-max", ZMTP.peersPerAddressMax(), 1_000_000),
                map.count("handshakes-max", ZMTP.handshakesMax(), 1_000_000),
                millis("handshake-time", HOUR_MS, ZMTP.handshakeTimeMs()),
                millis("message-time", HOUR_MS, ZMTP.messageTimeMs()),
                ping(),
                connectRetry(),
                map.scalar("ipc-mode", "an octal file mode such as 0600 or 0660", LimitsReader::mode)
                        .orElse(ZMTP.ipcMode()),
                map.count("client-requests-max", PEER.clientRequestsMax(), 10_000_000),
                map.count("bad-messages-max", PEER.badMessagesMax(), 1_000_000),
                millis("heartbeat-interval", HOUR_MS, PEER.heartbeatIntervalMs()),
                map.count("heartbeat-liveness", PEER.heartbeatLiveness(), 1000),
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
                millis("connect-retry-min", HOUR_MS, ZMTP.connectRetryMsMin()),
                millis("connect-retry-max", HOUR_MS, ZMTP.connectRetryMsMax()));
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
                millis("ping-interval", HOUR_MS, ZMTP.pingIntervalMs()),
                millis("ping-timeout", Math.min(HOUR_MS, ZmtpLimits.PING_TIMEOUT_MS_MAX), ZMTP.pingTimeoutMs()));
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

    private long millis(String key, long max, long byDefault) {
        return map.millis(key, max).orElse(byDefault);
    }

    private int size(String key, long byDefault) {
        return Math.toIntExact(map.bytes(key, byDefault, GIB));
    }
}
