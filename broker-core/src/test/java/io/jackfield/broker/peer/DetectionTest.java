package io.jackfield.broker.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.peer.EndpointSettings.Role;
import io.jackfield.broker.transport.SocketType;
import io.jackfield.protocol.Command;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Framing;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** PROTOCOL.md 1: what a peer is taken for, by its socket type, its endpoint and its first message. */
final class DetectionTest {
    private static final String RAW_HEARTBEAT = "0x4a4631520700000000000000000000000000000000010000";
    private static final String KRYO_HEARTBEAT =
            "0x164a46314b070000000000000000000000000000000001000000000000000000000000";

    private final Bench bench = new Bench();

    @ParameterizedTest
    @CsvSource({
        "ANY,,REQ DEALER REP ROUTER PUB SUB XPUB XSUB PUSH PULL PAIR",
        "CLIENTS,,REQ DEALER",
        "WORKERS,,DEALER REP ROUTER PUSH PULL",
        "ANY,PLAIN,REQ DEALER REP ROUTER PUB SUB XPUB XSUB PUSH PULL PAIR",
        "ANY,MDP,REQ DEALER",
        "ANY,JF1,REQ DEALER",
        "CLIENTS,PLAIN,REQ DEALER",
        "WORKERS,JF1,DEALER",
    })
    void shouldServeTheSocketTypesThatFitTheEndpoint(Role role, Dialect dialect, String served) {
        EndpointPeers peers = new EndpointPeers(Bench.endpoint(role, Optional.ofNullable(dialect)), bench.registry);
        List<String> expected = List.of(served.split(" "));

        for (SocketType type : SocketType.values()) {
            assertEquals(expected.contains(type.name()), peers.serves(type), type::name);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "REQ,plain request,plain,client",
        "DEALER,plain request,plain,client",
        "DEALER,MDPC03,plain,client",
        "DEALER,0x4a4631520300,plain,client",
    })
    void shouldTakeAnythingUnknownForAPlainClient(SocketType type, String first, String dialect, String side) {
        TestPeer peer = bench.connect(type);

        peer.says("", first);

        assertIs(dialect, side);
    }

    @Test
    void shouldKnowMdpAndJf1ByTheFirstFrameBehindTheDelimiter() {
        bench.connect(SocketType.DEALER).says("", "MDPC01", "echo", "x");
        bench.connect(SocketType.DEALER).says("MDPC01", "echo", "x");
        bench.connect(SocketType.REQ).says("0x00000001", "", "MDPC01", "echo", "x");
        bench.connect(SocketType.DEALER).says("", "MDPW01", "0x01", "echo");
        bench.connect(SocketType.DEALER).says("MDPC02", "0x01", "echo", "x");
        bench.connect(SocketType.DEALER).says("MDPW02", "0x01", "echo");
        bench.connect(SocketType.DEALER).says(RAW_HEARTBEAT);
        bench.connect(SocketType.DEALER).says("", RAW_HEARTBEAT);
        bench.connect(SocketType.DEALER).says(KRYO_HEARTBEAT);
        bench.connect(SocketType.REQ).says("", KRYO_HEARTBEAT);

        assertEquals(
                List.of(
                        "mdp-0.1",
                        "mdp-0.1",
                        "mdp-0.1",
                        "mdp-0.1",
                        "mdp-0.2",
                        "mdp-0.2",
                        "jf1-raw",
                        "jf1-raw",
                        "jf1-kryo",
                        "jf1-kryo"),
                bench.registry.snapshot().stream().map(PeerView::dialect).toList());
    }

    @ParameterizedTest
    @EnumSource(names = {"REP", "ROUTER"})
    void shouldTakeRepAndRouterForPlainWorkersAtOnce(SocketType type) {
        bench.connect(type);

        assertIs("plain", "worker");
        assertTrue(bench.dispatcher.isServed("default"));
    }

    @Test
    void shouldIgnoreTheProbeOfADealer() {
        TestPeer peer = bench.connect(SocketType.DEALER);

        peer.says("");

        assertIs("undecided", "undecided");
        assertEquals(1, bench.count(PeerEvent.PROBE));
        peer.says("", "MDPW01", "0x01", "echo");
        assertIs("mdp-0.1", "worker");
    }

    @ParameterizedTest
    @EnumSource(names = {"ROUTER", "DEALER"})
    void shouldIgnoreTheProbeOfAPlainWorker(SocketType type) {
        TestPeer worker = bench.connect(Bench.WORKERS, type);

        worker.says("");

        assertEquals(0, bench.count(PeerEvent.STRAY_REPLY));
        assertEquals(1, bench.count(PeerEvent.PROBE));
    }

    @Test
    void shouldStayInTheDialectOfTheFirstMessage() {
        TestPeer worker = bench.connect(SocketType.REP);
        TestPeer client = bench.connect(SocketType.DEALER);
        client.says("plain");
        worker.hears();

        client.says("", "MDPC01", "echo", "x");

        assertIs("plain", "client", 1);
        assertEquals(2, bench.registry.snapshot().get(1).outstanding());
    }

    @Test
    void shouldAnswerAnotherJfVersionAndStayUndecided() {
        TestPeer peer = bench.connect(SocketType.DEALER);
        Jf1TestPeer speaker = new Jf1TestPeer(peer, Framing.RAW);

        peer.says("0x4a4632520700000000000000000000000000000000010000");

        speaker.hearsFailure(0, ErrorCode.UNSUPPORTED_VERSION);
        assertIs("undecided", "undecided");
        assertEquals(1, bench.count(PeerEvent.BAD_MESSAGE));
        speaker.joined(1, "echo");
    }

    @Test
    void shouldPutTheDelimiterBeforeTheAnswerToAnotherJfVersion() {
        TestPeer peer = bench.connect(SocketType.REQ);

        peer.says("0x00000001", "", "0x4a46394b0700000000000000000000000000000000010000");

        List<byte[]> answer = peer.hearsBytes();
        assertEquals(List.of("0x00000001", ""), List.of(TestPeer.text(answer.get(0)), TestPeer.text(answer.get(1))));
        assertEquals(6, answer.size());
    }

    @Test
    void shouldRefuseAWorkerOnAReqSocket() {
        TestPeer req = bench.connect(SocketType.REQ);

        req.says("", "MDPW01", "0x01", "echo");

        assertEquals(List.of("", "MDPW01", "0x05"), req.hears());
        assertEquals(1, bench.count(PeerEvent.BAD_MESSAGE));
        assertFalse(bench.dispatcher.isServed("echo"));
    }

    @Test
    void shouldRefuseAWorkerOfMdp02OnAReqSocketInItsOwnWords() {
        TestPeer req = bench.connect(SocketType.REQ);

        req.says("", "MDPW02", "0x01", "echo");

        assertEquals(List.of("", "MDPW02", "0x06"), req.hears());
        assertFalse(bench.dispatcher.isServed("echo"));
    }

    @Test
    void shouldTakeBothVersionsOfMdpWhereTheEndpointIsForMdp() {
        EndpointSettings mdp = Bench.speaking(Dialect.MDP);
        bench.connect(mdp, SocketType.DEALER).says("", "MDPW01", "0x01", "echo");
        bench.connect(mdp, SocketType.DEALER).says("MDPW02", "0x01", "echo");

        assertEquals(
                List.of("mdp-0.1", "mdp-0.2"),
                bench.registry.snapshot().stream().map(PeerView::dialect).toList());
    }

    @Test
    void shouldTakeBodiesThatLookLikeMdpAsBodiesWhereTheEndpointIsPlain() {
        TestPeer worker = bench.connect(Bench.speaking(Dialect.PLAIN), SocketType.REP);
        TestPeer client = bench.connect(Bench.speaking(Dialect.PLAIN), SocketType.DEALER);

        client.says("MDPC02", "0x01", "echo", "x");

        List<byte[]> request = worker.hearsBytes();
        assertEquals(
                List.of("MDPC02", "0x01", "echo", "x"),
                request.subList(2, 6).stream().map(TestPeer::text).toList());
    }

    @Test
    void shouldRefuseAReadyOnAReqSocket() {
        TestPeer req = bench.connect(SocketType.REQ);

        req.says("", "0x4a463152010000000000000000000000000009c400100000", "", "", "name:echo\n");

        List<byte[]> answer = req.hearsBytes();
        assertEquals(0, answer.get(0).length);
        assertEquals("0x4a463152050000010000000000000000" + "0000000000000000", TestPeer.text(answer.get(1)));
        assertEquals(1, bench.count(PeerEvent.BAD_MESSAGE));
        assertFalse(bench.dispatcher.isServed("echo"));
    }

    @Test
    void shouldRefuseWorkersOnAnEndpointForClients() {
        TestPeer mdp = bench.connect(Bench.CLIENTS, SocketType.DEALER);
        Jf1TestPeer jf1 = new Jf1TestPeer(bench.connect(Bench.CLIENTS, SocketType.DEALER), Framing.KRYO);

        mdp.says("", "MDPW01", "0x01", "echo");
        jf1.ready(1, "echo");

        assertEquals(List.of("", "MDPW01", "0x05"), mdp.hears());
        jf1.hearsFailure(0, ErrorCode.BAD_MESSAGE);
        assertFalse(bench.dispatcher.isServed("echo"));
        assertEquals(2, bench.count(PeerEvent.BAD_MESSAGE));
    }

    @Test
    void shouldRefuseClientsOnAnEndpointForWorkers() {
        TestPeer mdp = bench.connect(Bench.WORKERS, SocketType.DEALER);
        Jf1TestPeer jf1 = new Jf1TestPeer(bench.connect(Bench.WORKERS, SocketType.DEALER), Framing.RAW);

        mdp.says("", "MDPC01", "echo", "x");
        jf1.asks(7, "echo", "x");

        mdp.hearsNothing();
        jf1.hearsFailure(7, ErrorCode.BAD_MESSAGE);
        assertEquals(2, bench.count(PeerEvent.BAD_MESSAGE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"MDPC01", RAW_HEARTBEAT, KRYO_HEARTBEAT, "0x4a463252070000000000000000000000000000000001"})
    void shouldTakeEverythingForPlainWhereTheEndpointSaysSo(String first) {
        TestPeer worker = bench.connect(SocketType.REP);
        TestPeer client = bench.connect(Bench.speaking(Dialect.PLAIN), SocketType.DEALER);

        client.says("", first);

        assertEquals(first, worker.hears().get(2));
    }

    @Test
    void shouldDropWhatIsNotMdpWhereTheEndpointSaysSo() {
        TestPeer peer = bench.connect(Bench.speaking(Dialect.MDP), SocketType.DEALER);

        peer.says("plain");
        peer.says(RAW_HEARTBEAT);
        peer.hearsNothing();
        assertEquals(2, bench.count(PeerEvent.BAD_MESSAGE));
        peer.says("", "MDPW01", "0x01", "echo");

        assertTrue(bench.dispatcher.isServed("echo"));
    }

    @Test
    void shouldAnswerWhatIsNotJf1WhereTheEndpointSaysSo() {
        TestPeer peer = bench.connect(Bench.speaking(Dialect.JF1), SocketType.DEALER);
        Jf1TestPeer speaker = new Jf1TestPeer(peer, Framing.RAW);

        peer.says("plain");
        speaker.hearsFailure(0, ErrorCode.BAD_MESSAGE);
        peer.says("MDPW01", "0x01", "echo");
        speaker.hearsFailure(0, ErrorCode.BAD_MESSAGE);

        assertEquals(2, bench.count(PeerEvent.BAD_MESSAGE));
        speaker.joined(1, "echo");
    }

    @Test
    void shouldTakeADealerOnAnEndpointForWorkersForAPlainWorkerAtOnce() {
        bench.connect(Bench.WORKERS, SocketType.DEALER);

        assertIs("undecided", "worker");
        assertTrue(bench.dispatcher.isServed("default"));
    }

    @Test
    void shouldKeepAPlainDealerWorkerWhenItsFirstMessageIsAReply() {
        TestPeer worker = bench.connect(Bench.WORKERS, SocketType.DEALER);
        TestPeer client = bench.connect(SocketType.REQ);
        client.says("", "x");

        worker.says(worker.hearsBytes().toArray());

        assertEquals(List.of("", "x"), client.hears());
        assertIs("plain", "worker");
        client.says("", "y");
        worker.says(worker.hearsBytes().toArray());
        assertEquals(List.of("", "y"), client.hears());
    }

    @Test
    void shouldFailWhatAPlainWorkerWasSentBeforeItTurnedOutToSpeakMdp() {
        TestPeer worker = bench.connect(Bench.WORKERS, SocketType.DEALER);
        TestPeer client = bench.connect(SocketType.REQ);
        client.says("", "x");
        worker.hears();

        worker.says("", "MDPW01", "0x01", "echo");

        assertTrue(client.hears().get(1).contains("WORKER_LOST: worker plain DEALER 127.0.0.1:40001 went away"));
        assertTrue(bench.dispatcher.isServed("echo"));
        assertFalse(bench.dispatcher.isServed("default"));
    }

    @Test
    void shouldGiveAnIdempotentRequestAgainToTheSamePeerOnceItHasSaidWhatItSpeaks() {
        Bench retrying = Bench.idempotent();
        Jf1TestPeer worker = new Jf1TestPeer(retrying.connect(Bench.WORKERS, SocketType.DEALER), Framing.RAW);
        TestPeer client = retrying.connect(SocketType.REQ);
        client.says("", "x");
        worker.wire.hears();

        worker.joined(1, "default");

        var request = worker.hears(Command.REQUEST);
        assertEquals(2, request.header().count());
        worker.replies(request.id(), 0, "re x");
        assertEquals(List.of("", "re x"), client.hears());
    }

    @ParameterizedTest
    @EnumSource(names = {"MDP", "JF1"})
    void shouldGiveNothingToADealerBeforeItSpeaksWhereTheDialectIsFixed(Dialect dialect) {
        bench.connect(Bench.endpoint(Role.WORKERS, Optional.of(dialect)), SocketType.DEALER);

        assertFalse(bench.dispatcher.isServed("default"));
    }

    @Test
    void shouldForgetAPeerThatLeavesUndecided() {
        TestPeer plain = bench.connect(SocketType.DEALER);
        TestPeer worker = bench.connect(Bench.WORKERS, SocketType.DEALER);

        plain.leaves();
        worker.leaves();

        assertEquals(0, bench.registry.count());
        assertFalse(bench.dispatcher.isServed("default"));
    }

    private void assertIs(String dialect, String side) {
        assertIs(dialect, side, 0);
    }

    private void assertIs(String dialect, String side, int index) {
        PeerView view = bench.registry.snapshot().get(index);
        assertEquals(dialect + " " + side, view.dialect() + " " + view.side());
    }
}
