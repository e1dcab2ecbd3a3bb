package io.jackfield.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.dist.Jackfield.Ran;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/**
 * The article's overload: more requests than the workers can take, and a worker that is added while that is so. The test itself is the busy
 * worker and the client, on one thread, so what is where is known at every step.
 */
class OverloadIT {

    private static final int HEAP_MIB = 48;
    private static final int QUEUE_LENGTH_MAX = 100;
    private static final int BODY_BYTES = 16 << 10;

    /** All of them together are several times the heap. */
    private static final int REFUSED = 16_000;

    /** Asked at once, and answered before more are asked: the broker's output to the client has a limit, too. */
    private static final int BURST = 200;

    private static final int TIMEOUT_MS = 60_000;
    private static final String REFUSAL =
            "JACKFIELD-ERROR 7 OVERLOADED: the queue of service hello is full: 100 requests,";

    private static Kits kits;

    @TempDir
    private Path folder;

    private Serving broker;
    private final ZContext context = new ZContext();
    private ZMQ.Socket client;
    private ZMQ.Socket busy;

    @BeforeAll
    static void setUpKits() throws Exception {
        kits = Kits.setUp();
    }

    @BeforeEach
    void startBroker() throws IOException {
        String config =
                """
                endpoints:
                  - { bind: "tcp://127.0.0.1:0" }
                  - { bind: "tcp://127.0.0.1:0", role: clients, service: hello }
                  - { bind: "tcp://127.0.0.1:0", role: workers, service: hello }
                http: { bind: "127.0.0.1:0" }
                services:
                  hello: { queue-length-max: %d, timeout: 10m }
                """;
        Files.writeString(folder.resolve("jackfield.yaml"), config.formatted(QUEUE_LENGTH_MAX));
        broker = Serving.start(
                folder,
                Map.of("JACKFIELD_JAVA_OPTS", "-Xmx" + HEAP_MIB + "m"),
                "--config",
                folder.resolve("jackfield.yaml").toString());
        client = socket(SocketType.DEALER, broker.endpoints().get(1));
        busy = socket(SocketType.REP, broker.endpoints().get(2));
    }

    @AfterEach
    void stop() {
        context.close();
        broker.close();
    }

    @Test
    void shouldRefuseAtOnceWhileFullAndLetANewWorkerTakeTheLoad() throws Exception {
        client.send(new byte[BODY_BYTES]);
        assertEquals(BODY_BYTES, busy.recv().length, "the only worker has a request, and keeps it");
        IntStream.range(0, QUEUE_LENGTH_MAX).forEach(i -> client.send(new byte[BODY_BYTES]));

        for (int asked = 0; asked < REFUSED; asked += BURST) {
            IntStream.range(0, BURST).forEach(i -> client.send(new byte[BODY_BYTES]));
            for (int i = 0; i < BURST; i++) {
                String reply = client.recvStr();
                assertTrue(reply != null && reply.startsWith(REFUSAL), "refused: " + reply);
                assertTrue(reply.endsWith("(retry after 100 ms, or add workers)"), reply);
            }
        }
        assertRefusedByHttp();
        assertRefusedInJf1();

        try (Running added = kits.python(
                folder,
                Path.of("src/test/programs/python/hello_worker.py").toAbsolutePath(),
                "connect",
                broker.endpoints().get(2),
                "the new one")) {
            for (int i = 0; i < QUEUE_LENGTH_MAX; i++) {
                assertEquals("World from the new one", client.recvStr(), added.output());
            }
            busy.send("at last");
            assertEquals("at last", client.recvStr());
        }
    }

    private void assertRefusedByHttp() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(broker.http() + "/services/hello"))
                .POST(HttpRequest.BodyPublishers.ofString("x"))
                .build();
        HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());

        assertEquals(503, answer.statusCode(), answer.body());
        assertEquals("1", answer.headers().firstValue("Retry-After").orElse("none"));
        assertEquals(
                "application/problem+json",
                answer.headers().firstValue("Content-Type").orElse("none"));
        assertTrue(answer.body().contains("\"name\":\"OVERLOADED\""), answer.body());
        assertTrue(answer.body().contains("\"retryable\":true"), answer.body());
    }

    private void assertRefusedInJf1() throws Exception {
        Ran ran = broker.call("hello", "x");

        assertTrue(
                ran.stderr().startsWith("jackfield call: OVERLOADED: the queue of service hello is full"),
                ran.stderr());
        assertTrue(ran.stderr().contains("retry after 100 ms"), ran.stderr());
    }

    private ZMQ.Socket socket(SocketType type, String address) {
        ZMQ.Socket socket = context.createSocket(type);
        socket.setReceiveTimeOut(TIMEOUT_MS);
        socket.setHWM(0);
        socket.connect(address);
        return socket;
    }
}
