package io.jackfield.kit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.api.Handler;
import io.jackfield.api.HandlerContext;
import io.jackfield.api.Reply;
import io.jackfield.api.Request;
import io.jackfield.host.Declared;
import io.jackfield.protocol.Command;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Jf1Message;
import io.jackfield.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several brokers at a time, and what a worker does with what it should not get or send. */
@Timeout(60)
final class WorkerBrokersTest {
    private static final Handler ECHO = (request, context) -> Reply.of(request.body());

    private final FakeBroker first = new FakeBroker();
    private final FakeBroker second = new FakeBroker();
    private final CountDownLatch running = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void close() {
        release.countDown();
        first.close();
        second.close();
    }

    @Test
    void shouldServeSeveralBrokersAtATimeAndLeaveThemAll() throws Exception {
        Worker worker = both().service("s", ECHO).start();
        first.welcome();
        second.welcome();

        first.send(request(1, "of the first"));
        second.send(request(1, "of the second"));

        assertEquals(
                List.of(buffer("of the first")), first.receive(Command.REPLY).body());
        assertEquals(
                List.of(buffer("of the second")), second.receive(Command.REPLY).body());
        CompletableFuture<Boolean> drained = Await.draining(worker);
        CompletableFuture<Void> firstLeft = leaving(first);
        CompletableFuture<Void> secondLeft = leaving(second);
        assertTrue(drained.get(20, TimeUnit.SECONDS));
        firstLeft.get(20, TimeUnit.SECONDS);
        secondLeft.get(20, TimeUnit.SECONDS);
    }

    /** Each on a thread of its own: a worker leaves no broker before all have answered all that it asked. */
    private static CompletableFuture<Void> leaving(FakeBroker broker) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        broker.receive(Command.DRAIN);
                        broker.send(Jf1Message.drain(0));
                        broker.receive(Command.DISCONNECT);
                    } catch (ProtocolException e) {
                        throw new IllegalStateException(e);
                    }
                },
                task -> new Thread(task).start());
    }

    @Test
    void shouldServeOneBrokerWhileTheOtherIsNotThere() throws Exception {
        first.close();
        try (Worker worker = both().service("s", ECHO).start()) {
            second.welcome();
            worker.awaitReady(Duration.ofSeconds(20));
            assertEquals(1, worker.status().brokers());
            try (FakeBroker late = new FakeBroker(first.port())) {
                late.welcome();
                late.send(request(1, "x"));
                assertEquals(List.of(buffer("x")), late.receive(Command.REPLY).body());
            }
        }
    }

    @Test
    void shouldServeWhereItIsWantedAndSayWhenNobodyWantsIt() throws Exception {
        Failure full = Failure.of(ErrorCode.TOO_MANY_SERVICES, "no more", "");
        try (Worker worker = both().service("s", ECHO).start()) {
            first.receive(Command.READY);
            first.send(Jf1Message.failure(0, full));
            second.welcome();
            worker.awaitReady(Duration.ofSeconds(20));
        }
        first.receive(Command.DISCONNECT);
        try (Worker worker = both().service("s", ECHO).start()) {
            first.receive(Command.READY);
            first.send(Jf1Message.failure(0, full));
            receiveBeyondGoodbye(second);
            second.send(Jf1Message.failure(0, full));
            RequestFailedException refused =
                    assertThrows(RequestFailedException.class, () -> worker.awaitReady(Duration.ofSeconds(20)));
            assertEquals(ErrorCode.TOO_MANY_SERVICES, refused.code());
        }
    }

    private static void receiveBeyondGoodbye(FakeBroker broker) throws Exception {
        Jf1Message message = broker.receive();
        while (message.command() != Command.READY) {
            assertEquals(Command.DISCONNECT, message.command());
            message = broker.receive();
        }
    }

    @Test
    void shouldRefuseMoreThanItsCreditAndDropWhatComesTwice() throws Exception {
        try (Worker worker = one().service(new Declared("s", "0", 0, 1, false, false), this::held)
                .credit(1)
                .start()) {
            first.welcome();
            first.send(request(1, "held"));
            assertTrue(running.await(10, TimeUnit.SECONDS));
            first.send(request(1, "twice"));
            first.send(request(2, "more"));

            Jf1Message refusal = first.receive(Command.FAILURE);
            assertEquals(2, refusal.id());
            assertEquals(ErrorCode.OVERLOADED, refusal.failure().code());
            WorkerStatus status = worker.status();
            assertEquals(1, status.inFlight());
            assertTrue(status.oldest().compareTo(Duration.ZERO) > 0, status::toString);
            release.countDown();
            Jf1Message reply = first.receive(Command.REPLY);
            assertEquals(1, reply.id());
            assertEquals(List.of(buffer("held")), reply.body());
        }
    }

    @Test
    void shouldNotTakeALateAnswerForThatOfANewRequestWithItsId() throws Exception {
        try (Worker worker = one().service(new Declared("s", "0", 0, 2, false, false), this::held)
                .start()) {
            first.welcome();
            first.send(request(1, "held"));
            assertTrue(running.await(10, TimeUnit.SECONDS));

            first.send(Jf1Message.failure(0, Failure.of(ErrorCode.NOT_READY, "who are you", "send READY")));
            first.welcome();
            release.countDown();
            Await.inFlight(worker, 0);
            first.send(request(1, "new"));

            assertEquals(List.of(buffer("new")), first.receive(Command.REPLY).body());
        }
    }

    @Test
    void shouldFailARequestWithAPartialReplyTooLargeWhenItsHandlerHasLetGo() throws Exception {
        Queue<String> steps = new ConcurrentLinkedQueue<>();
        Handler talkative = (request, context) -> {
            context.partial(Reply.text("fits"));
            context.partial(Reply.of(new byte[1001]));
            context.partial(Reply.text("nobody's"));
            Await.whateverComes(release);
            steps.add("let go");
            return Reply.text("");
        };
        try (Worker worker = one().service(new Declared("s", "0", 0, 1, false, false), talkative)
                .service("other", ECHO)
                .start()) {
            first.welcome(); // takes 1000 bytes
            worker.awaitReady(Duration.ofSeconds(20));
            first.send(request(1, ""));
            assertEquals(List.of(buffer("fits")), first.receive(Command.REPLY).body());

            first.send(Jf1Message.request(2, "other", Headers.EMPTY, List.of(buffer("meanwhile"))));
            assertEquals(2, first.receive(Command.REPLY).id());
            assertEquals(1, worker.inFlight());
            release.countDown();

            Jf1Message failure = first.receive(Command.FAILURE);
            assertEquals(1, failure.id());
            assertEquals(ErrorCode.TOO_LARGE, failure.failure().code());
            assertEquals(List.of("let go"), List.copyOf(steps));
        }
    }

    @Test
    void shouldTakeBodiesAsLargeAsItIsTold() throws Exception {
        byte[] body = new byte[17 << 20];
        try (Worker worker = one().service(
                        "s",
                        (request, context) ->
                                Reply.text(String.valueOf(request.buffer().remaining())))
                .bodyBytesMax(body.length)
                .start()) {
            first.welcome();
            worker.awaitReady(Duration.ofSeconds(20));
            first.send(Jf1Message.request(1, "s", Headers.EMPTY, List.of(ByteBuffer.wrap(body)))
                    .withTimeMs(30_000)
                    .withCount(1));

            assertEquals(
                    List.of(buffer(String.valueOf(body.length))),
                    first.receive(Command.REPLY).body());
        }
    }

    private WorkerOptions one() {
        return Worker.connect(first.endpoint()).liveness(30);
    }

    private WorkerOptions both() {
        return Worker.connect(first.endpoint(), second.endpoint()).liveness(30);
    }

    /** A handler that does not let go when it is interrupted, of requests that say so. */
    private Reply held(Request request, HandlerContext context) {
        if (request.text().equals("held")) {
            running.countDown();
            Await.whateverComes(release);
        }
        return Reply.of(request.body());
    }

    private static Jf1Message request(long id, String body) {
        return Jf1Message.request(id, "s", Headers.EMPTY, List.of(buffer(body)))
                .withTimeMs(30_000)
                .withCount(1);
    }

    private static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }
}
