package io.jackfield.broker.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jackfield.broker.transport.PyZmq;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Workers that the broker runs itself: a plain Python program, which knows nothing of it. */
@Timeout(120)
class SupervisedWorkersTest {
    private static final String WORKER =
            """
            import os, sys, zmq
            socket = zmq.Context().socket(zmq.REP)
            socket.connect(os.environ["JACKFIELD_CONNECT"])
            while True:
                socket.send(socket.recv() + b" from " + os.environ["JACKFIELD_WORKER"].encode())
            """;

    @TempDir
    Path temp;

    @Test
    void shouldServeAndServeAgainAfterAKillAndLeaveNobodyBehind() throws Exception {
        Set<Long> pids = new HashSet<>();
        try (RunningBroker broker = start(1)) {
            assertEquals("1 from hello-1", broker.post("hello", "1").body());
            long killed = pid(broker, "hello-1");
            pids.add(killed);
            ProcessHandle.of(killed).orElseThrow().destroyForcibly();
            assertEquals("2 from hello-1", broker.post("hello", "2").body());
            RunningBroker.await("another process", () -> !pids.contains(pid(broker, "hello-1")));
            assertEquals(
                    "killed by signal 9",
                    broker.view("supervised", "name", "hello-1").path("reason").asText());
            pids.add(pid(broker, "hello-1"));
            broker.broker.drain();
        }
        for (long pid : pids) {
            assertFalse(ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false), "process " + pid);
        }
    }

    @Test
    void shouldRestartWhenAWatchedFileChanges() throws Exception {
        try (RunningBroker broker = start(2)) {
            broker.awaitWorkers("hello", 2);
            long first = pid(broker, "hello-1");
            long second = pid(broker, "hello-2");
            Files.writeString(temp.resolve("hello.py"), WORKER.replace(" from ", " newly from "));
            RunningBroker.await("both are new", () -> {
                JsonNode views = broker.view("supervised");
                return views.get(0).path("restarts").asInt() == 1
                        && views.get(1).path("restarts").asInt() == 1
                        && broker.view("services", "name", "hello")
                                        .path("workers")
                                        .asInt()
                                == 2;
            });
            assertNotEquals(first, pid(broker, "hello-1"));
            assertNotEquals(second, pid(broker, "hello-2"));
            assertEquals("1 newly from", broker.post("hello", "1").body().substring(0, 12));
        }
    }

    @Test
    void shouldScaleDrainAndRestartWhenAskedThroughJf1() throws Exception {
        try (RunningBroker broker = start(1)) {
            broker.awaitWorkers("hello", 1);
            assertEquals("403: NOT_PERMITTED", refusalOverHttp(broker));
            assertEquals(
                    2, change(broker, "scale", "hello 2").path("supervised").size());
            broker.awaitWorkers("hello", 2);
            change(broker, "drain", "hello");
            broker.awaitWorkers("hello", 0);
            change(broker, "restart", "hello");
            broker.awaitWorkers("hello", 2);
            assertRefused("workers: bye (expected: one of hello)", broker, "restart", "bye");
            assertRefused("body: hello (expected: NAME COUNT)", broker, "scale", "hello");
        }
    }

    /** Nobody connects to the name of a network interface, and a relative path begins elsewhere where the worker runs. */
    @ParameterizedTest
    @ValueSource(strings = {"tcp://INTERFACE:0", "ipc://RELATIVE"})
    @EnabledOnOs(OS.LINUX)
    void shouldTellWorkersAnAddressThatTheyReach(String bind) throws Exception {
        String loopback = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress())
                .getName();
        String relative = "target/hello-" + ProcessHandle.current().pid() + ".sock";
        String address = bind.replace("INTERFACE", loopback).replace("RELATIVE", relative);
        try (RunningBroker broker = start(1, WORKER, address, true)) {
            assertEquals("1 from hello-1", broker.post("hello", "1").body());
        }
    }

    /** A request takes a while, a second try is not allowed, and SIGTERM kills the worker on the spot. */
    @ParameterizedTest
    @ValueSource(strings = {"tcp://127.0.0.1:0", "ipc://hello.sock"})
    @EnabledOnOs(OS.LINUX)
    void shouldFailNoRequestWhilePlainWorkersAreReplaced(String bind) throws Exception {
        String slow = WORKER.replace("import os, sys, zmq", "import os, sys, time, zmq")
                .replace(
                        "    socket.send(socket.recv()",
                        "    request = socket.recv()\n    time.sleep(0.02)\n    socket.send(request");
        String address = bind.replace("hello.sock", temp.resolve("hello.sock").toString());
        try (RunningBroker broker = start(2, slow, address, false);
                Load load = new Load(broker, "hello", 4)) {
            broker.awaitWorkers("hello", 2);
            load.awaitAnswers(20);
            change(broker, "restart", "hello");
            awaitRestarts(broker, 1);
            Files.writeString(temp.resolve("hello.py"), slow.replace(" from ", " newly from "));
            awaitRestarts(broker, 2);
            load.awaitAnswers(20);
            change(broker, "scale", "hello 1");
            broker.awaitWorkers("hello", 1);
            RunningBroker.await("one process", () -> broker.view("supervised").size() == 1);
            change(broker, "drain", "hello");
            RunningBroker.await("none", () -> broker.view("supervised", "name", "hello-1")
                    .path("state")
                    .asText()
                    .equals("stopped"));
            change(broker, "restart", "hello");
            load.awaitAnswers(20);
            load.stop();
            assertEquals(List.of(), load.failures());
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void shouldShowWhatAProcessThatIsToEndStillHas() throws Exception {
        Path go = temp.resolve("go");
        String waiting = WORKER.replace(
                        "    socket.send(socket.recv()",
                        """
                request = socket.recv()
                while not os.path.exists("%s"):
                    time.sleep(0.01)
                socket.send(request"""
                                .formatted(go)
                                .indent(4)
                                .stripTrailing())
                .replace("sys, zmq", "sys, time, zmq");
        try (RunningBroker broker = start(1, waiting, "tcp://127.0.0.1:0", false);
                Load load = new Load(broker, "hello", 1)) {
            RunningBroker.await(
                    "a request at the worker",
                    () -> broker.view("workers").path(0).path("inFlight").asInt() == 1);
            change(broker, "drain", "hello");
            RunningBroker.await(
                    "what it has",
                    () -> broker.view("supervised", "name", "hello-1")
                                    .path("inFlight")
                                    .asInt()
                            == 1);
            assertEquals(
                    "draining",
                    broker.view("supervised", "name", "hello-1").path("state").asText());
            Files.createFile(go);
            RunningBroker.await("its end", () -> broker.view("supervised", "name", "hello-1")
                    .path("state")
                    .asText()
                    .equals("stopped"));
            change(broker, "restart", "hello");
            load.awaitAnswers(2);
            load.stop();
            assertEquals(List.of(), load.failures());
        }
    }

    private static void awaitRestarts(RunningBroker broker, int count) throws Exception {
        RunningBroker.await(count + " restarts of each", () -> {
            JsonNode views = broker.view("supervised");
            return views.get(0).path("restarts").asInt() >= count
                    && views.get(1).path("restarts").asInt() >= count
                    && broker.view("services", "name", "hello").path("workers").asInt() == 2;
        });
    }

    private static void assertRefused(String cause, RunningBroker broker, String what, String body) throws Exception {
        String answer = Asker.JF1.ask(broker, 1, "jf.supervised." + what, body);
        assertTrue(answer.contains(cause), answer);
    }

    private static String refusalOverHttp(RunningBroker broker) throws Exception {
        HttpResponse<String> answer = broker.post("jf.supervised.drain", "hello");
        return answer.statusCode() + ": "
                + new ObjectMapper().readTree(answer.body()).path("name").asText();
    }

    private static JsonNode change(RunningBroker broker, String what, String body) throws Exception {
        return new ObjectMapper().readTree(Asker.JF1.ask(broker, 1, "jf.supervised." + what, body));
    }

    private RunningBroker start(int count) throws Exception {
        return start(count, WORKER, "tcp://127.0.0.1:0", true);
    }

    private RunningBroker start(int count, String worker, String bind, boolean idempotent) throws Exception {
        Files.writeString(temp.resolve("hello.py"), worker);
        return RunningBroker.start(
                temp,
                """
                endpoints:
                  - { bind: "%s", service: hello }
                  - { bind: "tcp://127.0.0.1:0" }
                services: { hello: { idempotent: %s } }
                workers:
                  hello:
                    command: ["%s", hello.py]
                    dir: .
                    count: %d
                    restart-delay-min: 1ms
                    healthy-time: 50ms
                    watch: [hello.py]
                """
                        .formatted(bind, idempotent, PyZmq.interpreterHere(), count));
    }

    private static long pid(RunningBroker broker, String name) throws Exception {
        return broker.view("supervised", "name", name).path("pid").asLong();
    }
}
