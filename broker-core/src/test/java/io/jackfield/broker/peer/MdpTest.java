package io.jackfield.broker.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.dispatch.ServiceSettings;
import io.jackfield.broker.transport.SocketType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** PROTOCOL.md 3, and what the programs of the ZeroMQ guide do beside RFC 7. */
final class MdpTest {
    private static final String READY = "0x01";
    private static final String REQUEST = "0x02";
    private static final String REPLY = "0x03";
    private static final String HEARTBEAT = "0x04";
    private static final String DISCONNECT = "0x05";

    private final Bench bench = new Bench();

    @Test
    void shouldCarryARequestToAWorkerAndTheReplyBack() {
        TestPeer worker = worker("echo");
        TestPeer client = bench.connect(SocketType.REQ);

        client.says("", "MDPC01", "echo", "a", "", "b");
        List<byte[]> request = worker.hearsBytes();

        assertEquals(List.of("", "MDPW01", REQUEST), texts(request.subList(0, 3)));
        assertEquals(8, request.get(3).length);
        assertEquals(List.of("", "a", "", "b"), texts(request.subList(4, request.size())));
        worker.says("", "MDPW01", REPLY, request.get(3), "", "re", "more");
        assertEquals(List.of("", "MDPC01", "echo", "re", "more"), client.hears());
    }

    @Test
    void shouldAnswerEachClientInTheFormItAskedIn() {
        TestPeer worker = worker("echo");
        TestPeer correlated = bench.connect(SocketType.REQ);
        TestPeer delimited = bench.connect(SocketType.DEALER);
        TestPeer bare = bench.connect(SocketType.DEALER);

        correlated.says("0x0000002a", "", "MDPC01", "echo", "1");
        echo(worker);
        delimited.says("", "MDPC01", "echo", "2");
        echo(worker);
        bare.says("MDPC01", "echo", "3");
        echo(worker);

        assertEquals(List.of("0x0000002a", "", "MDPC01", "echo", "1"), correlated.hears());
        assertEquals(List.of("", "MDPC01", "echo", "2"), delimited.hears());
        assertEquals(List.of("MDPC01", "echo", "3"), bare.hears());
    }

    @Test
    void shouldSpeakWithoutTheEmptyFrameToAWorkerThatLeavesItOut() {
        TestPeer worker = bench.connect(SocketType.DEALER);
        worker.says("MDPW01", READY, "echo");
        TestPeer client = bench.connect(SocketType.REQ);
        client.says("", "MDPC01", "echo", "x");

        List<byte[]> request = worker.hearsBytes();
        assertEquals(List.of("MDPW01", REQUEST), texts(request.subList(0, 2)));
        worker.says("MDPW01", REPLY, request.get(2), "", "re");

        assertEquals(List.of("", "MDPC01", "echo", "re"), client.hears());
    }

    @Test
    void shouldNotAnswerReady() {
        worker("echo").hearsNothing();
    }

    @Test
    void shouldQueueForAServiceThatHasNoWorkerYet() {
        TestPeer client = bench.connect(SocketType.REQ);
        client.says("", "MDPC01", "later", "x");
        client.hearsNothing();

        echo(worker("later"));

        assertEquals(List.of("", "MDPC01", "later", "x"), client.hears());
    }

    @Test
    void shouldGiveAWorkerOneRequestAtATime() {
        TestPeer worker = worker("echo");
        TestPeer client = bench.connect(SocketType.DEALER);
        client.says("", "MDPC01", "echo", "1");
        client.says("", "MDPC01", "echo", "2");

        assertEquals(1, worker.unread());
        echo(worker);
        assertEquals(1, worker.unread());
    }

    @Test
    void shouldDismissAWorkerThatSaysReadyTwice() {
        TestPeer worker = worker("echo");
        TestPeer client = bench.connect(SocketType.REQ);
        client.says("", "MDPC01", "echo", "x");
        worker.hears();

        worker.says("", "MDPW01", READY, "echo");

        assertEquals(List.of("", "MDPW01", DISCONNECT), worker.hears());
        assertTrue(client.hears().get(3).startsWith("JACKFIELD-ERROR 9 WORKER_LOST: "));
        assertFalse(bench.dispatcher.isServed("echo"));
    }

    @Test
    void shouldTakeReadyAgainFromAWorkerThatWasDismissed() {
        TestPeer worker = worker("echo");
        worker.says("", "MDPW01", READY, "echo");
        worker.hears();

        worker.says("", "MDPW01", READY, "other");

        worker.hearsNothing();
        assertTrue(bench.dispatcher.isServed("other"));
    }

    @Test
    void shouldDismissAStrangerThatRepliesOrBeats() {
        TestPeer worker = bench.connect(SocketType.DEALER);

        worker.says("", "MDPW01", HEARTBEAT);
        assertEquals(List.of("", "MDPW01", DISCONNECT), worker.hears());
        worker.says("", "MDPW01", REPLY, "0x0000000000000001", "", "x");
        assertEquals(List.of("", "MDPW01", DISCONNECT), worker.hears());

        assertEquals(0, bench.count(PeerEvent.BAD_MESSAGE));
    }

    @Test
    void shouldNotAnswerTheDisconnectOfAStranger() {
        TestPeer worker = bench.connect(SocketType.DEALER);
        worker.says("", "MDPW01", DISCONNECT);
        worker.hearsNothing();
    }

    @Test
    void shouldLoseABusyWorkerThatSaysDisconnect() {
        TestPeer worker = worker("echo");
        TestPeer client = bench.connect(SocketType.REQ);
        client.says("", "MDPC01", "echo", "x");
        worker.hears();

        worker.says("", "MDPW01", DISCONNECT);

        worker.hearsNothing();
        assertTrue(client.hears()
                .get(3)
                .startsWith("JACKFIELD-ERROR 9 WORKER_LOST: worker mdp-0.1 DEALER 127.0.0.1:40001"));
    }

    @Test
    void shouldGiveAnIdempotentRequestOfALostWorkerToAnother() {
        ServiceSettings settings = new ServiceSettings(Optional.empty(), Optional.of(true), 3, 100, 1 << 20);
        Bench retrying = new Bench(PeerLimits.DEFAULT, Map.of("echo", settings));
        TestPeer first = retrying.connect(SocketType.DEALER);
        first.says("", "MDPW01", READY, "echo");
        TestPeer client = retrying.connect(SocketType.REQ);
        client.says("", "MDPC01", "echo", "x");
        TestPeer second = retrying.connect(SocketType.DEALER);
        second.says("", "MDPW01", READY, "echo");

        first.leaves();
        echo(second);

        assertEquals(List.of("", "MDPC01", "echo", "x"), client.hears());
    }

    @Test
    void shouldDropAReplyToARequestThatIsNotInFlight() {
        TestPeer worker = worker("echo");

        worker.says("", "MDPW01", REPLY, "0x0000000000000001", "", "x");
        worker.says("", "MDPW01", REPLY, "client-address", "", "x");

        worker.hearsNothing();
        assertEquals(2, bench.count(PeerEvent.STRAY_REPLY));
        assertTrue(bench.dispatcher.isServed("echo"));
    }

    static List<List<String>> malformedWorkerMessages() {
        return List.of(
                List.of("", "MDPW01"),
                List.of("", "MDPW01", ""),
                List.of("", "MDPW01", READY),
                List.of("", "MDPW01", READY, "a", "b"),
                List.of("", "MDPW01", "0x0101", "echo"),
                List.of("", "MDPW01", REQUEST, "0x0000000000000001", "", "x"),
                List.of("", "MDPW01", REPLY),
                List.of("", "MDPW01", REPLY, "0x0000000000000001", ""),
                List.of("", "MDPW01", REPLY, "0x0000000000000001", "no empty frame", "x"),
                List.of("", "MDPW01", HEARTBEAT, "x"),
                List.of("", "MDPW01", "0x06"),
                List.of("", "MDPW01", "0x00"),
                List.of("", "MDPW02", READY, "echo"),
                List.of("", "MDPC01", "echo", "x"),
                List.of(""));
    }

    @ParameterizedTest
    @MethodSource("malformedWorkerMessages")
    void shouldDropMalformedWorkerMessages(List<String> frames) {
        TestPeer worker = worker("echo");

        worker.says(frames.toArray());

        worker.hearsNothing();
        assertEquals(1, bench.count(PeerEvent.BAD_MESSAGE));
        assertTrue(bench.dispatcher.isServed("echo"));
    }

    static List<List<String>> malformedClientMessages() {
        return List.of(
                List.of("", "MDPC01"),
                List.of("", "MDPC01", "echo"),
                List.of("", "MDPC02", "0x01", "echo", "x"),
                List.of("", "plain"),
                List.of("MDPC01", "echo", "no empty frame, from a REQ"),
                List.of("", "MDPW01", READY, "echo"));
    }

    @ParameterizedTest
    @MethodSource("malformedClientMessages")
    void shouldDropMalformedClientMessages(List<String> frames) {
        TestPeer worker = worker("echo");
        TestPeer client = bench.connect(SocketType.REQ);
        client.says("", "MDPC01", "echo", "good");
        echo(worker);
        client.hears();

        client.says(frames.toArray());

        client.hearsNothing();
        worker.hearsNothing();
        assertEquals(1, bench.count(PeerEvent.BAD_MESSAGE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mmi.service", "mmi.mine", "jf.mine", "with space", "", "a/b"})
    void shouldDismissAWorkerWhoseServiceNameIsNotAllowed(String service) {
        TestPeer worker = bench.connect(SocketType.DEALER);

        worker.says("", "MDPW01", READY, service);

        assertEquals(List.of("", "MDPW01", DISCONNECT), worker.hears());
        assertEquals(1, bench.count(PeerEvent.WORKER_REFUSED));
    }

    @Test
    void shouldFailARequestToAServiceNameThatIsNotAllowed() {
        TestPeer client = bench.connect(SocketType.REQ);

        client.says("", "MDPC01", "with space", "x");

        List<String> reply = client.hears();
        assertEquals(List.of("", "MDPC01", "with space"), reply.subList(0, 3));
        assertTrue(reply.get(3).startsWith("JACKFIELD-ERROR 15 BAD_SERVICE_NAME: "));
    }

    @Test
    void shouldNotBringTheBrokersOwnServicesIntoExistence() {
        TestPeer client = bench.connect(SocketType.REQ);

        client.says("", "MDPC01", "jf.nothing", "x");

        assertTrue(client.hears().get(3).startsWith("JACKFIELD-ERROR 6 NO_SUCH_SERVICE: "));
    }

    @Test
    void shouldTellWhetherAServiceIsServed() {
        TestPeer client = bench.connect(SocketType.REQ);
        client.says("", "MDPC01", "mmi.service", "echo");
        assertEquals(List.of("", "MDPC01", "mmi.service", "404"), client.hears());

        TestPeer worker = worker("echo");
        client.says("", "MDPC01", "mmi.service", "echo");
        assertEquals(List.of("", "MDPC01", "mmi.service", "200"), client.hears());

        worker.leaves();
        client.says("", "MDPC01", "mmi.service", "echo");
        assertEquals(List.of("", "MDPC01", "mmi.service", "404"), client.hears());
    }

    @Test
    void shouldAnswerOtherManagementQuestionsWithNotImplemented() {
        TestPeer client = bench.connect(SocketType.REQ);

        client.says("", "MDPC01", "mmi.workers", "x");
        assertEquals(List.of("", "MDPC01", "mmi.workers", "501"), client.hears());
        client.says("", "MDPC01", "mmi.service", "not allowed");
        assertEquals(List.of("", "MDPC01", "mmi.service", "404"), client.hears());
    }

    @Test
    void shouldBeatToIdleAndBusyWorkersEveryInterval() {
        TestPeer idle = worker("idle");
        TestPeer busy = worker("busy");
        bench.connect(SocketType.REQ).says("", "MDPC01", "busy", "x");
        busy.hears();

        bench.pass(2700);
        assertEquals(List.of("", "MDPW01", HEARTBEAT), idle.hears());
        assertEquals(List.of("", "MDPW01", HEARTBEAT), busy.hears());
        idle.says("", "MDPW01", HEARTBEAT);
        bench.pass(2500);

        assertEquals(1, idle.unread());
        assertEquals(1, busy.unread());
    }

    @Test
    void shouldNotBeatToAStranger() {
        TestPeer stranger = bench.connect(SocketType.DEALER);
        stranger.says("", "MDPW01", HEARTBEAT);
        stranger.hears();

        bench.pass(10_000);

        stranger.hearsNothing();
    }

    @Test
    void shouldGiveUpAnIdleWorkerThatIsSilent() {
        TestPeer worker = worker("echo");

        bench.pass(7500);
        assertFalse(worker.isCutOff());
        bench.pass(300);

        assertTrue(worker.isCutOff());
        assertFalse(bench.dispatcher.isServed("echo"));
        assertEquals(1, bench.count(PeerEvent.WORKER_SILENT));
        assertEquals(List.of("", "MDPW01", DISCONNECT), last(worker));
    }

    @Test
    void shouldKeepAnIdleWorkerThatBeats() {
        TestPeer worker = worker("echo");

        for (int i = 0; i < 20; i++) {
            bench.pass(2500);
            worker.says("", "MDPW01", HEARTBEAT);
        }

        assertFalse(worker.isCutOff());
        assertTrue(bench.dispatcher.isServed("echo"));
    }

    @Test
    void shouldNotGiveUpABusyWorkerThatIsSilent() {
        TestPeer worker = worker("echo");
        TestPeer client = bench.connect(SocketType.REQ);
        client.says("", "MDPC01", "echo", "x");
        List<byte[]> request = worker.hearsBytes();

        bench.pass(20_000);
        worker.says("", "MDPW01", REPLY, request.get(3), "", "at last");

        assertEquals(List.of("", "MDPC01", "echo", "at last"), client.hears());
        bench.pass(7000);
        assertFalse(worker.isCutOff());
    }

    @Test
    void shouldNotJudgeAnybodyForATimeInWhichTheBrokerItselfStoodStill() {
        TestPeer worker = worker("echo");

        bench.stall(60_000);
        assertFalse(worker.isCutOff());
        bench.pass(7000);
        assertFalse(worker.isCutOff());
        bench.pass(1000);

        assertTrue(worker.isCutOff());
    }

    @Test
    void shouldTellMdpClientsNothingWhereTheEndpointIsSilent() {
        TestPeer client = bench.connect(Bench.SILENT, SocketType.REQ);

        client.says("", "MDPC01", "with space", "x");

        client.hearsNothing();
    }

    @Test
    void shouldSurviveAClientThatRetriesOnANewConnection() {
        TestPeer worker = worker("echo");
        TestPeer before = bench.connect(SocketType.REQ);
        before.says("", "MDPC01", "echo", "x");
        List<byte[]> first = worker.hearsBytes();
        before.leaves();
        TestPeer after = bench.connect(SocketType.REQ);
        after.says("", "MDPC01", "echo", "x");

        worker.says("", "MDPW01", REPLY, first.get(3), "", "late");
        echo(worker);

        assertEquals(List.of("", "MDPC01", "echo", "x"), after.hears());
        before.hearsNothing();
    }

    private TestPeer worker(String service) {
        TestPeer worker = bench.connect(SocketType.DEALER);
        worker.says("", "MDPW01", READY, service);
        return worker;
    }

    private static void echo(TestPeer worker) {
        List<byte[]> request = new ArrayList<>(worker.hearsBytes());
        request.set(2, new byte[] {3});
        worker.says(request.toArray());
    }

    private static List<String> last(TestPeer peer) {
        List<String> last = peer.hears();
        while (peer.unread() > 0) {
            last = peer.hears();
        }
        return last;
    }

    private static List<String> texts(List<byte[]> frames) {
        return frames.stream().map(TestPeer::text).toList();
    }
}
