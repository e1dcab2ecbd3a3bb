package io.jackfield.kit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.api.Handler;
import io.jackfield.api.HandlerException;
import io.jackfield.api.Reply;
import io.jackfield.host.Declared;
import io.jackfield.protocol.Command;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Flags;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Jf1Message;
import io.jackfield.protocol.ServiceDeclaration;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class WorkerTest {
    private static final Handler UPPER =
            (request, context) -> Reply.text(request.text().toUpperCase(Locale.ROOT));

    private final FakeBroker broker = new FakeBroker();
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void close() {
        release.countDown();
        broker.close();
    }

    @Test
    void shouldSayWhatItServesAndServeIt() throws Exception {
        try (Worker worker = Worker.connect(broker.endpoint())
                .liveness(30)
                .service(new Declared("upper", "1.2", 700, 3, true, false), UPPER)
                .workerId("tester")
                .label("zone", "a")
                .start()) {
            Jf1Message ready = broker.welcome();
            worker.awaitReady(Duration.ofSeconds(10));

            assertEquals(3, ready.header().count());
            assertEquals("tester", ready.headers().value("worker-id").orElseThrow());
            assertEquals("a", ready.headers().value("label.zone").orElseThrow());
            assertEquals("java/" + version(), ready.headers().value("kit").orElseThrow());
            assertEquals(List.of(new ServiceDeclaration("upper", "1.2", true, 700)), ready.declarations());

            broker.send(request(7, "upper", "hello"));
            Jf1Message reply = broker.receive(Command.REPLY);
            assertEquals(7, reply.id());
            assertEquals(List.of(buffer("HELLO")), reply.body());
        }
    }

    @Test
    void shouldAnswerWithTypedFailures() throws Exception {
        Handler picky = (request, context) -> {
            throw HandlerException.badRequest("no good", "be better");
        };
        Handler broken = (request, context) -> {
            throw new IllegalStateException("broken");
        };
        try (Worker worker = Worker.connect(broker.endpoint())
                .liveness(30)
                .service("picky", picky)
                .service("broken", broken)
                .start()) {
            broker.welcome();

            broker.send(request(1, "picky", ""));
            assertEquals(
                    Failure.of(ErrorCode.BAD_REQUEST, "no good", "be better"),
                    broker.receive(Command.FAILURE).failure());
            broker.send(request(2, "broken", ""));
            assertEquals(
                    ErrorCode.HANDLER_FAILED,
                    broker.receive(Command.FAILURE).failure().code());
            broker.send(request(3, "other", ""));
            assertEquals(
                    ErrorCode.NO_SUCH_SERVICE,
                    broker.receive(Command.FAILURE).failure().code());
            assertTrue(worker.inFlight() <= 1);
        }
    }

    @Test
    void shouldStreamPartialReplies() throws Exception {
        Handler counting = (request, context) -> {
            context.partial(Reply.text("1"));
            context.partial(Reply.text("2"));
            return Reply.text("3");
        };
        try (Worker worker = serving("count", counting)) {
            broker.welcome();
            broker.send(request(1, "count", ""));

            for (String part : List.of("1", "2", "3")) {
                Jf1Message reply = broker.receive(Command.REPLY);
                assertEquals(List.of(buffer(part)), reply.body());
                assertEquals(
                        part.equals("3") ? Flags.NONE : Flags.PARTIAL,
                        reply.header().flags());
            }
            assertTrue(worker.inFlight() <= 1);
        }
    }

    @Test
    void shouldFailARequestWhoseReplyTheBrokerWouldNotTake() throws Exception {
        try (Worker worker = serving("big", (request, context) -> Reply.of(new byte[1001]))) {
            broker.welcome();
            worker.awaitReady(Duration.ofSeconds(10));
            broker.send(request(1, "big", ""));

            assertEquals(
                    ErrorCode.TOO_LARGE,
                    broker.receive(Command.FAILURE).failure().code());
        }
    }

    @Test
    void shouldTellAHandlerThatItsRequestWasCancelled() throws Exception {
        CompletableFuture<Boolean> cancelled = new CompletableFuture<>();
        CountDownLatch running = new CountDownLatch(1);
        Handler slow = (request, context) -> {
            running.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                cancelled.complete(context.isCancelled());
            }
            return Reply.text("");
        };
        try (Worker worker = serving("slow", slow)) {
            broker.welcome();
            broker.send(request(1, "slow", ""));
            assertTrue(running.await(10, TimeUnit.SECONDS));

            broker.send(Jf1Message.cancel(1));

            assertTrue(cancelled.get(10, TimeUnit.SECONDS));
            assertEquals(
                    ErrorCode.CANCELLED,
                    broker.receive(Command.FAILURE).failure().code());
            assertTrue(worker.inFlight() <= 1);
        }
    }

    @Test
    void shouldAnswerACancelledRequestThatWaitsForAThreadAtOnceAndOneThatRunsWhenItsHandlerLetsGo() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        Handler stubborn = (request, context) -> {
            running.countDown();
            Await.whateverComes(release);
            return Reply.text(request.text());
        };
        try (Worker worker = Worker.connect(broker.endpoint())
                .liveness(30)
                .service(new Declared("stubborn", "0", 0, 1, false, false), stubborn)
                .credit(2)
                .start()) {
            broker.welcome();
            broker.send(request(1, "stubborn", "runs"));
            assertTrue(running.await(10, TimeUnit.SECONDS));
            broker.send(request(2, "stubborn", "waits"));

            broker.send(Jf1Message.cancel(1));
            broker.send(Jf1Message.cancel(2));

            assertCancelled(broker, 2);
            release.countDown();
            assertCancelled(broker, 1);
            broker.send(Jf1Message.cancel(1));
            broker.send(request(3, "stubborn", "next"));
            Jf1Message reply = broker.receive(Command.REPLY);
            assertEquals(3, reply.id());
            assertEquals(List.of(buffer("next")), reply.body());
            Await.inFlight(worker, 0);
        }
    }

    @Test
    void shouldJoinAgainWhenTheBrokerDoesNotKnowIt() throws Exception {
        try (Worker worker = serving("upper", UPPER)) {
            broker.welcome();
            worker.awaitReady(Duration.ofSeconds(10));

            broker.send(Jf1Message.failure(0, Failure.of(ErrorCode.NOT_READY, "who are you", "send READY")));

            broker.welcome();
            broker.send(request(1, "upper", "x"));
            assertEquals(List.of(buffer("X")), broker.receive(Command.REPLY).body());
        }
    }

    @Test
    void shouldJoinTheSuccessorOfABrokerThatIsGone() throws Exception {
        try (Worker worker = serving("upper", UPPER)) {
            broker.welcome();
            worker.awaitReady(Duration.ofSeconds(10));
            broker.close();

            try (FakeBroker successor = new FakeBroker(broker.port())) {
                successor.welcome();
                successor.send(request(1, "upper", "x"));
                assertEquals(
                        List.of(buffer("X")), successor.receive(Command.REPLY).body());
            }
        }
    }

    @Test
    void shouldCancelTheRequestOfThePresentConnectionAndNotALateOneWithItsId() throws Exception {
        CountDownLatch oldRuns = new CountDownLatch(1);
        CountDownLatch newRuns = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        Handler handler = (request, context) -> {
            if (request.text().equals("old")) {
                oldRuns.countDown();
                Await.whateverComes(release);
            } else if (request.text().equals("new")) {
                newRuns.countDown();
                never.await();
            }
            return Reply.text(request.text());
        };
        try (Worker worker = Worker.connect(broker.endpoint())
                .liveness(30)
                .service(new Declared("s", "0", 0, 2, false, false), handler)
                .start()) {
            broker.welcome();
            broker.send(request(1, "s", "old"));
            assertTrue(oldRuns.await(10, TimeUnit.SECONDS));
            broker.close();

            try (FakeBroker successor = new FakeBroker(broker.port())) {
                successor.welcome();
                successor.send(request(1, "s", "new"));
                assertTrue(newRuns.await(10, TimeUnit.SECONDS));
                Await.inFlight(worker, 2);
                release.countDown();
                Await.inFlight(worker, 1);

                successor.send(Jf1Message.cancel(1));

                assertCancelled(successor, 1);
            }
        }
    }

    @Test
    void shouldSayWhyItWasRefused() throws Exception {
        try (Worker worker = serving("upper", UPPER)) {
            broker.receive(Command.READY);
            broker.send(Jf1Message.failure(0, Failure.of(ErrorCode.TOO_MANY_SERVICES, "no more", "")));

            RequestFailedException refused =
                    assertThrows(RequestFailedException.class, () -> worker.awaitReady(Duration.ofSeconds(10)));
            assertEquals(ErrorCode.TOO_MANY_SERVICES, refused.code());
        }
    }

    @Test
    void shouldOfferItselfAgainWhenItWasRefusedForNow() throws Exception {
        try (Worker worker = serving("upper", UPPER)) {
            broker.receive(Command.READY);
            broker.send(Jf1Message.failure(0, Failure.of(ErrorCode.DRAINING, "not now", "")));

            broker.welcome();
            worker.awaitReady(Duration.ofSeconds(10));
        }
    }

    @Test
    void shouldFailARequestWhoseReplyCannotBeSaid() throws Exception {
        Handler talkative = (request, context) -> {
            Reply reply = Reply.text("");
            for (int i = 0; i < 4; i++) {
                reply = reply.withHeader("h" + i, "x".repeat(4000));
            }
            return reply;
        };
        try (Worker worker = serving("talkative", talkative)) {
            broker.welcome();
            worker.awaitReady(Duration.ofSeconds(10));
            broker.send(request(1, "talkative", ""));

            assertEquals(
                    ErrorCode.HANDLER_FAILED,
                    broker.receive(Command.FAILURE).failure().code());
        }
    }

    @Test
    void shouldFinishWhatItHasBeforeItLeaves() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        Handler slow = (request, context) -> {
            running.countDown();
            release.await();
            return Reply.text("done");
        };
        Worker worker = serving("slow", slow);
        broker.welcome();
        broker.send(request(1, "slow", ""));
        assertTrue(running.await(10, TimeUnit.SECONDS));

        CompletableFuture<Boolean> drained = Await.draining(worker);
        assertEquals(1, broker.receive(Command.DRAIN).header().count());
        broker.send(Jf1Message.drain(1));
        assertFalse(drained.isDone());
        release.countDown();

        assertEquals(List.of(buffer("done")), broker.receive(Command.REPLY).body());
        broker.receive(Command.DISCONNECT);
        assertTrue(drained.get(10, TimeUnit.SECONDS));
    }

    @Test
    void shouldNotTakeTheDrainOfTheBrokerForTheAnswerToItsOwn() throws Exception {
        Worker worker = serving("upper", UPPER);
        broker.welcome();
        worker.awaitReady(Duration.ofSeconds(10));

        CompletableFuture<Boolean> drained = Await.draining(worker);
        broker.receive(Command.DRAIN);
        broker.send(Jf1Message.drain(0)); // the broker's own
        assertEquals(Command.HEARTBEAT, broker.receiveAny().command());
        broker.send(request(1, "upper", "late")); // assigned before the broker read the DRAIN
        broker.send(Jf1Message.drain(1));
        broker.send(Jf1Message.heartbeat(false));

        assertEquals(List.of(buffer("LATE")), broker.receive(Command.REPLY).body());
        broker.receive(Command.DISCONNECT);
        assertTrue(drained.get(10, TimeUnit.SECONDS));
    }

    @Test
    void shouldServeWhatIsBehindTheWelcomeWhenItIsToldToLeaveWhileItJoins() throws Exception {
        Worker worker = serving("upper", UPPER);
        broker.receive(Command.READY);

        CompletableFuture<Boolean> drained = Await.draining(worker);
        awaitDraining(worker);
        broker.send(Jf1Message.welcome(1000, 1, Headers.EMPTY));
        broker.send(request(1, "upper", "behind"));

        Set<Command> said =
                EnumSet.of(broker.receive().command(), broker.receive().command());
        assertEquals(Set.of(Command.DRAIN, Command.REPLY), said);
        broker.receive(Command.DISCONNECT);
        assertTrue(drained.get(10, TimeUnit.SECONDS));
    }

    @Test
    void shouldLeaveWhenItIsRefusedWhileItJoins() throws Exception {
        Worker worker = serving("upper", UPPER);
        broker.receive(Command.READY);

        CompletableFuture<Boolean> drained = Await.draining(worker);
        awaitDraining(worker);
        broker.send(Jf1Message.failure(0, Failure.of(ErrorCode.DRAINING, "not now", "")));

        assertTrue(drained.get(10, TimeUnit.SECONDS));
    }

    @Test
    void shouldAskForASignOfLifeWhileItsHandlersAreBusy() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        Handler slow = (request, context) -> {
            running.countDown();
            release.await();
            return Reply.text("done");
        };
        try (Worker worker = Worker.connect(broker.endpoint())
                .liveness(30)
                .service("slow", slow)
                .heartbeatMs(500)
                .start()) {
            broker.welcome();
            broker.send(request(1, "slow", ""));
            assertTrue(running.await(10, TimeUnit.SECONDS));

            broker.receiveHeartbeats(3);
            release.countDown();

            assertEquals(List.of(buffer("done")), broker.receive(Command.REPLY).body());
            assertTrue(worker.inFlight() <= 1);
        }
    }

    private static String version() throws IOException {
        Matcher version = Pattern.compile("<version>([0-9.]+)(-SNAPSHOT)?</version>")
                .matcher(Files.readString(Path.of("pom.xml")));
        assertTrue(version.find());
        return version.group(1);
    }

    private static void awaitDraining(Worker worker) {
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!worker.status().draining()) {
            assertTrue(System.nanoTime() < endNs);
            Thread.onSpinWait();
        }
    }

    private static void assertCancelled(FakeBroker broker, long id) throws Exception {
        Jf1Message failure = broker.receive(Command.FAILURE);
        assertEquals(id, failure.id());
        assertEquals(ErrorCode.CANCELLED, failure.failure().code());
    }

    private Worker serving(String name, Handler handler) {
        return Worker.connect(broker.endpoint())
                .liveness(30)
                .service(name, handler)
                .start();
    }

    private static Jf1Message request(long id, String service, String body) {
        return Jf1Message.request(id, service, Headers.EMPTY, List.of(buffer(body)))
                .withTimeMs(30_000)
                .withCount(1);
    }

    private static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }
}
