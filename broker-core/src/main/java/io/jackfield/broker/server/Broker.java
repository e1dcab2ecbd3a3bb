package io.jackfield.broker.server;

import io.jackfield.broker.admin.AdminServices;
import io.jackfield.broker.admin.PlacementServices;
import io.jackfield.broker.admin.PluginServices;
import io.jackfield.broker.admin.SupervisedServices;
import io.jackfield.broker.dispatch.Dispatcher;
import io.jackfield.broker.dispatch.Placements;
import io.jackfield.broker.dispatch.RefusedException;
import io.jackfield.broker.http.HttpGateway;
import io.jackfield.broker.loop.Clock;
import io.jackfield.broker.loop.Timers.Timer;
import io.jackfield.broker.loop.netty.NettyLoop;
import io.jackfield.broker.loop.netty.Polling;
import io.jackfield.broker.peer.EndpointPeers;
import io.jackfield.broker.peer.PeerEvent;
import io.jackfield.broker.peer.PeerLog;
import io.jackfield.broker.peer.PeerRegistry;
import io.jackfield.broker.plugin.PluginSettings;
import io.jackfield.broker.plugin.Plugins;
import io.jackfield.broker.server.config.BrokerConfig;
import io.jackfield.broker.server.config.BrokerConfig.Endpoint;
import io.jackfield.broker.transport.BindException;
import io.jackfield.broker.transport.Transport;
import io.jackfield.broker.transport.Transport.Binding;
import io.jackfield.broker.transport.jeromq.JeromqTransport;
import io.jackfield.broker.transport.zmtp.ZmtpTransport;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running broker: everything wired by hand. Started, drained and closed by one thread, which is not the broker loop. */
public final class Broker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Broker.class);
    private static final long TICK_MS = 10;
    private static final long QUIET_LOOK_MS = 10;

    private final BrokerConfig config;
    private final Clock clock = Clock.system();
    private final NettyLoop loop;
    private final Dispatcher dispatcher;
    private final PeerRegistry peers;
    private final ZmtpTransport zmtp;
    private final Plugins plugins;
    private final List<Binding> bindings = new ArrayList<>();
    private Optional<JeromqTransport> jeromq = Optional.empty();
    private final List<Binding> connections = new ArrayList<>();
    private Optional<HttpGateway> http = Optional.empty();
    private volatile Optional<ConfigWatch> watch = Optional.empty();
    private Optional<SupervisedWorkers> supervised = Optional.empty();

    private Broker(BrokerConfig config, String name, Consumer<Error> fatal) throws IOException {
        this.config = config;
        this.loop = new NettyLoop("broker-loop", Polling.best(), fatal);
        this.dispatcher =
                new Dispatcher(Settings.dispatch(config.limits().dispatch()), config.services(), clock.nowNs());
        this.peers = new PeerRegistry(
                dispatcher, Settings.peerLimits(config.limits()), name, PeerLog.toLogger(), clock.nowNs());
        this.zmtp = new ZmtpTransport(loop, clock, Settings.zmtpLimits(config.limits()));
        try {
            this.plugins = Plugins.open(config.plugins(), new Plugins.BrokerLoop(dispatcher, loop, loop, clock));
        } catch (IOException e) {
            loop.close();
            throw e;
        }
    }

    /**
     * Starts a broker; when this returns it serves, with the plugins that lie in the folder.
     *
     * @param name how it calls itself to peers
     * @param fatal told of an {@code Error} on the broker loop: the process should end
     * @throws BindException an address cannot be listened on
     * @throws IOException the plugin folder cannot be used
     */
    public static Broker start(BrokerConfig config, String name, Consumer<Error> fatal)
            throws BindException, IOException {
        Broker broker = new Broker(config, name, fatal);
        try {
            broker.open();
        } catch (BindException | IOException | RuntimeException e) {
            broker.close();
            throw e;
        }
        return broker;
    }

    /**
     * Gives plugins their configuration when the file changes.
     *
     * @param file that was read when the broker was started, by that very path: places in it are compared
     * @param said what it said
     */
    public void follow(Path file, BrokerConfig said) {
        watch = Optional.of(ConfigWatch.start(file, said, config.plugins().rescanMs(), this::configure));
    }

    private Map<String, List<String>> configure(PluginSettings said) {
        return plugins.configure(said.configs(), said.ramps());
    }

    /** Where it listens, in the order of the configuration, HTTP last; with real ports. */
    public List<String> addresses() {
        List<String> addresses =
                new ArrayList<>(bindings.stream().map(Binding::address).toList());
        http.ifPresent(gateway -> addresses.add("http://" + text(gateway.address())));
        return addresses;
    }

    /**
     * Takes no new requests, lets those in flight end for as long as the configuration allows, and fails the rest.
     *
     * @return false if some had to be failed
     */
    public boolean drain() throws InterruptedException {
        bindings.forEach(Binding::close);
        connections.forEach(Binding::close);
        http.ifPresent(HttpGateway::drain);
        CountDownLatch quiet = new CountDownLatch(1);
        loop.post(() -> {
            dispatcher.drain();
            peers.drain();
        });
        Timer look = loop.every(QUIET_LOOK_MS, () -> {
            if (dispatcher.isQuiet() && peers.isQuiet()) {
                quiet.countDown();
            }
        });
        boolean ended = quiet.await(config.drainTimeoutMs(), TimeUnit.MILLISECONDS);
        look.close();
        if (supervised.isPresent()) {
            supervised.get().drain();
        }
        loop.post(() -> {
            dispatcher.failAll(Failure.of(
                    ErrorCode.DRAINING, "the broker shuts down and the time for it is over", "ask another broker"));
            peers.disconnect("the broker shuts down");
        });
        return ended;
    }

    /** Ends at once: connections are closed with what was written to them, handlers are cancelled. */
    @Override
    public void close() {
        try {
            watch.ifPresent(ConfigWatch::close);
            supervised.ifPresent(SupervisedWorkers::close);
            http.ifPresent(HttpGateway::close);
            zmtp.close();
            jeromq.ifPresent(JeromqTransport::close);
        } finally {
            plugins.close();
            loop.close();
        }
    }

    private void open() throws BindException, IOException {
        offerAdmin();
        loop.every(TICK_MS, this::tick);
        // Before anybody can ask: a client that comes at once must not hear that a service of a plugin does not exist.
        configure(config.plugins());
        plugins.start();
        for (Endpoint endpoint : config.endpoints()) {
            openService(endpoint.settings().service());
            open(endpoint, new EndpointPeers(endpoint.settings(), peers));
        }
        if (config.http().bind().isPresent()) {
            http = Optional.of(HttpGateway.bind(loop, Settings.http(config), dispatcher, clock, zmtp.outputBudget()));
        }
        if (!config.workers().isEmpty()) {
            supervised = Optional.of(new SupervisedWorkers(config.workers(), workersAddress(), peers, loop, clock));
        }
        warnOfStrangers();
    }

    /** Where the broker's own workers connect. */
    private String workersAddress() {
        List<Endpoint> bound = config.endpoints().stream()
                .filter(it -> it.connectAs().isEmpty())
                .toList();
        String address = Settings.forWorkers(config)
                .map(endpoint ->
                        Exposure.fromHere(bindings.get(bound.indexOf(endpoint)).localAddress()))
                .orElseThrow(() -> new IllegalStateException("workers without an endpoint were not refused"));
        if (address.startsWith("ipc://") && !address.startsWith("ipc:///")) {
            LOG.warn(
                    "{}: the absolute path is too long for the operating system: supervised workers reach it only where their"
                            + " dir is the broker's own; choose a shorter folder for the socket",
                    address);
        }
        return address;
    }

    private void warnOfStrangers() {
        addresses().stream()
                .filter(Exposure::beyondLoopback)
                .forEach(address -> LOG.warn(
                        "{} is within reach of other machines, and whoever reaches it may ask and serve everything:"
                                + " see docs/SECURITY.md",
                        address));
    }

    /** JeroMQ and its threads are there only where an endpoint asks for them. */
    private Transport transport(Endpoint endpoint) {
        return switch (endpoint.via()) {
            case ZMTP -> zmtp;
            case JEROMQ -> {
                if (jeromq.isEmpty()) {
                    jeromq = Optional.of(new JeromqTransport(loop, clock, Settings.jeromqLimits(config.limits())));
                }
                yield jeromq.get();
            }
        };
    }

    private void open(Endpoint endpoint, EndpointPeers acceptor) throws BindException {
        if (endpoint.connectAs().isPresent()) {
            connections.add(transport(endpoint)
                    .connect(endpoint.address(), endpoint.connectAs().get(), acceptor));
        } else {
            bindings.add(transport(endpoint).bind(endpoint.address(), acceptor));
        }
    }

    /** An endpoint names a service; too many names are refused where a peer asks for one, too. */
    private void openService(String name) {
        loop.post(() -> {
            try {
                dispatcher.open(name);
            } catch (RefusedException e) {
                PeerLog.toLogger()
                        .warn("endpoint for service " + name + ": "
                                + e.failure().errorLine());
            }
        });
    }

    private void offerAdmin() {
        AdminServices admin = new AdminServices(dispatcher.routes(), loop);
        admin.add("services", () -> dispatcher.snapshot().services());
        admin.add("workers", () -> dispatcher.snapshot().workers());
        admin.add("peers", peers::snapshot);
        admin.add("plugins", plugins::views);
        admin.add("unloads", plugins::unloads);
        admin.add("config", () -> watch.map(ConfigWatch::view).orElse(new ConfigWatch.View("", 0, List.of())));
        PlacementServices.offer(admin, new Placements(dispatcher), loop);
        PluginServices.offer(admin, plugins.commands(), plugins.trust());
        admin.add("refusals", () -> zmtp.counters().refused());
        admin.add("peer-events", this::peerEvents);
        admin.add("http", () -> http.map(gateway -> List.of(gateway.snapshot())).orElse(List.of()));
        SupervisedServices.offer(admin, () -> supervised.map(SupervisedWorkers::supervisor));
    }

    private Map<PeerEvent, Long> peerEvents() {
        Map<PeerEvent, Long> events = new EnumMap<>(PeerEvent.class);
        for (PeerEvent event : PeerEvent.values()) {
            events.put(event, peers.counters().count(event));
        }
        return events;
    }

    private void tick() {
        long nowNs = clock.nowNs();
        dispatcher.tick(nowNs);
        peers.tick(nowNs);
    }

    private static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }
}
