package io.jackfield.kit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.api.Handler;
import io.jackfield.api.Reply;
import io.jackfield.protocol.Command;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Jf1Message;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the broker must have got before a worker that drains is gone. */
@Timeout(60)
final class WorkerLeavingTest {
    private static final int LARGE_BYTES = 16 << 20;
    /** For longer than a link that is closed waits for its broker. */
    private static final long HELD_MS = 1500;

    private final CountDownLatch running = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);

    @Test
    void shouldStayUntilTheBrokerHasReadItsLastAnswer() throws Exception {
        try (FakeBroker broker = new FakeBroker();
                Relay relay = new Relay(0, broker.port())) {
            Worker worker = serving(relay.endpoint());
            broker.welcome(LARGE_BYTES);
            worker.awaitReady(Duration.ofSeconds(10));
            broker.send(request());
            assertTrue(running.await(10, TimeUnit.SECONDS));
            CompletableFuture<Boolean> drained = Await.draining(worker);
            broker.receive(Command.DRAIN);
            broker.send(Jf1Message.drain(1));
            broker.receiveHeartbeats(1);

            relay.hold();
            release.countDown();
            assertThrows(TimeoutException.class, () -> drained.get(HELD_MS, TimeUnit.MILLISECONDS));
            relay.release();

            assertEquals(LARGE_BYTES, broker.receive(Command.REPLY).bodyBytes());
            broker.receive(Command.DISCONNECT);
            assertTrue(drained.get(10, TimeUnit.SECONDS));
        }
    }

    /** Of a request that crossed its DRAIN and that it refuses itself. */
    @Test
    void shouldStayUntilTheBrokerHasReadAFailureOfItsOwn() throws Exception {
        try (FakeBroker broker = new FakeBroker()) {
            Worker worker = serving(broker.endpoint());
            broker.welcome();
            worker.awaitReady(Duration.ofSeconds(10));
            CompletableFuture<Boolean> drained = Await.draining(worker);
            broker.receive(Command.DRAIN);
            assertEquals(Command.HEARTBEAT, broker.receiveAny().command());
            broker.send(request("unknown"));
            broker.send(Jf1Message.heartbeat(false));

            assertEquals(Command.FAILURE, broker.receiveAny().command());
            assertEquals(Command.HEARTBEAT, broker.receiveAny().command(), "asks anew");
            broker.send(Jf1Message.heartbeat(false));
            broker.receive(Command.DISCONNECT);
            assertTrue(drained.get(10, TimeUnit.SECONDS));
        }
    }

    private Worker serving(String endpoint) {
        Handler large = (request, context) -> {
            running.countDown();
            release.await();
            return Reply.of(new byte[LARGE_BYTES]);
        };
        return Worker.connect(endpoint).liveness(30).service("s", large).start();
    }

    private static Jf1Message request() {
        return request("s");
    }

    private static Jf1Message request(String service) {
        return Jf1Message.request(1, service, Headers.EMPTY, List.of(ByteBuffer.wrap("x".getBytes(UTF_8))))
                .withTimeMs(30_000)
                .withCount(1);
    }
}
