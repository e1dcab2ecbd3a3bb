package io.jackfield.broker.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.transport.SocketType;
import io.jackfield.protocol.Command;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.FixedHeader;
import io.jackfield.protocol.Flags;
import io.jackfield.protocol.Framing;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Jf1Message;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** PROTOCOL.md 4.2: the conversation of clients, in both framings. */
final class Jf1ClientTest {
    private final Bench bench = new Bench();

    @ParameterizedTest
    @CsvSource({"RAW,RAW", "RAW,KRYO", "KRYO,RAW", "KRYO,KRYO"})
    void shouldCarryRequestAndReplyBetweenFramings(Framing clientFraming, Framing workerFraming) {
        Jf1TestPeer worker = bench.connectJf1(workerFraming).joined(2, "echo");
        Jf1TestPeer client = bench.connectJf1(clientFraming);
        Headers asked = Headers.of(Headers.CONTENT_TYPE, "text/plain", Headers.TRACEPARENT, "00-1", "x", "y");
        client.says(Jf1Message.request(-1L, "echo", asked, Jf1TestPeer.parts("one", "", "three"))
                .withTimeMs(1000)
                .withFlags(Flags.IDEMPOTENT));
        bench.pass(300);

        Jf1Message request = worker.hears(Command.REQUEST);
        assertEquals(new FixedHeader(Command.REQUEST, Flags.IDEMPOTENT, 0, request.id(), 1000, 1), request.header());
        assertEquals("echo", request.service());
        assertEquals(asked, request.headers());
        assertEquals(List.of("one", "", "three"), Jf1TestPeer.texts(request));

        Headers answered = Headers.of(Headers.CONTENT_TYPE, "text/html");
        worker.says(Jf1Message.reply(request.id(), Flags.NONE, answered, Jf1TestPeer.parts("re", "more")));
        Jf1Message reply = client.hears(Command.REPLY);
        assertEquals(new FixedHeader(Command.REPLY, 0, 0, -1L, 0, 0), reply.header());
        assertEquals(answered, reply.headers());
        assertEquals(List.of("re", "more"), Jf1TestPeer.texts(reply));
    }

    @Test
    void shouldTellTheWorkerTheTimeThatIsLeft() {
        Jf1TestPeer client = bench.connectJf1(Framing.RAW);
        bench.connect(SocketType.REP);
        bench.connectJf1(Framing.RAW).joined(1, "slow").wire.leaves();
        client.says(Jf1Message.request(1, "slow", Headers.EMPTY, Jf1TestPeer.parts("x"))
                .withTimeMs(5000));
        bench.pass(2000);

        Jf1TestPeer worker = bench.connectJf1(Framing.RAW).joined(1, "slow");

        assertEquals(3000, worker.hears(Command.REQUEST).header().timeMs());
    }

    @Test
    void shouldFailARequestWhoseTimeIsOver() {
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW).joined(1, "slow");
        Jf1TestPeer client = bench.connectJf1(Framing.KRYO);
        client.says(Jf1Message.request(1, "slow", Headers.EMPTY, Jf1TestPeer.parts("x"))
                .withTimeMs(500));
        long token = worker.hears(Command.REQUEST).id();

        bench.pass(600);

        client.hearsFailure(1, ErrorCode.DEADLINE_EXCEEDED);
        assertEquals(token, worker.hears(Command.CANCEL).id());
    }

    @ParameterizedTest
    @EnumSource
    void shouldPassOnPartialRepliesAndAnEarlyExit(Framing framing) {
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW).joined(1, "stream");
        Jf1TestPeer client = bench.connectJf1(framing);
        client.asks(9, "stream", "x");
        long token = worker.hears(Command.REQUEST).id();

        worker.replies(token, Flags.PARTIAL, "1");
        worker.replies(token, Flags.PARTIAL, "2");
        worker.replies(token, Flags.EARLY_EXIT, "3");

        client.hearsReply(9, Flags.PARTIAL, "1");
        client.hearsReply(9, Flags.PARTIAL, "2");
        client.hearsReply(9, Flags.EARLY_EXIT, "3");
        assertTrue(bench.dispatcher.isQuiet());
    }

    @Test
    void shouldCancelARequest() {
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW).joined(1, "echo");
        Jf1TestPeer client = bench.connectJf1(Framing.RAW);
        client.asks(1, "echo", "x");
        long token = worker.hears(Command.REQUEST).id();

        client.says(Jf1Message.cancel(1));
        client.says(Jf1Message.cancel(1));
        client.says(Jf1Message.cancel(99));

        client.hearsFailure(1, ErrorCode.CANCELLED);
        client.wire.hearsNothing();
        assertEquals(token, worker.hears(Command.CANCEL).id());
        worker.wire.hearsNothing();
    }

    @Test
    void shouldCancelWhatAClientThatIsGoneHasAsked() {
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW).joined(1, "echo");
        Jf1TestPeer client = bench.connectJf1(Framing.RAW);
        client.asks(1, "echo", "in flight");
        client.asks(2, "echo", "waiting");
        long token = worker.hears(Command.REQUEST).id();

        client.wire.leaves();

        assertEquals(token, worker.hears(Command.CANCEL).id());
        assertTrue(bench.dispatcher.isQuiet());
        worker.says(Jf1Message.failure(token, Failure.of(ErrorCode.CANCELLED, "let go", "")));
        worker.wire.hearsNothing();
    }

    @Test
    void shouldRefuseARequestIdThatIsInFlightAndGoOnWithTheFirst() {
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW).joined(5, "echo");
        Jf1TestPeer client = bench.connectJf1(Framing.RAW);
        client.asks(1, "echo", "first");
        client.asks(1, "echo", "second");

        client.hearsFailure(1, ErrorCode.DUPLICATE_REQUEST_ID);
        worker.replies(worker.hears(Command.REQUEST).id(), Flags.NONE, "re first");
        worker.wire.hearsNothing();
        client.hearsReply(1, Flags.NONE, "re first");
        client.asks(1, "echo", "again");
        worker.hears(Command.REQUEST);
    }

    @Test
    void shouldFailARequestToAServiceThatDoesNotExist() {
        Jf1TestPeer client = bench.connectJf1(Framing.RAW);

        client.asks(1, "nobody", "x");
        client.hearsFailure(1, ErrorCode.NO_SUCH_SERVICE);
        client.asks(2, "mmi.service", "x");
        client.hearsFailure(2, ErrorCode.NO_SUCH_SERVICE);
    }

    @Test
    void shouldRefuseARequestThatClaimsAnAttempt() {
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW).joined(1, "echo");
        Jf1TestPeer client = bench.connectJf1(Framing.RAW);

        client.says(Jf1Message.request(5, "echo", Headers.EMPTY, Jf1TestPeer.parts("x"))
                .withCount(1));

        client.hearsFailure(5, ErrorCode.BAD_MESSAGE);
        worker.wire.hearsNothing();
    }

    @Test
    void shouldLetOnePeerBeClientAndWorker() {
        Jf1TestPeer peer = bench.connectJf1(Framing.RAW).joined(1, "own");
        peer.asks(1, "own", "to myself");
        Jf1Message request = peer.hears(Command.REQUEST);

        assertEquals("client+worker", bench.registry.snapshot().get(0).side());
        peer.replies(request.id(), Flags.NONE, "re");

        peer.hearsReply(1, Flags.NONE, "re");
        peer.asks(2, "own", "never answered");
        peer.wire.leaves();
        assertTrue(bench.dispatcher.isQuiet());
        assertEquals(0, bench.dispatcher.snapshot().inFlight());
    }

    @Test
    void shouldAnswerEachRequestOfAReqClientBehindItsOwnPrefix() {
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW).joined(2, "echo");
        TestPeer client = bench.connect(SocketType.REQ);
        client.says("0x0000000a", "", "0x4a4631520300000000000000000000010000000000000000", "echo", "", "x");
        client.says("0x0000000b", "", "0x4a4631520300000000000000000000020000000000000000", "echo", "", "y");
        long first = worker.hears(Command.REQUEST).id();
        long second = worker.hears(Command.REQUEST).id();

        worker.replies(second, Flags.NONE, "re y");
        worker.replies(first, Flags.NONE, "re x");

        assertEquals(
                List.of("0x0000000b", "", "0x4a4631520400000000000000000000020000000000000000", "", "", "re y"),
                client.hears());
        assertEquals(
                List.of("0x0000000a", "", "0x4a4631520400000000000000000000010000000000000000", "", "", "re x"),
                client.hears());
    }

    @Test
    void shouldLeaveSilentClientsAlone() {
        Jf1TestPeer client = bench.connectJf1(Framing.RAW);
        client.asks(1, "nobody", "x");

        bench.pass(60_000);

        assertFalse(client.wire.isCutOff());
    }

    @Test
    void shouldForgetAPeerThatSaysDisconnect() {
        Jf1TestPeer client = bench.connectJf1(Framing.RAW);
        bench.connectJf1(Framing.RAW).joined(1, "echo");
        client.asks(1, "echo", "x");

        client.says(Jf1Message.disconnect(0));

        client.hearsFailure(1, ErrorCode.CANCELLED);
        client.says(Jf1Message.heartbeat(true));
        client.hearsFailure(0, ErrorCode.NOT_READY);
    }
}
