package io.jackfield.kit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.api.Reply;
import io.jackfield.protocol.Command;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Flags;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Jf1Message;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several brokers, and requests that are asked again. */
@Timeout(60)
final class ClientFailoverTest {
    private static final Failure LOST = Failure.of(ErrorCode.CONNECTION_LOST, "lost", "");
    private static final Failure DRAINING = Failure.of(ErrorCode.DRAINING, "no more", "");

    private final FakeBroker first = new FakeBroker();
    private final FakeBroker second = new FakeBroker();
    private final Client client =
            Client.of(first.endpoint(), second.endpoint()).liveness(30).connect();

    @AfterEach
    void close() {
        client.close();
        first.close();
        second.close();
    }

    @Test
    void shouldAskTheBrokerThatIsThere() throws Exception {
        first.close();

        assertServes(second);
        assertServes(second);
    }

    @Test
    void shouldSayWhenNoBrokerIsThere() throws Exception {
        first.close();
        second.close();
        try (Client alone = Client.of(first.endpoint(), second.endpoint())
                .heartbeatMs(50)
                .liveness(4)
                .connect()) {
            assertEquals(ErrorCode.CONNECTION_LOST, codeOf(alone.send(Call.of("a", new byte[0]))));
        }
    }

    @Test
    void shouldNotAskAgainWhatMayHaveBeenCarriedOut() throws Exception {
        CompletableFuture<Reply> answer = client.send(Call.of("a", new byte[0]));
        first.receive(Command.REQUEST);

        first.close();

        assertEquals(ErrorCode.CONNECTION_LOST, codeOf(answer));
        assertServes(second);
    }

    @Test
    void shouldAskAnIdempotentRequestAgainAtTheNextBroker() throws Exception {
        CompletableFuture<Reply> answer =
                client.send(Call.of("a", "x".getBytes(UTF_8)).asIdempotent().withIdempotencyKey("order-7"));
        Jf1Message asked = first.receive(Command.REQUEST);

        first.close();

        Jf1Message again = second.receive(Command.REQUEST);
        assertEquals(asked.headers(), again.headers());
        assertEquals("order-7", again.headers().value(Headers.IDEMPOTENCY_KEY).orElseThrow());
        assertEquals(asked.body(), again.body());
        assertTrue(again.header().timeMs() <= asked.header().timeMs());
        second.send(reply(again, "y"));
        assertEquals("y", text(answer));
    }

    @Test
    void shouldAskAnIdempotentRequestAgainWhenItsOnlyBrokerIsBack() throws Exception {
        try (Client alone = Client.of(first.endpoint()).liveness(30).connect()) {
            CompletableFuture<Reply> answer =
                    alone.send(Call.of("a", new byte[0]).asIdempotent());
            first.receive(Command.REQUEST);
            first.close();

            try (FakeBroker successor = new FakeBroker(first.port())) {
                successor.send(reply(successor.receive(Command.REQUEST), "y"));
                assertEquals("y", text(answer));
            }
        }
    }

    @Test
    void shouldLetABrokerThatDrainsFinishAndAskTheNext() throws Exception {
        CompletableFuture<Reply> old = client.send(Call.of("a", new byte[0]));
        Jf1Message request = first.receive(Command.REQUEST);
        CompletableFuture<Reply> refused = client.send(Call.of("b", new byte[0]));
        Jf1Message crossed = first.receive(Command.REQUEST);

        first.send(Jf1Message.drain(1));
        first.send(Jf1Message.failure(crossed.id(), DRAINING));

        second.send(reply(second.receive(Command.REQUEST), "of the second"));
        assertEquals("of the second", text(refused));
        assertServes(second);
        first.send(reply(request, "of the first"));
        assertEquals("of the first", text(old));
    }

    @Test
    void shouldAskAnIdempotentRequestAgainThatWasRefusedForNow() throws Exception {
        Failure full = new Failure(ErrorCode.OVERLOADED, "full", "", 1);
        CompletableFuture<Reply> answer = client.send(Call.of("a", new byte[0]).asIdempotent());
        first.send(Jf1Message.failure(first.receive(Command.REQUEST).id(), full));
        first.send(reply(first.receive(Command.REQUEST), "y"));
        assertEquals("y", text(answer));

        CompletableFuture<Reply> once = client.send(Call.of("a", new byte[0]));
        first.send(Jf1Message.failure(first.receive(Command.REQUEST).id(), full));
        assertEquals(ErrorCode.OVERLOADED, codeOf(once));
    }

    @Test
    void shouldNotAskAStreamAgainThatHasBegun() throws Exception {
        try (ReplyStream stream = client.stream(Call.of("a", new byte[0]).asIdempotent())) {
            Jf1Message request = first.receive(Command.REQUEST);
            first.send(Jf1Message.reply(request.id(), Flags.PARTIAL, Headers.EMPTY, List.of(ByteBuffer.allocate(1))));
            stream.next();

            first.close();

            RequestFailedException failed = assertThrows(RequestFailedException.class, stream::hasNext);
            assertEquals(ErrorCode.CONNECTION_LOST, failed.code());
        }
    }

    @Test
    void shouldBeginARoundOfBrokersAnewWhileThereIsPatience() {
        Attempts round = new Attempts(0, 2, 1000);

        assertEquals(OptionalLong.of(0), round.pauseMs(LOST, false, 999));
        assertEquals(OptionalLong.of(100), round.pauseMs(LOST, false, 999));
        assertEquals(OptionalLong.of(0), round.pauseMs(LOST, false, 999));
        assertEquals(OptionalLong.empty(), round.pauseMs(LOST, false, 1000));
        // A broker that takes all the patience by its silence does not keep the others from being tried.
        assertEquals(OptionalLong.of(0), new Attempts(0, 2, 1000).pauseMs(LOST, false, 2000));
        assertEquals(OptionalLong.of(0), new Attempts(0, 2, 1000).pauseMs(DRAINING, true, 2000));
    }

    @Test
    void shouldWaitLongerBeforeEachRetryAndComeToAnEnd() {
        Attempts retried = new Attempts(3, 1, 0);

        assertEquals(OptionalLong.of(100), retried.pauseMs(LOST, true, 0));
        assertEquals(OptionalLong.of(200), retried.pauseMs(LOST, true, 0));
        assertEquals(
                OptionalLong.of(5000), retried.pauseMs(new Failure(ErrorCode.OVERLOADED, "full", "", 5000), true, 0));
        assertEquals(OptionalLong.empty(), retried.pauseMs(LOST, true, 0));
        // The broker has tried the other workers before it says that.
        Failure workerLost = Failure.of(ErrorCode.WORKER_LOST, "lost", "");
        assertEquals(OptionalLong.empty(), new Attempts(3, 2, 0).pauseMs(workerLost, true, 0));
    }

    private void assertServes(FakeBroker broker) throws Exception {
        CompletableFuture<Reply> answer = client.send(Call.of("test", new byte[0]));
        broker.send(reply(broker.receive(Command.REQUEST), "served"));
        assertEquals("served", text(answer));
    }

    private static ErrorCode codeOf(CompletableFuture<Reply> answer) {
        ExecutionException thrown = assertThrows(ExecutionException.class, () -> answer.get(20, TimeUnit.SECONDS));
        return assertInstanceOf(RequestFailedException.class, thrown.getCause()).code();
    }

    private static Jf1Message reply(Jf1Message request, String text) {
        ByteBuffer body = ByteBuffer.wrap(text.getBytes(UTF_8));
        return Jf1Message.reply(request.id(), Flags.NONE, Headers.EMPTY, List.of(body));
    }

    private static String text(CompletableFuture<Reply> answer) throws Exception {
        return new String(answer.get(20, TimeUnit.SECONDS).body(), UTF_8);
    }
}
