package io.jackfield.kit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.api.Handler;
import io.jackfield.api.Reply;
import io.jackfield.host.Declared;
import io.jackfield.protocol.Command;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Flags;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Jf1Message;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Handlers that say more than the link takes. */
@Timeout(60)
final class WorkerStreamTest {
    private static final int PARTS = 1000;
    private static final int PART_BYTES = 256 << 10;

    private final FakeBroker broker = new FakeBroker();
    private final AtomicInteger told = new AtomicInteger();
    private volatile Thread teller = Thread.currentThread();

    @AfterEach
    void close() {
        broker.close();
    }

    @Test
    void shouldSendEveryPartOfAStreamThatIsFasterThanTheLinkAndServeOthersMeanwhile() throws Exception {
        try (Worker worker = streaming()) {
            broker.welcome(PART_BYTES);
            broker.send(request(1, "stream", 30_000));
            awaitThatTheTellerWaits();
            assertTrue(told.get() < PARTS / 4, () -> "told, and read by nobody: " + told);
            broker.send(request(2, "other", 30_000));

            int parts = 0;
            boolean otherServed = false;
            for (Jf1Message reply = broker.receive(Command.REPLY); ; reply = broker.receive(Command.REPLY)) {
                if (reply.id() == 2) {
                    otherServed = true;
                } else if (reply.header().has(Flags.PARTIAL)) {
                    assertEquals(parts, reply.body().get(0).getInt());
                    parts++;
                } else {
                    break;
                }
            }
            assertEquals(PARTS, parts);
            assertTrue(otherServed);
            awaitUntil(() -> worker.inFlight() == 0);
        }
    }

    @Test
    void shouldEndAWaitingStreamWhenItIsCancelled() throws Exception {
        assertEquals(ErrorCode.CANCELLED, endOfStream(30_000, () -> broker.send(Jf1Message.cancel(1))));
    }

    @Test
    void shouldEndAWaitingStreamAtItsDeadline() throws Exception {
        long begunNs = System.nanoTime();
        assertEquals(
                ErrorCode.DEADLINE_EXCEEDED,
                endOfStream(1000, () -> awaitUntil(() -> System.nanoTime() - begunNs > 1_100_000_000)));
    }

    @Test
    void shouldLetGoOfAWaitingStreamWhenTheBrokerIsLost() throws Exception {
        try (Worker worker = streaming()) {
            broker.welcome(PART_BYTES);
            broker.send(request(1, "stream", 30_000));
            awaitThatTheTellerWaits();

            broker.close();

            awaitUntil(() -> worker.inFlight() == 0);
        }
    }

    @Test
    void shouldAskForASignOfLifeWhileItSaysOneThingAfterTheOther() throws Exception {
        CountDownLatch enough = new CountDownLatch(1);
        Handler talkative = (request, context) -> {
            while (!enough.await(1, TimeUnit.MILLISECONDS)) {
                context.partial(Reply.text("still here"));
            }
            return Reply.text("done");
        };
        try (Worker worker = Worker.connect(broker.endpoint())
                .heartbeatMs(1000)
                .liveness(10)
                .service("talk", talkative)
                .start()) {
            broker.welcome();
            broker.send(request(1, "talk", 30_000));

            Jf1Message said = broker.receiveAny();
            while (said.command() != Command.HEARTBEAT) {
                assertEquals(Command.REPLY, said.command());
                said = broker.receiveAny();
            }
            enough.countDown();

            // Of a connection that was given up instead, nothing more would come.
            said = broker.receive(Command.REPLY);
            while (said.header().has(Flags.PARTIAL)) {
                said = broker.receive(Command.REPLY);
            }
            assertEquals(1, said.id());
            awaitUntil(() -> worker.inFlight() == 0);
        }
    }

    /** What a stream that nobody reads ends with after something has happened. */
    private ErrorCode endOfStream(long timeMs, Runnable happens) throws Exception {
        try (Worker worker = streaming()) {
            broker.welcome(PART_BYTES);
            broker.send(request(1, "stream", timeMs));
            awaitThatTheTellerWaits();
            happens.run();
            awaitUntil(() -> worker.inFlight() == 0);

            Jf1Message last = broker.receive();
            while (last.command() == Command.REPLY) {
                assertTrue(last.header().has(Flags.PARTIAL));
                last = broker.receive();
            }
            return last.failure().code();
        }
    }

    private Worker streaming() {
        Handler stream = (request, context) -> {
            teller = Thread.currentThread();
            for (int i = 0; i < PARTS; i++) {
                context.partial(
                        Reply.of(ByteBuffer.allocate(PART_BYTES).putInt(i).array()));
                told.incrementAndGet();
            }
            return Reply.text("done");
        };
        return Worker.connect(broker.endpoint())
                .liveness(30)
                .service(new Declared("stream", "0", 0, 1, false, false), stream)
                .service(new Declared("other", "0", 0, 1, false, false), (request, context) -> Reply.text("served"))
                .start();
    }

    /** In the handler nothing else waits. */
    private void awaitThatTheTellerWaits() {
        awaitUntil(() -> told.get() > 0 && teller.getState() == Thread.State.TIMED_WAITING);
    }

    private static void awaitUntil(BooleanSupplier condition) {
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < endNs, "not within 20 s");
            Thread.onSpinWait();
        }
    }

    private static Jf1Message request(long id, String service, long timeMs) {
        return Jf1Message.request(id, service, Headers.EMPTY, List.of(ByteBuffer.wrap("x".getBytes(UTF_8))))
                .withTimeMs(timeMs)
                .withCount(1);
    }
}
