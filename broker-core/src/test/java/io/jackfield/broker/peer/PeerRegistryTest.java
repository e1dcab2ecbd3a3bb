package io.jackfield.broker.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.transport.SocketType;
import io.jackfield.protocol.Command;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Flags;
import io.jackfield.protocol.Framing;
import java.util.List;
import org.junit.jupiter.api.Test;

/** All peers together: what is seen of them, how the broker drains, what a bug does. */
final class PeerRegistryTest {
    private final Bench bench = new Bench();

    @Test
    void shouldShowEveryPeer() {
        bench.connect(SocketType.REP);
        TestPeer client = bench.connect(Bench.CLIENTS, SocketType.REQ);
        client.says("", "x");
        client.says("", "y");
        bench.connectJf1(Framing.KRYO).joined(1, "echo");

        assertEquals(
                List.of(
                        new PeerView(
                                1, "any", "127.0.0.1:40001", SocketType.REP, "plain", "worker", 0, 1, 0, 0, 0, 0, 0),
                        new PeerView(
                                2,
                                Bench.CLIENTS.name(),
                                "127.0.0.1:40002",
                                SocketType.REQ,
                                "plain",
                                "client",
                                2,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0),
                        new PeerView(
                                3,
                                "any",
                                "127.0.0.1:40003",
                                SocketType.DEALER,
                                "jf1-kryo",
                                "worker",
                                0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0)),
                bench.registry.snapshot());
    }

    @Test
    void shouldForgetPeersThatLeave() {
        TestPeer worker = bench.connect(SocketType.REP);
        TestPeer client = bench.connect(SocketType.REQ);
        assertEquals(2, bench.registry.count());

        worker.leaves();
        client.leaves();

        assertEquals(0, bench.registry.count());
        assertEquals(List.of(), bench.registry.snapshot());
    }

    @Test
    void shouldTellJf1PeersThatTheBrokerDrains() {
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW).joined(2, "echo");
        Jf1TestPeer client = bench.connectJf1(Framing.KRYO);
        client.asks(1, "echo", "x");
        client.asks(2, "echo", "y");
        long token = worker.hears(Command.REQUEST).id();
        worker.hears(Command.REQUEST);

        bench.dispatcher.drain();
        bench.registry.drain();

        assertEquals(2, worker.hears(Command.DRAIN).header().count());
        assertEquals(2, client.hears(Command.DRAIN).header().count());
        client.asks(3, "echo", "z");
        client.hearsFailure(3, ErrorCode.DRAINING);
        worker.replies(token, Flags.NONE, "re");
        client.hearsReply(1, Flags.NONE, "re");
    }

    @Test
    void shouldTellJf1PeersThatComeWhileTheBrokerDrains() {
        bench.registry.drain();
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW);

        worker.ready(1, "echo");

        worker.hears(Command.WELCOME);
        worker.hears(Command.DRAIN);
    }

    @Test
    void shouldTellAReqPeerNothingThatItDidNotAsk() {
        TestPeer client = bench.connect(SocketType.REQ);
        client.says("", "0x4a4631520300000000000000000000010000000000000000", "nobody", "", "x");
        client.hears();

        bench.registry.drain();
        bench.registry.disconnect("the broker stops");

        client.hearsNothing();
        assertTrue(client.isCutOff());
    }

    @Test
    void shouldSayGoodbyeAndCloseEveryConnection() {
        TestPeer plain = bench.connect(SocketType.REP);
        TestPeer mdp = bench.connect(SocketType.DEALER);
        mdp.says("", "MDPW01", "0x01", "mdp");
        Jf1TestPeer jf1 = bench.connectJf1(Framing.RAW).joined(1, "echo");
        TestPeer undecided = bench.connect(SocketType.DEALER);

        bench.registry.disconnect("the broker stops");

        plain.hearsNothing();
        assertEquals(List.of("", "MDPW01", "0x05"), mdp.hears());
        assertEquals(0, jf1.hears(Command.DISCONNECT).header().code());
        undecided.hearsNothing();
        for (TestPeer peer : List.of(plain, mdp, jf1.wire, undecided)) {
            assertEquals("the broker stops", peer.closeReason().orElseThrow());
        }
        assertTrue(bench.dispatcher.snapshot().workers().isEmpty());
    }

    @Test
    void shouldEndEveryRequestBeforeItClosesAConnection() {
        bench.connect(SocketType.REP);
        TestPeer client = bench.connect(SocketType.REQ);
        client.says("", "x");

        bench.registry.disconnect("the broker stops");

        List<String> reply = client.hears();
        assertTrue(reply.get(1).startsWith("JACKFIELD-ERROR "), reply.get(1));
        assertTrue(bench.dispatcher.isQuiet());
    }

    @Test
    void shouldIgnoreWhatAPeerSaysAfterItWasCutOff() {
        TestPeer worker = bench.connect(SocketType.REP);
        bench.registry.disconnect("the broker stops");

        worker.says("0x0000000000000001", "", "x");

        assertEquals(0, bench.count(PeerEvent.STRAY_REPLY));
        worker.leaves();
        assertEquals(0, bench.registry.count());
    }

    @Test
    void shouldCutOffAPeerWhoseMessageMeetsABugAndGoOn() {
        bench.dispatcher.routes().add("broken", envelope -> {
            throw new IllegalStateException("a bug");
        });
        Jf1TestPeer client = bench.connectJf1(Framing.RAW);
        TestPeer other = bench.connect(SocketType.REQ);

        client.asks(1, "broken", "x");

        assertTrue(client.wire.isCutOff());
        client.hearsFailure(1, ErrorCode.CANCELLED);
        assertEquals(1, bench.count(PeerEvent.INTERNAL_ERROR));
        assertEquals(1, bench.log.errors.size());
        assertFalse(other.isCutOff());
    }
}
