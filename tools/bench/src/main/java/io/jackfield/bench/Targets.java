package io.jackfield.bench;

import io.jackfield.command.Child;
import io.jackfield.command.Children;
import io.jackfield.command.TcpEndpoint;
import io.jackfield.protocol.HostAndPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

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

    private static final long READY_TIMEOUT_MS = 60_000;
    private static final String JACKFIELD = "jackfield";
    private static final String READY = "ready";
    private static final String ECHO = "echo";

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

    /** A broker with an echo worker, and echo as a handler in both ways. */
    Target own() throws IOException, InterruptedException {
        Path plugins = Files.createDirectory(folder.resolve("plugins"));
        Files.copy(home.resolve("plugins/echo.jar"), plugins.resolve("echo.jar"));
        ThreadsPlugin.write(plugins.resolve("echo-on-threads.jar"));
        Path config = Files.writeString(folder.resolve("jackfield.yaml"), CONFIG);
        Child broker = children.start(
                "broker",
                "jackfield ready",
                Map.of(),
                home.resolve(JACKFIELD).toString(),
                "serve",
                "--config",
                config.toString());
        List<HostAndPort> at = addresses(broker.awaitReady(READY_TIMEOUT_MS));
        startEcho("echo-" + JACKFIELD, at.get(1));
        Map<Kind, List<String>> ways = new EnumMap<>(Kind.class);
        ways.put(Kind.WORKER, zmtp(at.get(0)));
        ways.put(Kind.INLINE, zmtp(at.get(2)));
        ways.put(Kind.THREADS, zmtp(at.get(3)));
        ways.put(Kind.HTTP, http(at.get(4), ECHO));
        return new Target(JACKFIELD, OptionalLong.of(broker.pid()), ways);
    }

    /** A running broker: a service that it has, or an echo worker of ours at an endpoint of its. */
    Target running(TargetOptions options) throws IOException, InterruptedException {
        Map<Kind, List<String>> ways = new EnumMap<>(Kind.class);
        Optional<HostAndPort> workers = options.workers();
        if (workers.isPresent()) {
            startEcho("echo-" + JACKFIELD, workers.get());
            ways.put(Kind.WORKER, zmtp(options.endpoint()));
        } else {
            ways.put(Kind.SERVICE, mdp(options.endpoint(), options.service()));
        }
        options.http().ifPresent(gateway -> ways.put(Kind.HTTP, http(gateway, options.service())));
        return new Target(JACKFIELD, options.pid(), ways);
    }

    /** libzmq's broker with an echo worker. */
    Target libzmq() throws IOException, InterruptedException {
        Child proxy =
                children.start("zmq_proxy", READY, Map.of(), programs.proxy().toString());
        List<HostAndPort> at = addresses(proxy.awaitReady(READY_TIMEOUT_MS));
        startEcho("echo-libzmq", at.get(1));
        return new Target("libzmq", OptionalLong.of(proxy.pid()), Map.of(Kind.WORKER, zmtp(at.get(0))));
    }

    private void startEcho(String name, HostAndPort broker) throws IOException, InterruptedException {
        children.start(
                        name,
                        READY,
                        Map.of(),
                        programs.echo().toString(),
                        broker.bareHost(),
                        String.valueOf(broker.port()))
                .awaitReady(READY_TIMEOUT_MS);
    }

    private static List<HostAndPort> addresses(String readyLine) {
        return Arrays.stream(readyLine.split(" ", -1))
                .filter(word -> word.contains("://"))
                .map(word -> TcpEndpoint.parse(word.replace("http://", "tcp://")))
                .toList();
    }

    private static List<String> zmtp(HostAndPort endpoint) {
        return List.of("-m", "zmtp", "-a", endpoint.bareHost(), "-p", String.valueOf(endpoint.port()));
    }

    /** Majordomo names the service in a frame, so that any endpoint will do. */
    private static List<String> mdp(HostAndPort endpoint, String service) {
        return List.of(
                "-m",
                "zmtp",
                "-a",
                endpoint.bareHost(),
                "-p",
                String.valueOf(endpoint.port()),
                "-f",
                "MDPC01",
                "-f",
                service);
    }

    private static List<String> http(HostAndPort gateway, String service) {
        return List.of(
                "-m",
                "http",
                "-a",
                gateway.bareHost(),
                "-p",
                String.valueOf(gateway.port()),
                "-u",
                "/services/" + service);
    }
}
