package io.jackfield.broker.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.transport.SocketType;
import io.jackfield.protocol.Command;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Flags;
import io.jackfield.protocol.Framing;
import io.jackfield.protocol.Limits;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** PROTOCOL.md 6, as far as peers are concerned. */
final class PeerLimitsTest {
    private static final PeerLimits SMALL = new PeerLimits(2, 3, 10, 2500, 3);

    private final Bench bench = new Bench(SMALL);

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldNotReadFromAClientThatCannotTellItsRequestsApartWhileItHasTooMany(boolean mdp) {
        TestPeer worker = bench.connect(Bench.WORKERS, SocketType.ROUTER);
        TestPeer client = bench.connect(SocketType.DEALER);
        Object[] request = mdp ? new Object[] {"MDPC02", "0x01", "default", "x"} : new Object[] {"x"};
        client.says(request);
        assertTrue(client.isReadFrom());
        client.says(request);
        assertFalse(client.isReadFrom());

        worker.says(worker.hearsBytes().toArray());

        assertEquals("x", client.hears().get(mdp ? 3 : 0));
        assertTrue(client.isReadFrom());
        client.says(request);
        assertFalse(client.isReadFrom());
        client.leaves();
        assertEquals(0, bench.count(PeerEvent.REQUEST_REFUSED));
    }

    @Test
    void shouldTakeRequestsAgainOnceOthersHaveEnded() {
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW).joined(5, "echo");
        Jf1TestPeer client = bench.connectJf1(Framing.RAW);
        client.asks(1, "echo", "x");
        client.asks(2, "echo", "x");
        client.asks(3, "echo", "x");
        assertEquals(100, client.hearsFailure(3, ErrorCode.OVERLOADED).retryAfterMs());

        worker.replies(worker.hears(Command.REQUEST).id(), Flags.NONE, "re");

        client.hearsReply(1, Flags.NONE, "re");
        client.asks(3, "echo", "x");
        worker.hears(Command.REQUEST);
        worker.hears(Command.REQUEST);
    }

    @ParameterizedTest
    @EnumSource
    void shouldRefuseABodyThatIsTooLarge(Framing framing) {
        Jf1TestPeer worker = bench.connectJf1(framing).joined(5, "echo");
        Jf1TestPeer client = bench.connectJf1(framing);

        client.asks(1, "echo", "12345", "678901");
        client.hearsFailure(1, ErrorCode.TOO_LARGE);
        client.asks(2, "echo", "12345", "67890");

        assertEquals(List.of("12345", "67890"), Jf1TestPeer.texts(worker.hears(Command.REQUEST)));
    }

    @Test
    void shouldTellAPlainClientThatItsBodyIsTooLarge() {
        TestPeer client = bench.connect(SocketType.REQ);
        client.says("", "12345678901");
        assertEquals(
                "JACKFIELD-ERROR 4 TOO_LARGE: body: 11 bytes (expected: at most 10, body-bytes-max)"
                        + " (send less, or raise body-bytes-max)",
                client.hears().get(1));
    }

    @Test
    void shouldFailARequestWhoseReplyIsTooLarge() {
        TestPeer plain = bench.connect(SocketType.REP);
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW).joined(1, "echo");
        Jf1TestPeer client = bench.connectJf1(Framing.RAW);

        client.asks(1, "default", "x");
        plain.says(plain.hearsBytes().get(0), "", "12345678901");
        client.hearsFailure(1, ErrorCode.TOO_LARGE);
        client.asks(2, "echo", "x");
        worker.replies(worker.hears(Command.REQUEST).id(), Flags.NONE, "12345678901");
        client.hearsFailure(2, ErrorCode.TOO_LARGE);

        assertEquals(0, bench.dispatcher.snapshot().inFlight());
    }

    @Test
    void shouldFailARequestWhosePartialReplyIsTooLargeAndLeaveItWithTheWorkerUntilThatHasEndedIt() {
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW).joined(1, "echo");
        Jf1TestPeer client = bench.connectJf1(Framing.RAW);
        client.asks(1, "echo", "x");
        long token = worker.hears(Command.REQUEST).id();
        worker.replies(token, Flags.PARTIAL, "12345678901");
        client.hearsFailure(1, ErrorCode.TOO_LARGE);
        worker.hears(Command.CANCEL);

        client.asks(2, "echo", "x");
        worker.wire.hearsNothing();
        worker.replies(token, Flags.NONE, "late");
        worker.replies(worker.hears(Command.REQUEST).id(), Flags.NONE, "next");
        client.hearsReply(2, Flags.NONE, "next");
        assertEquals(0, bench.dispatcher.snapshot().inFlight());
    }

    @Test
    void shouldRefuseMorePartsThanAnyDialectMayCarry() {
        Bench roomy = new Bench();
        TestPeer client = roomy.connect(SocketType.REQ);
        TestPeer worker = roomy.connect(SocketType.REP);

        client.says(frames(Limits.BODY_PARTS_MAX + 1));
        assertTrue(client.hears().get(1).startsWith("JACKFIELD-ERROR 1 BAD_MESSAGE: body parts: 65"));
        client.says(frames(Limits.BODY_PARTS_MAX));
        assertEquals(2 + Limits.BODY_PARTS_MAX, worker.hearsBytes().size());
    }

    @Test
    void shouldCutOffAPeerWithTooManyBadMessages() {
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW).joined(1, "echo");
        Jf1TestPeer client = bench.connectJf1(Framing.RAW);
        client.asks(1, "echo", "x");
        worker.hears(Command.REQUEST);

        for (int i = 0; i < 3; i++) {
            worker.wire.says("not JF1");
            worker.hearsFailure(0, ErrorCode.BAD_MESSAGE);
        }
        assertFalse(worker.wire.isCutOff());
        worker.wire.says("not JF1");

        worker.hearsFailure(0, ErrorCode.BAD_MESSAGE);
        worker.hears(Command.DISCONNECT);
        assertTrue(worker.wire.closeReason().orElseThrow().startsWith("more than 3 bad messages"));
        client.hearsFailure(1, ErrorCode.WORKER_LOST);
        worker.ready(1, "echo");
        assertFalse(bench.dispatcher.isServed("echo"));
    }

    @Test
    void shouldTellTheLogOncePerPeer() {
        TestPeer first = bench.connect(SocketType.REQ);
        TestPeer second = bench.connect(SocketType.REQ);

        first.says("bad");
        first.says("bad");
        second.says("bad");

        assertEquals(2, bench.log.warnings.size());
        assertTrue(bench.log.warnings.get(0).startsWith("undecided REQ 127.0.0.1:40001: "));
        assertEquals(2, bench.registry.snapshot().get(0).badMessages());
        assertEquals(3, bench.count(PeerEvent.BAD_MESSAGE));
    }

    @Test
    void shouldNotKeepLongFramesBeforeAReqBody() {
        TestPeer client = bench.connect(SocketType.REQ);

        client.says("x".repeat(256), "", "body");

        assertEquals(1, bench.count(PeerEvent.BAD_MESSAGE));
    }

    @Test
    void shouldRefuseLimitsThatAreNone() {
        assertThrows(IllegalArgumentException.class, () -> new PeerLimits(0, 1, 1, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new PeerLimits(1, 0, 1, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new PeerLimits(1, 1, 0, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new PeerLimits(1, 1, 1, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> new PeerLimits(1, 1, 1, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> Bench.workersWithCredit(0));
        assertThrows(IllegalArgumentException.class, () -> Bench.workersWithCredit(65_536));
    }

    private static Object[] frames(int body) {
        Object[] frames = Collections.nCopies(body + 1, "x").toArray();
        frames[0] = "";
        return Arrays.copyOf(frames, frames.length);
    }
}
