package io.jackfield.broker.peer;

import io.jackfield.broker.dispatch.DispatchLimits;
import io.jackfield.broker.dispatch.Dispatcher;
import io.jackfield.broker.dispatch.ServiceSettings;
import io.jackfield.broker.peer.EndpointSettings.OnFailure;
import io.jackfield.broker.peer.EndpointSettings.Role;
import io.jackfield.broker.transport.SocketType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** A real dispatcher and real peers, on fake connections and a clock moved by hand. */
final class Bench {
    static final EndpointSettings ANY = EndpointSettings.named("any");
    static final EndpointSettings CLIENTS = endpoint(Role.CLIENTS, Optional.empty());
    static final EndpointSettings WORKERS = endpoint(Role.WORKERS, Optional.empty());
    static final EndpointSettings SILENT =
            new EndpointSettings("silent", Role.ANY, "default", 1, Optional.empty(), OnFailure.SILENT);

    final Dispatcher dispatcher;
    final PeerRegistry registry;
    final Log log = new Log();
    private final Map<EndpointSettings, Endpoint> endpoints = new HashMap<>();
    private long nowNs = 1_000_000_000_000L;
    private long nextId = 1;

    Bench() {
        this(PeerLimits.DEFAULT);
    }

    Bench(PeerLimits limits) {
        this(limits, Map.of());
    }

    Bench(PeerLimits limits, Map<String, ServiceSettings> services) {
        dispatcher = new Dispatcher(DispatchLimits.DEFAULT, services, nowNs);
        registry = new PeerRegistry(dispatcher, limits, "broker-1", log, nowNs);
    }

    /** A broker whose service {@code default} may be tried again. */
    static Bench idempotent() {
        ServiceSettings settings = new ServiceSettings(Optional.empty(), Optional.of(true), 3, 100, 1 << 20);
        return new Bench(PeerLimits.DEFAULT, Map.of("default", settings));
    }

    static EndpointSettings endpoint(Role role, Optional<Dialect> dialect) {
        return new EndpointSettings(role + " " + dialect, role, "default", 1, dialect, OnFailure.ERROR_BODY);
    }

    static EndpointSettings speaking(Dialect dialect) {
        return endpoint(Role.ANY, Optional.of(dialect));
    }

    static EndpointSettings workersWithCredit(int credit) {
        return new EndpointSettings("workers", Role.WORKERS, "default", credit, Optional.empty(), OnFailure.ERROR_BODY);
    }

    /** One address; peers that neither ask nor answer meet only there. */
    final class Endpoint {
        private final EndpointPeers peers;

        private Endpoint(EndpointPeers peers) {
            this.peers = peers;
        }

        TestPeer connect(SocketType type) {
            return connect(type, connection -> {});
        }

        /** @param before what happens to the connection before the broker knows of it */
        TestPeer connect(SocketType type, Consumer<FakeConnection> before) {
            FakeConnection connection = new FakeConnection(nextId++, type);
            before.accept(connection);
            return new TestPeer(connection, peers.opened(connection));
        }
    }

    Endpoint endpoint(EndpointSettings settings) {
        return new Endpoint(new EndpointPeers(settings, registry));
    }

    TestPeer connect(EndpointSettings endpoint, SocketType type) {
        return endpoints.computeIfAbsent(endpoint, this::endpoint).connect(type);
    }

    TestPeer connect(SocketType type) {
        return connect(ANY, type);
    }

    Jf1TestPeer connectJf1(io.jackfield.protocol.Framing framing) {
        return new Jf1TestPeer(connect(SocketType.DEALER), framing);
    }

    /** Time passes in steps as small as those of a real loop. */
    void pass(long ms) {
        long stepMs = 100;
        for (long passed = 0; passed < ms; passed += stepMs) {
            nowNs += Math.min(stepMs, ms - passed) * 1_000_000;
            tick();
        }
    }

    /** The loop stands still for so long. */
    void stall(long ms) {
        nowNs += ms * 1_000_000;
        tick();
    }

    long count(PeerEvent event) {
        return registry.counters().count(event);
    }

    private void tick() {
        dispatcher.tick(nowNs);
        registry.tick(nowNs);
    }

    /** Keeps what would be logged. */
    static final class Log implements PeerLog {
        final List<String> warnings = new ArrayList<>();
        final List<String> errors = new ArrayList<>();

        @Override
        public void warn(String line) {
            warnings.add(line);
        }

        @Override
        public void error(String line, RuntimeException cause) {
            errors.add(line + ": " + cause);
        }
    }
}
