package io.jackfield.broker.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.jackfield.broker.transport.PyZmq;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Workers that the broker runs itself: a plain Python program, which knows nothing of it. */
@Timeout(120)
class SupervisedWorkersTest {
    private static final String WORKER =
            """
            import os, sys, zmq
            socket = zmq.Context().socket(zmq.REP)
            socket.connect(os.environ["JACKFIELD_ENDPOINT"])
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

    private RunningBroker start(int count) throws Exception {
        Files.writeString(temp.resolve("hello.py"), WORKER);
        return RunningBroker.start(
                temp,
                """
                endpoints: [{ bind: "tcp://127.0.0.1:0", service: hello }]
                services: { hello: { idempotent: true } }
                workers:
                  hello:
                    command: ["%s", hello.py]
                    dir: .
                    count: %d
                    restart-delay-min: 1ms
                    healthy-time: 50ms
                    watch: [hello.py]
                """
                        .formatted(PyZmq.interpreterHere(), count));
    }

    private static long pid(RunningBroker broker, String name) throws Exception {
        return broker.view("supervised", "name", name).path("pid").asLong();
    }
}
