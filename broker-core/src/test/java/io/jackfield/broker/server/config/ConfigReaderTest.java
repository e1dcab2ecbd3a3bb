package io.jackfield.broker.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.dispatch.Placement;
import io.jackfield.broker.dispatch.ServiceSettings;
import io.jackfield.broker.peer.Dialect;
import io.jackfield.broker.peer.EndpointSettings;
import io.jackfield.broker.peer.EndpointSettings.OnFailure;
import io.jackfield.broker.peer.EndpointSettings.Role;
import io.jackfield.broker.server.config.BrokerConfig.Endpoint;
import io.jackfield.broker.server.config.BrokerConfig.Via;
import io.jackfield.broker.supervise.WorkerProgram;
import io.jackfield.broker.transport.SocketType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConfigReaderTest {
    private static final Path REFERENCE = Path.of("../docs/jackfield.yaml");

    @TempDir
    Path dir;

    @Test
    void shouldDocumentEveryKeyWithItsDefault() throws Exception {
        Path copy = file(Files.readString(REFERENCE));

        assertEquals(ConfigReader.defaults(dir), ConfigReader.read(copy));
    }

    @Test
    void shouldMentionEveryKeyInTheReference() throws Exception {
        String reference = Files.readString(REFERENCE);
        ConfigException all = refused("endpoints:\n  - {x: 1}\nhttp: {x: 1}\nplugins: {x: 1}\nlimits: {x: 1}\nx: 1\n");
        for (String problem : all.problems()) {
            if (problem.contains("unknown key")) {
                String known = problem.substring(problem.indexOf("one of ") + 7, problem.length() - 1);
                for (String key : known.split(", ", -1)) {
                    assertTrue(reference.contains(key + ":"), key + " is not in " + REFERENCE);
                }
            }
        }
        assertEquals(
                5,
                all.problems().stream().filter(p -> p.contains("unknown key")).count());
    }

    @Test
    void shouldReadWorkers() throws Exception {
        BrokerConfig config = read(
                """
                workers:
                  prime: { command: [bin/prime, --level, 3], count: 4, memory-bytes-max: 64MiB, watch: [bin/prime] }
                  hello:
                    command: [python3, hello.py]
                    dir: scripts
                    env: { NAME: x }
                    restart-delay-min: 1s
                    restart-delay-max: 2s
                    healthy-time: 3s
                    starts-max: 4
                    drain-timeout: 6s
                    stop-timeout: 5s
                """);

        WorkerProgram.Limits byDefault = WorkerProgram.Limits.DEFAULT;
        assertEquals(
                List.of(
                        new WorkerProgram(
                                "prime",
                                List.of(dir + "/bin/prime", "--level", "3"),
                                dir.toString(),
                                Map.of(),
                                4,
                                new WorkerProgram.Limits(
                                        byDefault.restartMsMin(),
                                        byDefault.restartMsMax(),
                                        byDefault.healthyMs(),
                                        byDefault.startsMax(),
                                        byDefault.drainMs(),
                                        byDefault.stopMs(),
                                        64 << 20),
                                List.of(dir + "/bin/prime")),
                        new WorkerProgram(
                                "hello",
                                List.of("python3", "hello.py"),
                                dir + "/scripts",
                                Map.of("NAME", "x"),
                                1,
                                new WorkerProgram.Limits(1_000, 2_000, 3_000, 4, 6_000, 5_000, 0),
                                List.of())),
                config.workers());
    }

    @Test
    void shouldRefuseWorkersThatCannotBe() throws Exception {
        String all = String.join(
                "\n",
                refused(
                                """
                                workers:
                                  a: { count: 0 }
                                  b c: { command: [x] }
                                  d: { command: x }
                                  e: { command: [x], env: { "A=B": c }, restart-delay-min: 2s, restart-delay-max: 1s }
                                """)
                        .problems());

        assertEquals(
                """
                FILE:2: workers.a.command: missing (expected: a list: the program and its arguments)
                FILE:2: workers.a.count: 0 (expected: a number from 1 to 1000)
                FILE:3: workers.b c: b c (expected: a name: 1 to 64 of a-z, A-Z, 0-9, - and _)
                FILE:4: workers.d.command: a value (expected: a list of texts)
                FILE:4: workers.d.command: missing (expected: a list: the program and its arguments)
                FILE:5: workers.e.env.A=B: not the name of a variable (expected: letters, digits and _)
                FILE:5: workers.e.restart-delay-max: 1000ms (expected: not less than restart-delay-min (2000ms))"""
                        .replace("FILE", dir.resolve("jackfield.yaml").toString()),
                all);
    }

    @Test
    void shouldReadTheArticlesTwoPorts() throws Exception {
        BrokerConfig config = read(
                """
                endpoints:
                  - bind: tcp://127.0.0.1:5559
                    role: clients
                    service: hello
                    on-failure: silent
                  - { bind: "tcp://[::1]:5560", role: workers, service: hello, credit: 7, dialect: plain }
                services:
                  hello:
                    timeout: 2m
                    idempotent: true
                    attempts-max: 2
                    queue-length-max: 5
                    queue-bytes-max: 1KiB
                    placement: in-process=90,remote=10
                """);

        assertEquals(
                List.of(
                        new EndpointSettings(
                                        "tcp://127.0.0.1:5559",
                                        Role.CLIENTS,
                                        "hello",
                                        1,
                                        Optional.empty(),
                                        OnFailure.SILENT)
                                .withAdmin(true),
                        new EndpointSettings(
                                        "tcp://[::1]:5560",
                                        Role.WORKERS,
                                        "hello",
                                        7,
                                        Optional.of(Dialect.PLAIN),
                                        OnFailure.ERROR_BODY)
                                .withAdmin(true)),
                config.endpoints().stream().map(Endpoint::settings).toList());
        assertEquals(
                new ServiceSettings(Optional.of(120_000L), Optional.of(true), 2, 5, 1024).placed(new Placement(90)),
                config.services().get("hello"));
    }

    @Test
    void shouldReadTheConfigurationForExistingPrograms() throws Exception {
        String page = Files.readString(Path.of("../docs/EXISTING-PROGRAMS.md"));
        int begin = page.indexOf("```yaml\n") + "```yaml\n".length();

        assertEquals(
                18,
                read(page.substring(begin, page.indexOf("```", begin)))
                        .endpoints()
                        .size());
    }

    @Test
    void shouldReadTheGroupOfAnEndpoint() throws Exception {
        BrokerConfig config = read("endpoints: [{bind: 'tcp://*:1', group: a}, {bind: 'tcp://*:2', group: a},"
                + " {bind: 'tcp://*:3', group: b, task-queue-length-max: 5}, {bind: 'tcp://*:4'}]\n");

        assertEquals(
                List.of(Optional.of("a"), Optional.of("a"), Optional.of("b"), Optional.empty()),
                config.endpoints().stream()
                        .map(endpoint -> endpoint.settings().patterns().group())
                        .toList());
    }

    @Test
    void shouldPermitChangesWhereOnlyThisMachineReaches() throws Exception {
        BrokerConfig config = read(
                """
                endpoints:
                  - bind: tcp://127.0.0.1:1
                  - bind: tcp://localhost:2
                  - bind: "tcp://[::1]:3"
                  - bind: ipc:///tmp/x
                  - bind: tcp://*:4
                  - bind: tcp://10.0.0.1:5
                  - bind: tcp://127.0.0.1.example:6
                  - { bind: "tcp://127.0.0.1:7", admin: off }
                  - { bind: "tcp://*:8", admin: on }
                  - { connect: "tcp://127.0.0.1:9", socket: dealer }
                """);

        assertEquals(
                List.of(true, true, true, true, false, false, false, false, true, false),
                config.endpoints().stream()
                        .map(endpoint -> endpoint.settings().admin())
                        .toList());
    }

    @Test
    void shouldReadTheTransportOfAnEndpoint() throws Exception {
        BrokerConfig config = read("endpoints: [{bind: 'tcp://*:1'}, {bind: 'tcp://*:2', transport: jeromq}]\n");

        assertEquals(
                List.of(Via.ZMTP, Via.JEROMQ),
                config.endpoints().stream().map(Endpoint::via).toList());
    }

    @Test
    void shouldReadAnEndpointThatConnects() throws Exception {
        BrokerConfig config = read("endpoints: [{connect: 'ipc:///run/rep', socket: dealer, service: hello}]");

        Endpoint endpoint = config.endpoints().get(0);
        assertEquals("ipc:///run/rep", endpoint.address());
        assertEquals(Optional.of(SocketType.DEALER), endpoint.connectAs());
        assertEquals("hello", endpoint.settings().service());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nonsense: 1 | :1: nonsense: unknown key (expected: one of drain-timeout, endpoints, http",
                "http: {hosts: ['a:1']} | :1: http.hosts: a:1 (expected: names without port, or *)",
                "http: {origins: ['http://a/b']} | :1: http.origins: http://a/b (expected: SCHEME://HOST:PORT without",
                "http: {bind: 80} | :1: http.bind: 80 (expected: HOST:PORT",
                "http: {bind: 'h:65536'} | :1: http.bind: h:65536 (expected: HOST:PORT",
                "limits: {peers-max: 0} | :1: limits.peers-max: 0 (expected: a number from 1 to 1000000)",
                "limits: {peers-max: -1} | :1: limits.peers-max: -1 (expected: a number",
                "limits: {body-bytes-max: 16} | :1: limits.body-bytes-max: 16 (expected: a size such as",
                "limits: {body-bytes-max: 99999999999999999GiB} | (expected: a size such as",
                "limits: {handshake-time: 5} | :1: limits.handshake-time: 5 (expected: a time such as",
                "limits: {ping-interval: 5s, ping-timeout: 5s} | :1: limits.ping-timeout: 5s (expected: more than",
                "limits: {ipc-mode: 1600} | :1: limits.ipc-mode: 1600 (expected: an octal file mode",
                "limits: {ipc-mode: rw} | :1: limits.ipc-mode: rw (expected: an octal file mode",
                "endpoints: [{bind: 'ipc://'}] | endpoints[0].bind: ipc:// (expected: tcp://HOST:PORT or ipc://PATH",
                "limits: {connect-retry-min: 20s} | :1: limits.connect-retry-max: 10s (expected: no less than",
                "endpoints: [{connect: 'tcp://h:1'}] | endpoints[0].socket: missing (expected: with connect, one of",
                "endpoints: [{connect: 'tcp://h:1', socket: rep}] | endpoints[0].socket: rep (expected: one of dealer,",
                "endpoints: [{connect: 'tcp://h:1', bind: 'tcp://h:1'}] | endpoints[0].connect: given beside bind",
                "endpoints: [{bind: 'ipc://x', transport: jeromq}] | endpoints[0].transport: jeromq (expected: zmtp, for",
                "endpoints: [{bind: 'tcp://h:1', socket: dealer}] | endpoints[0].socket: given beside bind",
                "endpoints: [{bind: 'tcp://h:1', group: ' '}] | endpoints[0].group:   (expected: a name",
                "endpoints: [{bind: 'tcp://h:1', group: g}, {bind: 'tcp://h:2', group: g, task-queue-length-max: 5}] |"
                        + " endpoints[1].group: g with another task-queue-length-max or task-queue-bytes-max"
                        + " (expected: the same for all endpoints of a group: 10000 and 64MiB)",
                "limits: [1] | :1: limits: a list (expected: keys and values)",
                "endpoints: {a: 1} | :1: endpoints: keys and values (expected: a list)",
                "endpoints: [{role: any}] | :1: endpoints[0].bind: missing (expected: tcp://HOST:PORT",
                "endpoints: [{bind: 'udp://h:1'}] | endpoints[0].bind: udp://h:1 (expected: tcp://HOST:PORT",
                "endpoints: [{bind: 'tcp://h:1', role: boss}] | role: boss (expected: one of any, clients, workers)",
                "endpoints: [{bind: 'tcp://h:1', transport: nng}] | transport: nng (expected: one of zmtp, jeromq)",
                "services: {'a b': {}} | :1: services.a b: not a service name (expected:",
                "services: {a: {idempotent: yes}} | services.a.idempotent: yes (expected: true or false)",
                "services: {a: {placement: remote=10}} | services.a.placement: remote=10 (expected: in-process, remote, b",
                "services: {a: {placement: 'in-process=90,remote=20'}} | services.a.placement: in-process=90,remote=20 (",
                "http: {routes: [{path: x}]} | http.routes[0].path: x (expected: a path that begins with /, without ?, oth",
                "http: {routes: [{path: /health, service: a}]} | http.routes[0].path: /health (expected: a path that",
                "http: {routes: [{path: /services/a, service: a}]} | http.routes[0].path: /services/a (expected: a path",
                "http: {routes: [{path: /a, service: a}, {path: /a, service: b}]} | routes[1].path: /a again (expected: each",
                "limits: {message-frames-max: 32768} | message-frames-max: 32768 (expected: a number from 1 to 32767)",
                "limits: {output-bytes-max: 1023B} | output-bytes-max: 1023B (expected: a size such as 64KiB, 16MiB or 51",
                "limits: {input-bytes-max: 1B} | limits.input-bytes-max: 1B (expected: a size such as 64KiB, 16MiB or 512B,",
                "limits: {output-bytes-total-max: 1B} | output-bytes-total-max: 1B (expected: a size such as 64KiB, 16MiB",
                "services: {jf.x: {}} | services.jf.x: not a service name (expected: a service name: 1 to 255 bytes without",
                "endpoints: [{bind: 'tcp://h:1', service: jf.x}] | endpoints[0].service: jf.x (expected: a service name",
                "a: [1 | (expected: YAML)",
                "drain-timeout: 1s, drain-timeout: 2s | (expected: YAML)",
            })
    void shouldRefuseWithFileAndLineAndWhatWasExpected(String yaml, String expected) {
        ConfigException refused = refused(yaml);

        assertTrue(text(refused).contains(expected), text(refused));
        assertTrue(text(refused).startsWith(dir.resolve("jackfield.yaml").toString()), text(refused));
    }

    @Test
    void shouldNameEveryProblemWithItsLine() {
        ConfigException refused = refused("http:\n  bind: 1\n  bind: off\nlimits:\n  peers-max: many\n");

        assertEquals(
                List.of(
                        dir.resolve("jackfield.yaml")
                                + ":5: limits.peers-max: many (expected: a number from 1 to 1000000)",
                        dir.resolve("jackfield.yaml") + ":3: http.bind: given twice (expected: once; first in line 2)",
                        dir.resolve("jackfield.yaml") + ":2: http.bind: 1 (expected: HOST:PORT, for example"
                                + " 127.0.0.1:8080, or off)"),
                refused.problems());
    }

    @Test
    void shouldRefuseAFileThatIsNotThereOrNotText() throws IOException {
        Path none = dir.resolve("none.yaml");
        assertTrue(text(assertThrows(ConfigException.class, () -> ConfigReader.read(none)))
                .endsWith("none.yaml: no such file"));
        Path binary = dir.resolve("binary.yaml");
        Files.write(binary, new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        assertTrue(text(assertThrows(ConfigException.class, () -> ConfigReader.read(binary)))
                .endsWith("is not UTF-8 text"));
    }

    @Test
    void shouldPutTheCommandLineAboveTheFile() throws Exception {
        BrokerConfig config = ConfigReader.overridden(
                read("drain-timeout: 3s\n"),
                List.of("tcp://127.0.0.1:0", "tcp://*:7"),
                Optional.of("off"),
                Optional.of(dir));

        assertEquals(
                List.of("tcp://127.0.0.1:0", "tcp://*:7"),
                config.endpoints().stream().map(Endpoint::address).toList());
        assertEquals(Optional.empty(), config.http().bind());
        assertEquals(dir.toAbsolutePath(), config.plugins().dir());
        assertEquals(3000, config.drainTimeoutMs());
        ConfigException refused = assertThrows(
                ConfigException.class,
                () -> ConfigReader.overridden(config, List.of("here"), Optional.of("there"), Optional.empty()));
        assertEquals(2, refused.problems().size());
    }

    private BrokerConfig read(String yaml) throws Exception {
        return ConfigReader.read(file(yaml));
    }

    private static String text(ConfigException refused) {
        return String.join("\n", refused.problems());
    }

    private ConfigException refused(String yaml) {
        return assertThrows(ConfigException.class, () -> read(yaml));
    }

    private Path file(String yaml) throws IOException {
        return Files.writeString(dir.resolve("jackfield.yaml"), yaml);
    }
}
