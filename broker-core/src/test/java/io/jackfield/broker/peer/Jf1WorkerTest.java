package io.jackfield.broker.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.dispatch.DispatchLimits;
import io.jackfield.broker.transport.SocketType;
import io.jackfield.protocol.Command;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.FixedHeader;
import io.jackfield.protocol.Flags;
import io.jackfield.protocol.Framing;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Jf1Message;
import io.jackfield.protocol.ServiceDeclaration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** PROTOCOL.md 4.2: the conversation of workers, in both framings. */
final class Jf1WorkerTest {
    private final Bench bench = new Bench();

    @ParameterizedTest
    @EnumSource
    void shouldWelcomeAWorker(Framing framing) {
        Jf1TestPeer worker = bench.connectJf1(framing);

        worker.ready(5, "a", "b");

        Jf1Message welcome = worker.hears(Command.WELCOME);
        assertEquals(new FixedHeader(Command.WELCOME, 0, 0, 0, 2500, 2), welcome.header());
        assertEquals(Headers.of(Headers.BROKER_ID, "broker-1", Headers.BODY_BYTES_MAX, "16777216"), welcome.headers());
        assertTrue(bench.dispatcher.isServed("a"));
        assertTrue(bench.dispatcher.isServed("b"));
        assertEquals(
                "jf1-" + framing.name().toLowerCase(java.util.Locale.ROOT) + " DEALER 127.0.0.1:40001 w-1",
                bench.dispatcher.snapshot().workers().get(0).description());
    }

    @Test
    void shouldWelcomeAWorkerBeforeItGetsWhatWaitsForIt() {
        TestPeer client = bench.connect(SocketType.REQ);
        client.says("", "waiting");
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW);

        worker.ready(1, "default");

        worker.hears(Command.WELCOME);
        worker.hears(Command.REQUEST);
    }

    @Test
    void shouldNeverGiveAWorkerMoreThanItsCredit() {
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW).joined(2, "echo");
        Jf1TestPeer client = bench.connectJf1(Framing.RAW);
        for (int id = 1; id <= 5; id++) {
            client.asks(id, "echo", "body " + id);
        }

        assertEquals(2, worker.wire.unread());
        worker.hears();
        long second = worker.hears().id();
        worker.replies(second, Flags.NONE, "re");
        assertEquals(1, worker.wire.unread());
        client.hearsReply(2, Flags.NONE, "re");
    }

    @Test
    void shouldPassOnTheFailureOfAWorker() {
        Jf1TestPeer worker = bench.connectJf1(Framing.KRYO).joined(1, "bad");
        Jf1TestPeer client = bench.connectJf1(Framing.RAW);
        client.asks(3, "bad", "x");
        Failure failure = new Failure(ErrorCode.BAD_REQUEST, "not a number", "send digits", 70);

        worker.says(Jf1Message.failure(worker.hears(Command.REQUEST).id(), failure));

        assertEquals(failure, client.hearsFailure(3, ErrorCode.BAD_REQUEST));
    }

    @Test
    void shouldDropAReplyToWhatIsNotInFlight() {
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW).joined(1, "echo");

        worker.replies(77, Flags.NONE, "x");
        worker.replies(77, Flags.PARTIAL, "x");
        worker.says(Jf1Message.failure(77, Failure.of(ErrorCode.HANDLER_FAILED, "x", "")));

        worker.wire.hearsNothing();
        assertEquals(3, bench.count(PeerEvent.STRAY_REPLY));
        assertEquals(0, bench.count(PeerEvent.BAD_MESSAGE));
    }

    @Test
    void shouldRefuseServiceNamesOfTheBroker() {
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW);

        worker.ready(1, "fine", "jf.mine");
        worker.hearsFailure(0, ErrorCode.BAD_SERVICE_NAME);
        worker.ready(1, "mmi.mine");
        worker.hearsFailure(0, ErrorCode.BAD_SERVICE_NAME);

        assertFalse(bench.dispatcher.isServed("fine"));
        worker.joined(1, "fine");
    }

    @Test
    void shouldReplaceServicesAndCreditWithALaterReady() {
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW).joined(1, "a");
        Jf1TestPeer client = bench.connectJf1(Framing.RAW);
        client.asks(1, "a", "x");
        long token = worker.hears(Command.REQUEST).id();

        worker.joined(2, "b");
        assertFalse(bench.dispatcher.isServed("a"));
        client.asks(2, "b", "y");
        client.asks(3, "b", "z");
        worker.hears(Command.REQUEST);
        worker.wire.hearsNothing();
        worker.replies(token, Flags.NONE, "re");

        client.hearsReply(1, Flags.NONE, "re");
        worker.hears(Command.REQUEST);
    }

    @Test
    void shouldSayInTheLogWhatACreditIsCutTo() {
        int max = DispatchLimits.DEFAULT.workerCreditMax();
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW).joined(max, "a");
        assertEquals(List.of(), bench.log.warnings);

        worker.joined(3000, "a");
        worker.joined(3001, "a");

        assertEquals(
                List.of("jf1-raw DEALER 127.0.0.1:40001 w-1: its credit of 3000 is cut to " + max
                        + ", all that limits.worker-credit-max allows: set that to 3000 if it is to have so many requests"
                        + " at a time"),
                bench.log.warnings);
        worker.replies(77, Flags.NONE, "x");
        assertEquals(2, bench.log.warnings.size());
    }

    @Test
    void shouldLetTheFirstDeclarationSettleAService() {
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW);

        worker.ready(1, List.of(new ServiceDeclaration("zip", "2.1", true, 750)));
        bench.connectJf1(Framing.RAW).ready(1, List.of(new ServiceDeclaration("zip", "3", false, 1)));

        var service = bench.dispatcher.snapshot().services().get(0);
        assertEquals(
                "zip 2.1 true 750",
                service.name() + " " + service.version() + " " + service.idempotent() + " " + service.timeoutMs());
    }

    @Test
    void shouldTellStrangersThatTheyAreNotReady() {
        Jf1TestPeer stranger = bench.connectJf1(Framing.RAW);

        stranger.replies(4, Flags.NONE, "x");
        stranger.hearsFailure(0, ErrorCode.NOT_READY);
        stranger.says(Jf1Message.failure(4, Failure.of(ErrorCode.HANDLER_FAILED, "x", "")));
        stranger.hearsFailure(0, ErrorCode.NOT_READY);
        stranger.says(Jf1Message.drain(0));
        stranger.hearsFailure(0, ErrorCode.NOT_READY);
        stranger.says(Jf1Message.heartbeat(true));
        stranger.hearsFailure(0, ErrorCode.NOT_READY);

        assertEquals(0, bench.count(PeerEvent.BAD_MESSAGE));
        stranger.joined(1, "echo");
    }

    @Test
    void shouldAnswerHeartbeatsOfClientsAndWorkers() {
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW).joined(1, "echo");
        Jf1TestPeer client = bench.connectJf1(Framing.KRYO);
        client.asks(1, "echo", "x");

        worker.hears(Command.REQUEST);
        worker.says(Jf1Message.heartbeat(true));
        client.says(Jf1Message.heartbeat(true));
        worker.says(Jf1Message.heartbeat(false));

        assertEquals(0, worker.hears(Command.HEARTBEAT).header().count());
        assertEquals(0, client.hears(Command.HEARTBEAT).header().count());
        worker.wire.hearsNothing();
    }

    @Test
    void shouldNotAnswerAComplaint() {
        Jf1TestPeer peer = bench.connectJf1(Framing.RAW);
        peer.says(Jf1Message.failure(0, Failure.of(ErrorCode.BAD_MESSAGE, "the broker is wrong", "")));

        peer.wire.hearsNothing();
        assertEquals(1, bench.count(PeerEvent.COMPLAINT));
    }

    @Test
    void shouldDrainAWorker() {
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW).joined(2, "echo");
        Jf1TestPeer client = bench.connectJf1(Framing.RAW);
        client.asks(1, "echo", "x");
        long token = worker.hears(Command.REQUEST).id();

        worker.says(Jf1Message.drain(1));
        assertEquals(1, worker.hears(Command.DRAIN).header().count());
        client.asks(2, "echo", "y");
        worker.wire.hearsNothing();
        worker.replies(token, Flags.NONE, "re");
        client.hearsReply(1, Flags.NONE, "re");
        worker.says(Jf1Message.disconnect(0));

        worker.wire.hearsNothing();
        assertTrue(bench.dispatcher.snapshot().workers().isEmpty());
        worker.joined(1, "echo");
        worker.hears(Command.REQUEST);
    }

    @Test
    void shouldTakeADrainedWorkerBackOnceItHasNothingInFlight() {
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW).joined(1, "echo");
        Jf1TestPeer client = bench.connectJf1(Framing.RAW);
        client.asks(1, "echo", "x");
        long token = worker.hears(Command.REQUEST).id();
        worker.says(Jf1Message.drain(1));
        worker.hears(Command.DRAIN);

        worker.ready(1, "echo");
        worker.hearsFailure(0, ErrorCode.BAD_MESSAGE);
        worker.replies(token, Flags.NONE, "re");
        worker.joined(1, "echo");

        assertEquals(1, bench.dispatcher.snapshot().workers().size());
        client.asks(2, "echo", "y");
        worker.hears(Command.REQUEST);
    }

    @Test
    void shouldLoseABusyWorkerThatSaysDisconnect() {
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW).joined(1, "echo");
        Jf1TestPeer client = bench.connectJf1(Framing.RAW);
        client.asks(1, "echo", "x");
        worker.hears(Command.REQUEST);

        worker.says(Jf1Message.disconnect(ErrorCode.INTERNAL_ERROR.number()));

        client.hearsFailure(1, ErrorCode.WORKER_LOST);
        worker.replies(5, Flags.NONE, "x");
        worker.hearsFailure(0, ErrorCode.NOT_READY);
    }

    @Test
    void shouldGiveAnIdempotentRequestOfALostWorkerToAnotherAsTheNextAttempt() {
        Jf1TestPeer first = bench.connectJf1(Framing.RAW).joined(1, "echo");
        Jf1TestPeer client = bench.connectJf1(Framing.RAW);
        client.says(Jf1Message.request(1, "echo", Headers.EMPTY, Jf1TestPeer.parts("x"))
                .withFlags(Flags.IDEMPOTENT));
        assertEquals(1, first.hears(Command.REQUEST).header().count());
        Jf1TestPeer second = bench.connectJf1(Framing.KRYO).joined(1, "echo");

        first.wire.leaves();

        Jf1Message again = second.hears(Command.REQUEST);
        assertEquals(2, again.header().count());
        second.replies(again.id(), Flags.NONE, "re");
        client.hearsReply(1, Flags.NONE, "re");
    }

    @Test
    void shouldRefuseWelcomeFromAPeer() {
        Jf1TestPeer peer = bench.connectJf1(Framing.KRYO);

        peer.says(Jf1Message.welcome(1, 1, Headers.EMPTY));

        peer.hearsFailure(0, ErrorCode.BAD_MESSAGE);
    }

    @Test
    void shouldSpeakWithTheEmptyFrameToADelimitedPeer() {
        TestPeer worker = bench.connect(SocketType.DEALER);
        worker.says("", "0x4a463152010000000000000000000000000003e800010000", "", "", "name:echo\n");

        assertEquals(
                List.of("", "0x4a463152020000000000000000000000000009c400010000"),
                worker.hears().subList(0, 2));
        bench.connectJf1(Framing.RAW).asks(1, "echo", "x");
        List<String> request = worker.hears();
        assertEquals("", request.get(0));
        assertEquals(List.of("echo", "", "x"), request.subList(2, 5));
    }

    @Test
    void shouldGiveUpAnIdleWorkerThatIsSilentForTheIntervalsThatItDeclared() {
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW).joined(1, "echo");

        bench.pass(3 * Jf1TestPeer.HEARTBEAT_MS);
        assertFalse(worker.wire.isCutOff());
        bench.pass(300);

        assertTrue(worker.wire.isCutOff());
        worker.hears(Command.DISCONNECT);
        assertFalse(bench.dispatcher.isServed("echo"));
    }

    @Test
    void shouldJudgeABusyWorkerByItsRequestsOnly() {
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW).joined(1, "echo");
        Jf1TestPeer client = bench.connectJf1(Framing.RAW);
        client.asks(1, "echo", "x");
        long token = worker.hears(Command.REQUEST).id();

        bench.pass(25_000);
        worker.replies(token, Flags.NONE, "re");
        bench.pass(2500);

        client.hearsReply(1, Flags.NONE, "re");
        assertFalse(worker.wire.isCutOff());
    }

    @Test
    void shouldExpelAWorkerThatHoldsACancelledRequestForTooLong() {
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW).joined(1, "echo");
        Jf1TestPeer client = bench.connectJf1(Framing.RAW);
        client.asks(1, "echo", "x");
        worker.hears(Command.REQUEST);
        client.says(Jf1Message.cancel(1));
        worker.hears(Command.CANCEL);

        bench.pass(30_200);

        worker.hears(Command.DISCONNECT);
        assertTrue(worker.wire.isCutOff());
        assertEquals(0, bench.dispatcher.snapshot().inFlight());
    }
}
