package io.jackfield.broker.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.dispatch.ServiceSettings;
import io.jackfield.broker.transport.SocketType;
import io.jackfield.protocol.Command;
import io.jackfield.protocol.Flags;
import io.jackfield.protocol.Framing;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** PROTOCOL.md 3, where 0.2 is not as 0.1; the order of frames is in {@code mdp.txt}. */
final class Mdp02Test {
    private static final String READY = "0x01";
    private static final String REQUEST = "0x02";
    private static final String PARTIAL = "0x03";
    private static final String FINAL = "0x04";
    private static final String HEARTBEAT = "0x05";
    private static final String DISCONNECT = "0x06";
    private static final String TO_CLIENT_PARTIAL = "0x02";
    private static final String TO_CLIENT_FINAL = "0x03";

    private final Bench bench = new Bench();

    @Test
    void shouldTakeAndGiveBackTheEmptyFrameThatSomeLibrariesSend() {
        TestPeer worker = bench.connect(SocketType.DEALER);
        worker.says("", "MDPW02", READY, "echo");
        TestPeer client = bench.connect(SocketType.DEALER);
        client.says("", "MDPC02", READY, "echo", "x");

        List<byte[]> request = worker.hearsBytes();
        assertEquals(List.of("", "MDPW02", REQUEST), texts(request.subList(0, 3)));
        worker.says("", "MDPW02", PARTIAL, request.get(3), "", "1");
        worker.says("", "MDPW02", FINAL, request.get(3), "", "2");

        assertEquals(List.of("", "MDPC02", TO_CLIENT_PARTIAL, "echo", "1"), client.hears());
        assertEquals(List.of("", "MDPC02", TO_CLIENT_FINAL, "echo", "2"), client.hears());
    }

    @Test
    void shouldGiveAReqSocketTheFinalAlone() {
        TestPeer worker = worker("echo");
        TestPeer client = bench.connect(SocketType.REQ);
        client.says("0x00000007", "", "MDPC02", READY, "echo", "x");
        byte[] token = worker.hearsBytes().get(2);

        worker.says("MDPW02", PARTIAL, token, "", "1");
        client.hearsNothing();
        worker.says("MDPW02", FINAL, token, "", "2");

        assertEquals(List.of("0x00000007", "", "MDPC02", TO_CLIENT_FINAL, "echo", "2"), client.hears());
        assertEquals(1, bench.count(PeerEvent.PARTIAL_DROPPED));
    }

    @Test
    void shouldCarryThePartialRepliesOfAJf1Worker() {
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW).joined(1, "echo");
        TestPeer client = bench.connect(SocketType.DEALER);
        client.says("MDPC02", READY, "echo", "x");
        long token = worker.hears(Command.REQUEST).id();

        worker.replies(token, Flags.PARTIAL, "1", "");
        worker.replies(token, Flags.EARLY_EXIT, "2");

        assertEquals(List.of("MDPC02", TO_CLIENT_PARTIAL, "echo", "1", ""), client.hears());
        assertEquals(List.of("MDPC02", TO_CLIENT_FINAL, "echo", "2"), client.hears());
    }

    @Test
    void shouldGiveAJf1ClientThePartialRepliesOfItsWorker() {
        TestPeer worker = worker("echo");
        Jf1TestPeer client = bench.connectJf1(Framing.KRYO);
        client.asks(4, "echo", "x");
        byte[] token = worker.hearsBytes().get(2);

        worker.says("MDPW02", PARTIAL, token, "", "1");
        worker.says("MDPW02", FINAL, token, "", "2");

        client.hearsReply(4, Flags.PARTIAL, "1");
        client.hearsReply(4, Flags.NONE, "2");
    }

    @Test
    void shouldEndWithFinalWhenTheWorkerIsLostAfterAPartial() {
        ServiceSettings settings = new ServiceSettings(Optional.empty(), Optional.of(true), 3, 100, 1 << 20);
        Bench retrying = new Bench(PeerLimits.DEFAULT, Map.of("echo", settings));
        TestPeer first = retrying.connect(SocketType.DEALER);
        first.says("MDPW02", READY, "echo");
        TestPeer client = retrying.connect(SocketType.DEALER);
        client.says("MDPC02", READY, "echo", "x");
        TestPeer second = retrying.connect(SocketType.DEALER);
        second.says("MDPW02", READY, "echo");

        first.says("MDPW02", PARTIAL, first.hearsBytes().get(2), "", "1");
        first.says("MDPW02", DISCONNECT);

        assertEquals(List.of("MDPC02", TO_CLIENT_PARTIAL, "echo", "1"), client.hears());
        List<String> end = client.hears();
        assertEquals(List.of("MDPC02", TO_CLIENT_FINAL, "echo"), end.subList(0, 3));
        assertTrue(end.get(3).startsWith("JACKFIELD-ERROR 9 WORKER_LOST: worker mdp-0.2 DEALER 127.0.0.1:40001"));
        second.hearsNothing();
    }

    @Test
    void shouldDropPartialsAndFinalsThatAreNotInFlight() {
        TestPeer worker = worker("echo");
        TestPeer client = bench.connect(SocketType.DEALER);
        client.says("MDPC02", READY, "echo", "x");
        byte[] token = worker.hearsBytes().get(2);
        worker.says("MDPW02", FINAL, token, "", "re");
        client.hears();

        worker.says("MDPW02", PARTIAL, token, "", "late");
        worker.says("MDPW02", FINAL, token, "", "twice");
        worker.says("MDPW02", FINAL, "an address", "", "x");

        worker.hearsNothing();
        client.hearsNothing();
        assertEquals(3, bench.count(PeerEvent.STRAY_REPLY));
        assertTrue(bench.dispatcher.isServed("echo"));
    }

    static List<List<String>> malformedWorkerMessages() {
        return List.of(
                List.of("MDPW02"),
                List.of("MDPW02", ""),
                List.of("MDPW02", READY),
                List.of("MDPW02", READY, "a", "b"),
                List.of("MDPW02", REQUEST, "0x0000000000000001", "", "x"),
                List.of("MDPW02", PARTIAL, "0x0000000000000001", ""),
                List.of("MDPW02", FINAL, "0x0000000000000001", "no empty frame", "x"),
                List.of("MDPW02", FINAL),
                List.of("MDPW02", HEARTBEAT, "x"),
                List.of("MDPW02", "0x00"),
                List.of("MDPW02", "0x07"),
                List.of("MDPW02", "0xff"),
                List.of("MDPW02", "0x0101", "echo"),
                List.of("", "MDPW01", "0x04"),
                List.of("MDPC02", READY, "echo", "x"),
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
                List.of("MDPC02"),
                List.of("MDPC02", READY),
                List.of("MDPC02", READY, "echo"),
                List.of("MDPC02", "", "echo", "x"),
                List.of("MDPC02", "0x02", "echo", "x"),
                List.of("MDPC02", "0x03", "echo", "x"),
                List.of("MDPC02", "0x0101", "echo", "x"),
                List.of("MDPC02", "echo", "x", "y"),
                List.of("", "MDPC01", "echo", "x"),
                List.of("plain"));
    }

    @ParameterizedTest
    @MethodSource("malformedClientMessages")
    void shouldDropMalformedClientMessages(List<String> frames) {
        TestPeer worker = worker("echo");
        TestPeer client = bench.connect(SocketType.DEALER);
        client.says("MDPC02", READY, "mmi.service", "echo");
        client.hears();

        client.says(frames.toArray());

        client.hearsNothing();
        worker.hearsNothing();
        assertEquals(1, bench.count(PeerEvent.BAD_MESSAGE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"jf.mine", "with space", "", "a/b"})
    void shouldDismissAWorkerWhoseServiceNameIsNotAllowed(String service) {
        TestPeer worker = bench.connect(SocketType.DEALER);

        worker.says("MDPW02", READY, service);

        assertEquals(List.of("MDPW02", DISCONNECT), worker.hears());
        assertEquals(1, bench.count(PeerEvent.WORKER_REFUSED));
    }

    @Test
    void shouldSayFailuresInAFinal() {
        TestPeer client = bench.connect(SocketType.DEALER);

        client.says("MDPC02", READY, "with space", "x");

        List<String> reply = client.hears();
        assertEquals(List.of("MDPC02", TO_CLIENT_FINAL, "with space"), reply.subList(0, 3));
        assertTrue(reply.get(3).startsWith("JACKFIELD-ERROR 15 BAD_SERVICE_NAME: "));
    }

    @Test
    void shouldBeatAndGiveUpInTheWordsOf02() {
        TestPeer idle = worker("idle");

        bench.pass(2700);
        assertEquals(List.of("MDPW02", HEARTBEAT), idle.hears());
        bench.pass(5200);

        assertTrue(idle.isCutOff());
        assertEquals(List.of("MDPW02", HEARTBEAT), idle.hears());
        assertEquals(List.of("MDPW02", HEARTBEAT), idle.hears());
        assertEquals(List.of("MDPW02", DISCONNECT), idle.hears());
        idle.hearsNothing();
    }

    @Test
    void shouldNotGiveUpABusyWorkerThatIsSilent() {
        TestPeer worker = worker("echo");
        TestPeer client = bench.connect(SocketType.DEALER);
        client.says("MDPC02", READY, "echo", "x");
        byte[] token = worker.hearsBytes().get(2);

        bench.pass(20_000);
        worker.says("MDPW02", FINAL, token, "", "at last");

        assertEquals(List.of("MDPC02", TO_CLIENT_FINAL, "echo", "at last"), client.hears());
        assertFalse(worker.isCutOff());
    }

    private TestPeer worker(String service) {
        TestPeer worker = bench.connect(SocketType.DEALER);
        worker.says("MDPW02", READY, service);
        return worker;
    }

    private static List<String> texts(List<byte[]> frames) {
        return frames.stream().map(TestPeer::text).toList();
    }
}
