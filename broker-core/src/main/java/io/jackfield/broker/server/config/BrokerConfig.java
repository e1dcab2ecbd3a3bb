package io.jackfield.broker.server.config;

import io.jackfield.broker.dispatch.DispatchLimits;
import io.jackfield.broker.dispatch.ServiceSettings;
import io.jackfield.broker.http.HttpSettings;
import io.jackfield.broker.peer.EndpointSettings;
import io.jackfield.broker.peer.PatternLimits;
import io.jackfield.broker.plugin.PluginSettings;
import io.jackfield.broker.supervise.WorkerProgram;
import io.jackfield.broker.transport.SocketType;
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
        PluginSettings plugins,
        Map<String, ServiceSettings> services,
        List<WorkerProgram> workers,
        Limits limits,
        long drainTimeoutMs) {

    /** The same with others for plugins. */
    public BrokerConfig withPlugins(PluginSettings others) {
        return new BrokerConfig(endpoints, http, others, services, workers, limits, drainTimeoutMs);
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
