package io.jackfield.broker.server;

import io.jackfield.broker.dispatch.DispatchLimits;
import io.jackfield.broker.http.HttpSettings;
import io.jackfield.broker.peer.Dialect;
import io.jackfield.broker.peer.EndpointSettings.Role;
import io.jackfield.broker.peer.PatternLimits;
import io.jackfield.broker.peer.PeerLimits;
import io.jackfield.broker.server.config.BrokerConfig;
import io.jackfield.broker.server.config.BrokerConfig.Endpoint;
import io.jackfield.broker.server.config.BrokerConfig.Limits;
import io.jackfield.broker.server.config.ConfigException;
import io.jackfield.broker.transport.jeromq.JeromqLimits;
import io.jackfield.broker.transport.zmtp.ZmtpLimits;
import java.util.List;
import java.util.Optional;

/** From what the file says to what each part wants to know. */
final class Settings {
    private static final int HEAP_PARTS = 4;

    private Settings() {}

    /** Whatever a part would refuse when the broker starts is refused now, before anything has started. */
    static void check(BrokerConfig config) throws ConfigException {
        try {
            dispatch(config.limits().dispatch());
            peerLimits(config.limits());
            zmtpLimits(config.limits());
            jeromqLimits(config.limits());
            if (config.http().bind().isPresent()) {
                http(config);
            }
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new ConfigException(List.of(String.valueOf(e.getMessage())));
        }
        if (!config.workers().isEmpty() && forWorkers(config).isEmpty()) {
            throw new ConfigException(List.of(
                    "workers: nowhere to connect to (expected: an endpoint with bind, of role any or workers)"));
        }
    }

    /** The endpoint that the broker's own workers connect to: the first that takes those of the kits, else the first that takes any. */
    static Optional<Endpoint> forWorkers(BrokerConfig config) {
        List<Endpoint> able = config.endpoints().stream()
                .filter(it -> it.connectAs().isEmpty() && it.settings().role() != Role.CLIENTS)
                .toList();
        return able.stream()
                .filter(it -> it.settings().dialect().orElse(Dialect.JF1) == Dialect.JF1)
                .findFirst()
                .or(() -> able.stream().findFirst());
    }

    static PeerLimits peerLimits(Limits limits) {
        return new PeerLimits(
                limits.clientRequestsMax(),
                limits.badMessagesMax(),
                limits.bodyBytesMax(),
                limits.heartbeatIntervalMs(),
                limits.heartbeatLiveness(),
                patternLimits(limits));
    }

    /** A peer is cut off at its output limit: what is dropped or waits before that is well below. */
    private static PatternLimits patternLimits(Limits limits) {
        PatternLimits patterns = limits.patterns();
        int outputBytesMax = Math.max(1, limits.outputBytesMax() / 2);
        return new PatternLimits(
                patterns.subscriptionsMax(),
                patterns.peerSubscriptionsMax(),
                patterns.topicBytesMax(),
                Math.min(patterns.subscriberOutputBytesMax(), outputBytesMax),
                Math.min(patterns.taskOutputBytesMax(), outputBytesMax));
    }

    /** Bodies that wait lie on the heap. */
    static DispatchLimits dispatch(DispatchLimits limits) {
        return new DispatchLimits(
                limits.requestsMax(),
                Math.min(limits.requestsBytesMax(), heapPart()),
                limits.servicesMax(),
                limits.workerCreditMax(),
                limits.workerOverdueMs());
    }

    static ZmtpLimits zmtpLimits(Limits limits) {
        return ZmtpLimits.builder()
                .frameBytesMax(limits.frameBytesMax())
                .messageBytesMax(limits.messageBytesMax())
                .messageFramesMax(limits.messageFramesMax())
                .outputBytesMax(limits.outputBytesMax())
                .totalInputBytesMax(limits.inputBytesMax())
                .outputBytesTotalMax(limits.outputBytesTotalMax())
                .peersMax(limits.peersMax())
                .peersPerAddressMax(limits.peersPerAddressMax())
                .handshakesMax(limits.handshakesMax())
                .handshakeTimeMs(Math.toIntExact(limits.handshakeTimeMs()))
                .messageTimeMs(Math.toIntExact(limits.messageTimeMs()))
                .pingIntervalMs(Math.toIntExact(limits.ping().intervalMs()))
                .pingTimeoutMs(Math.toIntExact(limits.ping().timeoutMs()))
                .connectRetryMsMin(Math.toIntExact(limits.connectRetry().minMs()))
                .connectRetryMsMax(Math.toIntExact(limits.connectRetry().maxMs()))
                .ipcMode(limits.ipcMode())
                .build();
    }

    static JeromqLimits jeromqLimits(Limits limits) {
        return new JeromqLimits(
                limits.frameBytesMax(),
                limits.messageBytesMax(),
                limits.messageFramesMax(),
                limits.outputBytesMax(),
                limits.inputBytesMax(),
                limits.peersMax(),
                Math.toIntExact(limits.handshakeTimeMs()),
                JeromqLimits.DEFAULT.lingerTimeMs());
    }

    /** For a configuration with an address for HTTP. Bodies arrive on the heap. */
    static HttpSettings http(BrokerConfig config) {
        BrokerConfig.Http http = config.http();
        HttpSettings.Limits limits = http.limits();
        return new HttpSettings(
                http.bind().orElseThrow(),
                http.routes(),
                http.hosts(),
                http.origins(),
                http.servedBy(),
                limits.withInputBytesMax(Math.min(limits.inputBytesMax(), heapPart())));
    }

    /** A limit beyond this would not hold. */
    private static long heapPart() {
        return Runtime.getRuntime().maxMemory() / HEAP_PARTS;
    }
}
