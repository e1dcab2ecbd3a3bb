package io.jackfield.kit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.api.Handler;
import io.jackfield.api.Reply;
import io.jackfield.protocol.Command;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Jf1Message;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a worker says to messages that brokers seldom send, or should not. */
@Timeout(60)
final class WorkerRulesTest {
    private final FakeBroker broker = new FakeBroker();
    private final CountDownLatch running = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void close() {
        release.countDown();
        broker.close();
    }

    @Test
    void shouldAnswerAHeartbeatAndNotTakeItForTheAnswerToItsOwn() throws Exception {
        Worker worker = serving((request, context) -> Reply.text("served"));

        CompletableFuture<Boolean> drained = Await.draining(worker);
        broker.receive(Command.DRAIN);
        assertHeartbeat(1);
        broker.send(Jf1Message.heartbeat(true));
        assertHeartbeat(0);
        broker.send(request(1));
        broker.send(Jf1Message.heartbeat(false));

        assertEquals(List.of(buffer("served")), broker.receive(Command.REPLY).body());
        broker.receive(Command.DISCONNECT);
        assertTrue(drained.get(10, TimeUnit.SECONDS));
    }

    @Test
    void shouldSayWhatIsWrongWithAMessageThatBreaksTheRules() throws Exception {
        Jf1Message failure = Jf1Message.failure(8, Failure.of(ErrorCode.CANCELLED, "", ""));
        try (Worker worker = serving((request, context) -> Reply.text("served"))) {
            broker.sendFrames(FakeBroker.broken(request(7)));
            assertBadMessage(7);
            broker.sendFrames(FakeBroker.broken(failure)); // who answers failures does not come to an end
            broker.sendFrames(FakeBroker.bytes(request(7)), new byte[1], new byte[0]);
            assertBadMessage(7);
            broker.sendFrames(new byte[] {1, 2, 3});
            assertBadMessage(0);

            broker.send(request(7));
            assertEquals(
                    List.of(buffer("served")), broker.receive(Command.REPLY).body());
            assertTrue(worker.inFlight() <= 1);
        }
    }

    @Test
    void shouldNotEndARequestInFlightForABadMessageWithItsId() throws Exception {
        Handler held = (request, context) -> {
            running.countDown();
            release.await();
            return Reply.text("done");
        };
        try (Worker worker = serving(held)) {
            broker.send(request(1));
            assertTrue(running.await(10, TimeUnit.SECONDS));

            broker.sendFrames(FakeBroker.broken(Jf1Message.cancel(1)));
            broker.sendFrames(FakeBroker.broken(Jf1Message.cancel(2)));

            assertBadMessage(2);
            release.countDown();
            assertEquals(List.of(buffer("done")), broker.receive(Command.REPLY).body());
            assertTrue(worker.inFlight() <= 1);
        }
    }

    private Worker serving(Handler handler) throws Exception {
        Worker worker = Worker.connect(broker.endpoint())
                .heartbeatMs(10_000) // of its own accord it sends none meanwhile
                .service("s", handler)
                .start();
        broker.welcome();
        worker.awaitReady(Duration.ofSeconds(10));
        return worker;
    }

    private void assertHeartbeat(int count) throws Exception {
        Jf1Message message = broker.receiveAny();
        assertEquals(Command.HEARTBEAT, message.command());
        assertEquals(count, message.header().count());
    }

    private void assertBadMessage(long id) throws Exception {
        Jf1Message failure = broker.receive(Command.FAILURE);
        assertEquals(id, failure.id());
        assertEquals(ErrorCode.BAD_MESSAGE, failure.failure().code());
    }

    private static Jf1Message request(long id) {
        return Jf1Message.request(id, "s", Headers.EMPTY, List.of(buffer("x")))
                .withTimeMs(30_000)
                .withCount(1);
    }

    private static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }
}
