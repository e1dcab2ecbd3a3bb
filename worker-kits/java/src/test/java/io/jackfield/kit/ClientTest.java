package io.jackfield.kit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ClientTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final FakeBroker broker = new FakeBroker();
    private final Client client = Client.of(broker.endpoint()).liveness(30).connect();

    @AfterEach
    void close() {
        client.close();
        broker.close();
    }

    @Test
    void shouldAskWithAllThatTheCallSays() throws Exception {
        CompletableFuture<Reply> answer = client.send(Call.of("echo", bytes("hello"))
                .withHeader("content-type", "text/plain")
                .withTimeout(Duration.ofSeconds(5))
                .asIdempotent());

        Jf1Message request = broker.receive(Command.REQUEST);
        assertEquals("echo", request.service());
        long timeMs = request.header().timeMs();
        assertTrue(0 < timeMs && timeMs <= 5000, () -> "time-ms: " + timeMs);
        assertEquals(Flags.IDEMPOTENT, request.header().flags());
        assertEquals(Headers.of("content-type", "text/plain"), request.headers());
        assertEquals(List.of(buffer("hello")), request.body());

        broker.send(Jf1Message.reply(
                request.id(), Flags.EARLY_EXIT, Headers.of("a", "b"), List.of(buffer("x"), buffer("yz"))));
        Reply reply = answer.get(10, TimeUnit.SECONDS);
        assertEquals("xyz", new String(reply.body(), UTF_8));
        assertEquals("b", reply.headers().get("a"));
        assertTrue(reply.earlyExit());
    }

    @Test
    void shouldMatchRepliesThatComeInAnyOrder() throws Exception {
        CompletableFuture<Reply> first = client.send(Call.of("a", bytes("1")));
        CompletableFuture<Reply> second = client.send(Call.of("a", bytes("2")));
        Jf1Message one = broker.receive(Command.REQUEST);
        Jf1Message two = broker.receive(Command.REQUEST);

        broker.send(reply(two, "of two"));
        broker.send(reply(one, "of one"));

        assertEquals("of one", text(first));
        assertEquals("of two", text(second));
    }

    @Test
    void shouldTellPartialRepliesInOrderBeforeTheFinalOne() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        CompletableFuture<Reply> answer =
                client.send(Call.of("a", bytes("")).onPartial(reply -> told.add(new String(reply.body(), UTF_8))));
        Jf1Message request = broker.receive(Command.REQUEST);

        broker.send(Jf1Message.reply(request.id(), Flags.PARTIAL, Headers.EMPTY, List.of(buffer("1"))));
        broker.send(Jf1Message.reply(request.id(), Flags.PARTIAL, Headers.EMPTY, List.of(buffer("2"))));
        broker.send(reply(request, "3"));

        assertEquals("3", text(answer));
        assertEquals(List.of("1", "2"), told);
    }

    @Test
    void shouldFailWithTheBrokersCodeCauseAndHint() throws Exception {
        CompletableFuture<Reply> answer = client.send(Call.of("none", bytes("")));
        Jf1Message request = broker.receive(Command.REQUEST);
        Failure failure = new Failure(ErrorCode.OVERLOADED, "full", "later", 100);

        broker.send(Jf1Message.failure(request.id(), failure));

        ExecutionException thrown = assertThrows(ExecutionException.class, () -> answer.get(10, TimeUnit.SECONDS));
        assertEquals(
                failure,
                assertInstanceOf(RequestFailedException.class, thrown.getCause())
                        .failure());
    }

    @Test
    void shouldTellTheBrokerWhenACallIsCancelled() throws Exception {
        CompletableFuture<Reply> answer = client.send(Call.of("a", bytes("")));
        Jf1Message request = broker.receive(Command.REQUEST);

        answer.cancel(false);

        assertEquals(request.id(), broker.receive(Command.CANCEL).id());
        broker.send(reply(request, "late"));
        CompletableFuture<Reply> next = client.send(Call.of("a", bytes("")));
        broker.send(reply(broker.receive(Command.REQUEST), "next"));
        assertEquals("next", text(next));
    }

    @Test
    void shouldEndACallItselfWhenTheBrokerDoesNot() throws Exception {
        CompletableFuture<Reply> before = client.send(Call.of("a", bytes("")));
        broker.send(reply(broker.receive(Command.REQUEST), "connected"));
        assertEquals("connected", text(before));

        RequestFailedException failed =
                assertThrows(RequestFailedException.class, () -> client.call("a", bytes(""), Duration.ofMillis(50)));

        assertEquals(ErrorCode.DEADLINE_EXCEEDED, failed.code());
        long id = broker.receive(Command.REQUEST).id();
        assertEquals(id, broker.receive(Command.CANCEL).id());
    }

    @Test
    void shouldFailWhatIsOnItsWayWhenTheConnectionIsLostAndServeTheNextBroker() throws Exception {
        CompletableFuture<Reply> answer = client.send(Call.of("a", bytes("")).withTimeout(LONG));
        broker.receive(Command.REQUEST);

        broker.close();

        ExecutionException thrown = assertThrows(ExecutionException.class, () -> answer.get(10, TimeUnit.SECONDS));
        assertEquals(
                ErrorCode.CONNECTION_LOST,
                assertInstanceOf(RequestFailedException.class, thrown.getCause())
                        .code());
        try (FakeBroker successor = new FakeBroker(broker.port())) {
            CompletableFuture<Reply> next =
                    client.send(Call.of("a", bytes("again")).withTimeout(LONG));
            Jf1Message request = successor.receive(Command.REQUEST);
            assertEquals(List.of(buffer("again")), request.body());
            successor.send(reply(request, "here"));
            assertEquals("here", text(next));
        }
    }

    @Test
    void shouldFailTheCallWhoseConsumerFailsAndNoOther() throws Exception {
        Error broken = new AssertionError("a consumer that fails");
        CompletableFuture<Reply> other = client.send(Call.of("a", bytes("")));
        Jf1Message otherRequest = broker.receive(Command.REQUEST);
        CompletableFuture<Reply> answer = client.send(Call.of("a", bytes("")).onPartial(reply -> {
            throw broken;
        }));
        Jf1Message request = broker.receive(Command.REQUEST);

        broker.send(partial(request, "1"));

        ExecutionException thrown = assertThrows(ExecutionException.class, () -> answer.get(10, TimeUnit.SECONDS));
        assertEquals(broken, thrown.getCause());
        assertEquals(request.id(), broker.receive(Command.CANCEL).id());
        broker.send(reply(request, "late"));
        broker.send(reply(otherRequest, "2"));
        assertEquals("2", text(other));
    }

    @Test
    void shouldGiveAStreamsRepliesAsTheyCome() throws Exception {
        try (ReplyStream stream = client.stream(Call.of("a", bytes("")))) {
            Jf1Message request = broker.receive(Command.REQUEST);
            broker.send(partial(request, "1"));
            assertTrue(stream.hasNext());
            assertEquals("1", new String(stream.next().body(), UTF_8));

            broker.send(partial(request, "2"));
            broker.send(reply(request, "3"));
            assertEquals("2", new String(stream.next().body(), UTF_8));
            assertFalse(stream.isEnded());
            assertEquals("3", new String(stream.next().body(), UTF_8));
            assertTrue(stream.isEnded());
            assertFalse(stream.hasNext());
            assertThrows(NoSuchElementException.class, stream::next);
        }
    }

    @Test
    void shouldCancelAStreamThatIsClosedEarlyAndEndOneThatFails() throws Exception {
        ReplyStream stream = client.stream(Call.of("a", bytes("")));
        Jf1Message request = broker.receive(Command.REQUEST);
        broker.send(partial(request, "1"));
        stream.next();
        stream.close();
        assertEquals(request.id(), broker.receive(Command.CANCEL).id());
        assertFalse(stream.hasNext());

        ReplyStream failing = client.stream(Call.of("a", bytes("")));
        request = broker.receive(Command.REQUEST);
        broker.send(partial(request, "1"));
        broker.send(Jf1Message.failure(request.id(), Failure.of(ErrorCode.WORKER_LOST, "gone", "")));
        failing.next();
        RequestFailedException failed = assertThrows(RequestFailedException.class, failing::hasNext);
        assertEquals(ErrorCode.WORKER_LOST, failed.code());
    }

    @Test
    void shouldTellAReaderThatDoesNotKeepUp() throws Exception {
        ReplyStream stream = client.stream(Call.of("a", bytes("")));
        Jf1Message request = broker.receive(Command.REQUEST);

        for (int i = 0; i <= ReplyStream.WAITING_MAX; i++) {
            broker.send(partial(request, "x"));
        }

        assertEquals(request.id(), broker.receive(Command.CANCEL).id());
        for (int i = 0; i < ReplyStream.WAITING_MAX; i++) {
            stream.next();
        }
        assertEquals(
                ErrorCode.SLOW_READER,
                assertThrows(RequestFailedException.class, stream::hasNext).code());
    }

    @Test
    void shouldSendAndTakeBodiesAsLargeAsItIsToldAndNoLarger() throws Exception {
        RequestFailedException failed =
                assertThrows(RequestFailedException.class, () -> client.call("a", new byte[(16 << 20) + 1], LONG));
        assertEquals(ErrorCode.TOO_LARGE, failed.code());

        byte[] body = new byte[17 << 20];
        try (Client large = Client.of(broker.endpoint())
                .bodyBytesMax(body.length)
                .liveness(30)
                .connect()) {
            CompletableFuture<Reply> answer = large.send(Call.of("a", body).withTimeout(LONG));
            Jf1Message request = broker.receive(Command.REQUEST);
            assertEquals(body.length, request.bodyBytes());
            broker.send(Jf1Message.reply(request.id(), Flags.NONE, Headers.EMPTY, request.body()));
            assertEquals(body.length, answer.get(30, TimeUnit.SECONDS).body().length);
        }
    }

    @Test
    void shouldRefuseWhatCannotBeSentAndWhatIsNoEndpoint() {
        assertThrows(IllegalArgumentException.class, () -> client.send(Call.of("a b", bytes(""))));
        assertThrows(
                IllegalArgumentException.class,
                () -> client.send(Call.of("a", bytes("")).withHeader("A", "")));
        assertThrows(IllegalArgumentException.class, () -> Client.of());
        assertThrows(IllegalArgumentException.class, () -> Client.of("tcp://a:1", "tcp://a:1"));
        String refused = assertThrows(IllegalArgumentException.class, () -> Client.of("ipc:///run/x"))
                .getMessage();
        assertEquals("endpoint: ipc:///run/x (expected: tcp://HOST:PORT; this kit has no Unix sockets)", refused);
    }

    @Test
    void shouldEndACallWhoseReplyCannotBeRead() throws Exception {
        CompletableFuture<Reply> answer = client.send(Call.of("a", bytes("")).withTimeout(LONG));
        Jf1Message request = broker.receive(Command.REQUEST);

        broker.sendFrames(FakeBroker.broken(reply(request, "x")));

        ExecutionException thrown = assertThrows(ExecutionException.class, () -> answer.get(10, TimeUnit.SECONDS));
        assertEquals(
                ErrorCode.BAD_MESSAGE,
                assertInstanceOf(RequestFailedException.class, thrown.getCause())
                        .code());
        // There may be more of it.
        assertEquals(request.id(), broker.receive(Command.CANCEL).id());
    }

    @Test
    void shouldKeepAllOthersWhenACallIsCancelledWhileTooMuchWaitsToBeSent() throws Exception {
        try (Relay relay = new Relay(0, broker.port());
                Client held = Client.of(relay.endpoint()).liveness(30).connect()) {
            CompletableFuture<Reply> first = held.send(Call.of("a", bytes("")).withTimeout(LONG));
            Jf1Message request = broker.receive(Command.REQUEST);
            relay.hold();
            List<CompletableFuture<Reply>> waiting = new ArrayList<>();
            // The socket still takes some: what was full once is not full for good.
            for (int round = 0; round < 20; round++) {
                fill(held, new byte[256 << 10], waiting);
                fill(held, new byte[1], waiting);
                waiting.remove(waiting.size() - 1).cancel(false);
            }

            broker.send(reply(request, "x"));

            assertEquals("x", text(first));
            assertTrue(waiting.stream().noneMatch(CompletableFuture::isDone));
        }
    }

    private static void fill(Client client, byte[] body, List<CompletableFuture<Reply>> waiting) {
        CompletableFuture<Reply> next = client.send(Call.of("a", body).withTimeout(LONG));
        while (!next.isCompletedExceptionally()) {
            waiting.add(next);
            next = client.send(Call.of("a", body).withTimeout(LONG));
        }
    }

    @Test
    void shouldRefuseCallsAfterItWasClosed() {
        client.close();

        RequestFailedException failed =
                assertThrows(RequestFailedException.class, () -> client.call("a", bytes(""), LONG));
        assertEquals(ErrorCode.CONNECTION_LOST, failed.code());
    }

    private static Jf1Message partial(Jf1Message request, String text) {
        return Jf1Message.reply(request.id(), Flags.PARTIAL, Headers.EMPTY, List.of(buffer(text)));
    }

    private static Jf1Message reply(Jf1Message request, String text) {
        return Jf1Message.reply(request.id(), Flags.NONE, Headers.EMPTY, List.of(buffer(text)));
    }

    private static String text(CompletableFuture<Reply> answer) throws Exception {
        return new String(answer.get(10, TimeUnit.SECONDS).body(), UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(bytes(text));
    }
}
