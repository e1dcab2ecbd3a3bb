package io.jackfield.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jackfield.dist.Jackfield.Ran;
import io.jackfield.host.fixture.FixtureJar;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Jf1Message;
import io.jackfield.protocol.KryoFraming;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

class WorkersIT {

    private static final String PRIME = "32416190071";

    private static final String CONFIG =
            """
            endpoints:
              - { bind: "tcp://127.0.0.1:0" }
              - { bind: "tcp://127.0.0.1:0", role: clients, service: plain }
              - { bind: "tcp://127.0.0.1:0", role: workers, service: plain }
            http: { bind: "127.0.0.1:0" }
            services:
              once: { idempotent: false, timeout: 30s }
            """;

    private static Kits kits;

    @TempDir
    private Path folder;

    private Serving broker;

    @BeforeAll
    static void setUpKits() throws Exception {
        kits = Kits.setUp();
    }

    @BeforeEach
    void startBroker() throws IOException {
        Path config = Files.writeString(folder.resolve("jackfield.yaml"), CONFIG);
        broker = Serving.start(folder, "--config", config.toString());
    }

    @AfterEach
    void stopBroker() {
        broker.close();
    }

    @Test
    void shouldServeFromC() throws Exception {
        try (Running worker =
                kits.c(folder, "is_prime_worker", "--connect", broker.endpoint(), "--service", "is-prime-c")) {
            awaitWorkers("is-prime-c", 1, worker);

            assertAnswers("is-prime-c", PRIME, PRIME);
            assertEquals(4, broker.call("is-prime-c", "many").exitCode());
        }
    }

    @Test
    void shouldServeFromPythonUntilSigterm() throws Exception {
        Path sample = kits.pythonSample("is_prime_worker.py");
        try (Running worker = kits.python(folder, sample, "--connect", broker.endpoint(), "--service", "is-prime-py")) {
            worker.awaitLine("ready", line -> line.equals("ready"));
            assertAnswers("is-prime-py", PRIME, PRIME);

            worker.terminate();
            assertEquals(0, worker.awaitExit(), worker.output());
            awaitWorkers("is-prime-py", 0, worker);
        }
    }

    @Test
    void shouldServeAPluginJarFromAJavaProcessUntilSigterm() throws Exception {
        String jar = Jackfield.HOME.resolve("plugins/echo.jar").toString();
        String[] command = Jackfield.command("worker", "--connect", broker.endpoint(), jar);
        try (Running worker = Running.start(folder, java.util.Map.of(), command)) {
            worker.awaitLine("ready", line -> line.startsWith("jackfield worker ready"));
            assertAnswers("echo", "Hello", "Hello");
            Ran traced = Jackfield.run(
                    "call", "echo", "x", "--json", "--header", "served-by:", "--connect", broker.endpoint());
            String sha256 = io.jackfield.host.Sha256.of(Path.of(jar));
            assertTrue(traced.text().contains("; generation=1; sha256=" + sha256), traced::text);

            worker.terminate();
            assertEquals(0, worker.awaitExit(), worker.output());
        }
    }

    @Test
    void shouldServePluginsThatDependOnEachOtherAndHaveAConfiguration() throws Exception {
        Path words = FixtureJar.plugin("words")
                .source("Words", "public class Words { public static final String GREETING = \"good day, \"; }")
                .handler("words", "return Reply.text(Words.GREETING.strip());")
                .writeTo(folder);
        Path greet = FixtureJar.plugin("greet")
                .dependsOn("words@>=1.0")
                .compiledAgainst(words)
                .source("Greeted", "public record Greeted(String name) {}")
                .handler(
                        "name = \"greet\", config = Greeted.class",
                        "implements Handler",
                        FixtureJar.handleMethod("return Reply.text(new fixture.words.Words().GREETING"
                                + " + context.config(Greeted.class).name());"))
                .writeTo(folder);
        Path config = Files.writeString(
                folder.resolve("plugins.yaml"), "plugins: { settings: { greet: { config: { name: Ada } } } }");
        String[] options = {"worker", "--connect", broker.endpoint(), greet.toString(), words.toString()};

        Ran refused = Jackfield.run(options);
        assertTrue(
                refused.stderr()
                        .contains("CONFIG_INVALID: " + greet + ": no --config FILE is given:"
                                + " plugins.settings.greet.config.name: missing (expected: text)"),
                refused::stderr);

        String[] command = Jackfield.command(
                "worker",
                "--config",
                config.toString(),
                "--connect",
                broker.endpoint(),
                greet.toString(),
                words.toString());
        try (Running worker = Running.start(folder, java.util.Map.of(), command)) {
            worker.awaitLine("ready", line -> line.startsWith("jackfield worker ready"));
            assertAnswers("greet", "", "good day, Ada");
        }
    }

    @Test
    void shouldServeNoJarFromAJavaProcessThatIsNotTrusted() throws Exception {
        String jar = Jackfield.HOME.resolve("plugins/echo.jar").toString();
        String list = folder.resolve("trusted.txt").toString();
        String[] command = Jackfield.command("worker", "--connect", broker.endpoint(), "--trust", list, jar);
        Ran refused = Jackfield.run("worker", "--connect", broker.endpoint(), "--trust", list, jar);
        assertEquals(7, refused.exitCode());
        assertTrue(refused.stderr().startsWith("jackfield worker: PLUGIN_NOT_TRUSTED: "), refused.stderr());

        Ran trusted = Jackfield.run("plugins", "trust", "--file", list, jar);
        assertEquals(0, trusted.exitCode(), trusted::stderr);
        assertTrue(trusted.text().contains("  echo.jar"), trusted::text);
        try (Running worker = Running.start(folder, java.util.Map.of(), command)) {
            worker.awaitLine("ready", line -> line.startsWith("jackfield worker ready"));
            worker.terminate();
            assertEquals(0, worker.awaitExit(), worker.output());
        }
    }

    @Test
    void shouldServeAPluginJarAtSeveralBrokers() throws Exception {
        String jar = Jackfield.HOME.resolve("plugins/echo.jar").toString();
        Path elsewhere = Files.createDirectory(folder.resolve("other"));
        try (Serving other = Serving.start(elsewhere);
                Running worker = Running.start(
                        folder,
                        java.util.Map.of(),
                        Jackfield.command(
                                "worker", "--broker", broker.endpoint(), "--broker", other.endpoint(), jar))) {
            for (Serving each : List.of(broker, other)) {
                worker.awaitLine("ready", line -> line.equals("jackfield worker ready " + each.endpoint()));
                assertEquals("Hello", each.call("echo", "Hello").text());
            }
        }
    }

    @Test
    void shouldSayWhichOfItsBrokersIsNone() throws Exception {
        Ran ran = Jackfield.run("worker", "--broker", broker.endpoint() + ",localhost", "echo.jar");

        assertEquals(2, ran.exitCode(), ran.stderr());
        assertTrue(ran.stderr().contains("BAD_ENDPOINT: localhost (expected: tcp://HOST:PORT)"), ran.stderr());
    }

    @Test
    void shouldServePlainProgramsThatKnowNothingOfUs() throws Exception {
        Path program = Files.writeString(
                folder.resolve("rep.py"),
                """
                import sys, zmq
                socket = zmq.Context().socket(zmq.REP)
                socket.connect(sys.argv[1])
                while True:
                    socket.send(b"Hello " + socket.recv())
                """);
        try (Running worker = kits.python(folder, program, broker.endpoints().get(2));
                ZContext context = new ZContext()) {
            awaitWorkers("plain", 1, worker);
            ZMQ.Socket client = context.createSocket(SocketType.REQ);
            client.setReceiveTimeOut(10_000);
            client.connect(broker.endpoints().get(1));
            for (String name : new String[] {"Ada", "Grace", ""}) {
                client.send(name);
                assertEquals("Hello " + name, client.recvStr());
            }
        }
    }

    @Test
    void shouldTellTheClientWithinASecondThatItsWorkerWasKilled() throws Exception {
        Path program = Files.writeString(
                folder.resolve("silent.py"),
                """
                import sys, threading
                from jackfield import Worker
                worker = Worker(sys.argv[1])
                worker.add("once", lambda request: threading.Event().wait())
                worker.run()
                """);
        try (Running worker = kits.python(folder, program, broker.endpoint())) {
            awaitWorkers("once", 1, worker);
            CompletableFuture<Ran> call = CompletableFuture.supplyAsync(() -> callOnce("x"), Jackfield.THREADS);
            Await.until("a request in flight", () -> call.isDone() || row("workers", "inFlight", 1));
            assertFalse(call.isDone(), () -> "it ended before its worker: " + call.join());
            worker.kill();
            long killedNs = System.nanoTime();

            Ran ran = call.get(1, TimeUnit.SECONDS);

            assertTrue(ran.stderr().startsWith("jackfield call: WORKER_LOST: "), ran.stderr());
            assertEquals(6, ran.exitCode());
            assertTrue(System.nanoTime() - killedNs < TimeUnit.SECONDS.toNanos(1));
        }
    }

    @Test
    void shouldEndAJavaProcessThatNoBrokerTakesInWithTheCodeOfTheReason() throws Exception {
        Path other = Files.createDirectory(folder.resolve("other"));
        Path config = Files.writeString(
                other.resolve("jackfield.yaml"), CONFIG + "limits: { services-max: 2 } # which those above are\n");
        String jar = Jackfield.HOME.resolve("plugins/echo.jar").toString();
        try (Serving full = Serving.start(other, "--config", config.toString())) {
            Ran ran = Jackfield.run("worker", "--connect", full.endpoint(), jar);

            assertTrue(ran.stderr().contains("jackfield worker: TOO_MANY_SERVICES: "), ran.stderr());
            assertEquals(5, ran.exitCode(), ran.stderr());
        }
    }

    @Test
    void shouldEndAJavaProcessThatIsRefusedByABrokerThatCameLate() throws Exception {
        String jar = Jackfield.HOME.resolve("plugins/echo.jar").toString();
        try (ZContext context = new ZContext()) {
            ZMQ.Socket late = context.createSocket(SocketType.ROUTER);
            late.setReceiveTimeOut(100);
            late.bind("tcp://127.0.0.1:*");
            String[] command = Jackfield.command("worker", "--connect", late.getLastEndpoint(), jar);
            try (Running worker = Running.start(folder, java.util.Map.of(), command)) {
                worker.awaitLine("that it waits", line -> line.endsWith("yet; waiting"));

                Await.until("its end", () -> {
                    refuse(late);
                    return !worker.isAlive();
                });

                assertEquals(5, worker.awaitExit(), worker.output());
            }
        }
    }

    /** Whatever was said by whoever is there. */
    private static void refuse(ZMQ.Socket broker) {
        byte[] peer = broker.recv();
        if (peer != null && broker.recv() != null) {
            ByteBuffer refusal =
                    KryoFraming.encode(Jf1Message.failure(0, Failure.of(ErrorCode.TOO_MANY_SERVICES, "no more", "")));
            byte[] frame = new byte[refusal.remaining()];
            refusal.get(frame);
            broker.sendMore(peer);
            broker.send(frame);
        }
    }

    @Test
    void shouldRefuseToHostAJarThatIsNone() throws Exception {
        Path bad = Files.writeString(folder.resolve("bad.jar"), "not a jar");

        Ran ran = Jackfield.run("worker", "--connect", broker.endpoint(), bad.toString());

        assertEquals(7, ran.exitCode(), ran.stderr());
        assertTrue(ran.stderr().startsWith("jackfield worker: PLUGIN_UNREADABLE: "), ran.stderr());
    }

    private Ran callOnce(String body) {
        try {
            return Jackfield.run("call", "once", body, "--connect", broker.endpoint(), "--timeout", "30000");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void assertAnswers(String service, String body, String expected) throws Exception {
        Ran ran = broker.call(service, body);
        assertEquals(expected, new String(ran.stdout(), StandardCharsets.UTF_8), ran.stderr());
    }

    private void awaitWorkers(String service, int count, Running worker) {
        Await.until(count + " workers of " + service + "; it said: " + worker.output(), () -> {
            JsonNode services = list("services");
            int workers = 0;
            for (JsonNode row : services.path("services")) {
                workers += row.path("name").asText().equals(service)
                        ? row.path("workers").asInt()
                        : 0;
            }
            return workers == count;
        });
    }

    private boolean row(String listing, String field, int value) {
        for (JsonNode row : list(listing).path(listing)) {
            if (row.path(field).asInt() == value) {
                return true;
            }
        }
        return false;
    }

    private JsonNode list(String what) {
        try {
            return new ObjectMapper().readTree(broker.list(what, "--json").stdout());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
