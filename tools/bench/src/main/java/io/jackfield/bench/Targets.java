package io.jackfield.bench;

import io.jackfield.command.Child;
import io.jackfield.command.Children;
import io.jackfield.command.OwnBroker;
import io.jackfield.command.TcpEndpoint;
import io.jackfield.protocol.HostAndPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Starts what is measured. One thread. */
final class Targets {

    /** Clients of the first endpoint reach workers of the second; the others lead to handlers. */
    private static final String CONFIG =
            """
            endpoints:
              - { bind: "tcp://127.0.0.1:0", role: clients, service: bench }
              - { bind: "tcp://127.0.0.1:0", role: workers, service: bench, credit: 1024 }
              - { bind: "tcp://127.0.0.1:0", role: clients, service: echo }
              - { bind: "tcp://127.0.0.1:0", role: clients, service: echo-on-threads }
            http:
              bind: 127.0.0.1:0
            """;

    /** Where idle peers connect too, all from one address. */
    private static final String IDLE_CONFIG =
            """
            limits:
              peers-max: %1$d
              peers-per-address-max: %1$d
            """;

    /** A port that is free; and as large a message as ours, and as much waiting for whoever is slow as could be. */
    private static final String NATS_CONFIG =
            """
            listen: "127.0.0.1:-1"
            logtime: false
            max_payload: 16777216
            max_pending: 1073741824
            """;

    /** Its lines begin with its process number: that goes, so that one of them can be waited for. */
    private static final String NATS_START = "exec \"$0\" -c \"$1\" > >(exec sed -u 's/^\\[[0-9]*\\] //') 2>&1";

    private static final String NATS_READY = "[INF] Listening for client connections on ";

    /** More than the load program has, and the worker, and HTTP. */
    private static final int BUSY_PEERS_MAX = 2000;

    private static final long READY_TIMEOUT_MS = 60_000;
    private static final String JACKFIELD = "jackfield";
    private static final String READY = "ready";
    private static final String ECHO = "echo";

    /** Protocols of the load and echo programs. */
    private static final String ZMTP = "zmtp";

    private static final String NATS = "nats";

    private final Children children;
    private final NativePrograms programs;
    private final Path folder;
    private final Path home;

    Targets(Children children, NativePrograms programs, Path folder, Path home) {
        this.children = children;
        this.programs = programs;
        this.folder = folder;
        this.home = home;
    }

    /**
     * A broker with an echo worker, and echo as a handler in both ways.
     *
     * @param idlePeers that it has to have room for
     */
    Target own(int idlePeers) throws IOException, InterruptedException {
        Path plugins = Files.createDirectory(folder.resolve("plugins"));
        Files.copy(home.resolve("plugins/echo.jar"), plugins.resolve("echo.jar"));
        ThreadsPlugin.write(plugins.resolve("echo-on-threads.jar"));
        String limits = idlePeers == 0 ? "" : IDLE_CONFIG.formatted(idlePeers + BUSY_PEERS_MAX);
        Path config = Files.writeString(folder.resolve("jackfield.yaml"), CONFIG + limits);
        OwnBroker broker = OwnBroker.start(children, home, "--config", config.toString());
        List<HostAndPort> at = addresses(broker.addresses());
        startEcho("echo-" + JACKFIELD, ZMTP, at.get(1));
        Map<Kind, List<String>> ways = new EnumMap<>(Kind.class);
        ways.put(Kind.WORKER, zmtp(at.get(0)));
        ways.put(Kind.INLINE, zmtp(at.get(2)));
        ways.put(Kind.THREADS, zmtp(at.get(3)));
        ways.put(Kind.HTTP, http(at.get(4), ECHO));
        return new Target(JACKFIELD, BrokerProcess.of(broker.process().pid()), at.get(0), ways);
    }

    /** A running broker: a service that it has, or an echo worker of ours at an endpoint of its. */
    Target running(TargetOptions options) throws IOException, InterruptedException {
        Map<Kind, List<String>> ways = new EnumMap<>(Kind.class);
        Optional<HostAndPort> workers = options.workers();
        if (workers.isPresent()) {
            startEcho("echo-" + JACKFIELD, ZMTP, workers.get());
            ways.put(Kind.WORKER, zmtp(options.endpoint()));
        } else {
            ways.put(Kind.SERVICE, mdp(options.endpoint(), options.service()));
        }
        options.http().ifPresent(gateway -> ways.put(Kind.HTTP, http(gateway, options.service())));
        return new Target(JACKFIELD, options.process(), options.endpoint(), ways);
    }

    /** A broker of others with an echo worker. */
    Target rival(Rival rival) throws IOException, InterruptedException {
        return switch (rival) {
            case LIBZMQ -> libzmq();
            case NATS -> nats();
        };
    }

    private Target libzmq() throws IOException, InterruptedException {
        Child proxy =
                children.start("zmq_proxy", READY, Map.of(), programs.proxy().toString());
        List<HostAndPort> at =
                addresses(List.of(proxy.awaitReady(READY_TIMEOUT_MS).split(" ", -1)));
        startEcho("echo-libzmq", ZMTP, at.get(1));
        return target(Rival.LIBZMQ, proxy, at.get(0), zmtp(at.get(0)));
    }

    private Target nats() throws IOException, InterruptedException {
        Path program = Installed.require("nats-server", "for --against nats", "nats-server");
        Path config = Files.writeString(folder.resolve("nats.conf"), NATS_CONFIG);
        Child server = children.start(
                "nats-server", NATS_READY, Map.of(), "bash", "-c", NATS_START, program.toString(), config.toString());
        String at = server.awaitReady(READY_TIMEOUT_MS).substring(NATS_READY.length());
        HostAndPort endpoint = TcpEndpoint.parse("tcp://" + at.strip());
        startEcho("echo-nats", NATS, endpoint);
        return target(Rival.NATS, server, endpoint, asking(NATS, endpoint));
    }

    private static Target target(Rival rival, Child broker, HostAndPort endpoint, List<String> way) {
        return new Target(rival.key(), BrokerProcess.of(broker.pid()), endpoint, Map.of(Kind.WORKER, way));
    }

    private void startEcho(String name, String protocol, HostAndPort broker) throws IOException, InterruptedException {
        children.start(
                        name,
                        READY,
                        Map.of(),
                        programs.echo().toString(),
                        protocol,
                        broker.bareHost(),
                        String.valueOf(broker.port()))
                .awaitReady(READY_TIMEOUT_MS);
    }

    private static List<HostAndPort> addresses(List<String> words) {
        return words.stream()
                .filter(word -> word.contains("://"))
                .map(word -> TcpEndpoint.parse(word.replace("http://", "tcp://")))
                .toList();
    }

    private static List<String> zmtp(HostAndPort endpoint) {
        return asking(ZMTP, endpoint);
    }

    /** Majordomo names the service in a frame, so that any endpoint will do. */
    private static List<String> mdp(HostAndPort endpoint, String service) {
        return asking(ZMTP, endpoint, "-f", "MDPC01", "-f", service);
    }

    private static List<String> http(HostAndPort gateway, String service) {
        return asking("http", gateway, "-u", "/services/" + service);
    }

    /** Options of the load program. */
    private static List<String> asking(String protocol, HostAndPort endpoint, String... more) {
        List<String> options = new ArrayList<>(
                List.of("-m", protocol, "-a", endpoint.bareHost(), "-p", String.valueOf(endpoint.port())));
        options.addAll(List.of(more));
        return options;
    }
}
