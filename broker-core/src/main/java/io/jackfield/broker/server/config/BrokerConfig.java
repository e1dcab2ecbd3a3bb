package io.jackfield.broker.server.config;

import io.jackfield.broker.dispatch.DispatchLimits;
import io.jackfield.broker.dispatch.ServiceSettings;
import io.jackfield.broker.http.HttpSettings;
import io.jackfield.broker.peer.EndpointSettings;
import io.jackfield.broker.peer.PatternLimits;
import io.jackfield.broker.plugin.PluginSettings;
import io.jackfield.broker.plugin.RampPlan;
import io.jackfield.broker.supervise.WorkerProgram;
import io.jackfield.broker.transport.SocketType;
import io.jackfield.host.config.ConfigNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that can be set, read and checked before any thread starts. Immutable. docs/jackfield.yaml shows every key with its default.
 *
 * @param workers programs that the broker runs itself
 * @param drainTimeoutMs how long requests in flight may take when the broker stops
 */
public record BrokerConfig(
        List<Endpoint> endpoints,
        Http http,
        Plugins plugins,
        Map<String, ServiceSettings> services,
        List<WorkerProgram> workers,
        Limits limits,
        long drainTimeoutMs) {

    /** The same with what others say under {@code plugins.settings}. */
    public BrokerConfig withPluginSettings(Plugins others) {
        Plugins folder = new Plugins(
                plugins.dir,
                plugins.rescanMs,
                plugins.queueLengthMax,
                plugins.drainTimeoutMs,
                plugins.inlineStallMaxMs,
                plugins.loadTimeoutMs,
                plugins.kept,
                plugins.proof,
                plugins.trust,
                others.configs,
                others.ramps);
        return new BrokerConfig(endpoints, http, folder, services, workers, limits, drainTimeoutMs);
    }

    /**
     * One address that peers connect to, or that of a program that the broker connects to.
     *
     * @param address as configured: {@code tcp://HOST:PORT} or {@code ipc://PATH}
     * @param connectAs what the broker says it is where it connects; empty: it listens
     * @param via how its peers are reached
     */
    public record Endpoint(String address, Optional<SocketType> connectAs, Via via, EndpointSettings settings) {}

    /** Which adapter of the transport port serves an endpoint. */
    public enum Via {
        /** The broker's own ZMTP: every socket type, every limit. */
        ZMTP,
        /** JeroMQ's ROUTER sockets: REQ and DEALER peers. */
        JEROMQ
    }

    /**
     * The HTTP gateway.
     *
     * @param bind HOST:PORT; empty: no HTTP
     * @param hosts names that Host may have beside localhost and addresses
     * @param origins web pages that may use the gateway beside its own
     * @param servedBy whether replies say which plugin gave them
     */
    public record Http(
            Optional<String> bind,
            List<HttpSettings.Route> routes,
            List<String> hosts,
            List<String> origins,
            boolean servedBy,
            HttpSettings.Limits limits) {}

    /**
     * The watched folder.
     *
     * @param rescanMs how often it is looked through; what the operating system tells only comes sooner
     * @param inlineStallMaxMs how long a handler that runs on the broker loop may hold it
     * @param trust the file with the SHA-256 of the jars that may be loaded
     * @param configs what belongs to plugins themselves, by id; read anew while the broker runs
     * @param ramps how new generations take over, by plugin id; likewise
     */
    public record Plugins(
            Path dir,
            long rescanMs,
            int queueLengthMax,
            long drainTimeoutMs,
            long inlineStallMaxMs,
            long loadTimeoutMs,
            PluginSettings.Kept kept,
            PluginSettings.Proof proof,
            Optional<Path> trust,
            Map<String, ConfigNode> configs,
            Map<String, RampPlan> ramps) {}

    /** How ZeroMQ peers are asked whether they live. */
    public record Ping(long intervalMs, long timeoutMs) {}

    /** The time between two attempts to connect: the shortest, and as long as it may become. */
    public record ConnectRetry(long minMs, long maxMs) {}

    /** Limits of transport, peers and dispatch; names as in the file. */
    public record Limits(
            int frameBytesMax,
            int messageBytesMax,
            int messageFramesMax,
            int bodyBytesMax,
            int outputBytesMax,
            long inputBytesMax,
            long outputBytesTotalMax,
            int peersMax,
            int peersPerAddressMax,
            int handshakesMax,
            long handshakeTimeMs,
            long messageTimeMs,
            Ping ping,
            ConnectRetry connectRetry,
            int ipcMode,
            int clientRequestsMax,
            int badMessagesMax,
            long heartbeatIntervalMs,
            int heartbeatLiveness,
            PatternLimits patterns,
            DispatchLimits dispatch) {}
}
