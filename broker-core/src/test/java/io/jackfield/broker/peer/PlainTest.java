package io.jackfield.broker.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.dispatch.ServiceSettings;
import io.jackfield.broker.transport.SocketType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** PROTOCOL.md 2, row by row. */
final class PlainTest {
    private final Bench bench = new Bench();

    @Test
    void shouldFailInTheWordsThatTheProtocolShows() throws IOException {
        ServiceSettings one = new ServiceSettings(Optional.empty(), Optional.empty(), 3, 1, 1 << 20);
        Bench full = new Bench(PeerLimits.DEFAULT, Map.of("echo", one));
        TestPeer client = full.connect(SocketType.DEALER);
        client.says("MDPC01", "echo", "x");
        client.says("MDPC01", "echo", "x");

        String line = client.hears().get(2);
        String protocol = Files.readString(Path.of("../docs/PROTOCOL.md"));
        assertTrue(protocol.contains("Example:\n`" + line + "`."), line);
    }

    @Test
    void shouldSendRepWorkersTokenEmptyFrameAndBody() {
        TestPeer worker = bench.connect(SocketType.REP);
        bench.connect(SocketType.REQ).says("", "hello");

        List<byte[]> request = worker.hearsBytes();

        assertEquals(3, request.size());
        assertEquals(8, request.get(0).length);
        assertEquals(List.of("", "hello"), texts(request, 1));
    }

    @Test
    void shouldSendRouterWorkersTokenEmptyFrameAndBody() {
        TestPeer worker = bench.connect(SocketType.ROUTER);
        bench.connect(SocketType.REQ).says("", "a", "", "b");

        List<byte[]> request = worker.hearsBytes();

        assertEquals(8, request.get(0).length);
        assertEquals(List.of("", "a", "", "b"), texts(request, 1));
    }

    @Test
    void shouldSendDealerWorkersTokenAndBody() {
        TestPeer worker = bench.connect(Bench.WORKERS, SocketType.DEALER);
        bench.connect(SocketType.REQ).says("", "hello");

        List<byte[]> request = worker.hearsBytes();

        assertEquals(8, request.get(0).length);
        assertEquals(List.of("hello"), texts(request, 1));
    }

    @Test
    void shouldGiveReplyBackInTheFormOfEachClient() {
        TestPeer req = bench.connect(SocketType.REQ);
        TestPeer correlated = bench.connect(SocketType.REQ);
        TestPeer dealer = bench.connect(SocketType.DEALER);
        TestPeer delimited = bench.connect(SocketType.DEALER);
        TestPeer worker = bench.connect(SocketType.REP);

        req.says("", "1");
        correlated.says("0x00000007", "", "2");
        dealer.says("3");
        delimited.says("", "4");
        for (int i = 0; i < 4; i++) {
            List<byte[]> request = worker.hearsBytes();
            worker.says(request.get(0), "", "re " + TestPeer.text(request.get(2)), "more");
        }

        assertEquals(List.of("", "re 1", "more"), req.hears());
        assertEquals(List.of("0x00000007", "", "re 2", "more"), correlated.hears());
        assertEquals(List.of("re 3", "more"), dealer.hears());
        assertEquals(List.of("", "re 4", "more"), delimited.hears());
    }

    @Test
    void shouldReplayAllFramesBeforeTheEmptyOneOfAReqClient() {
        TestPeer worker = bench.connect(SocketType.REP);
        TestPeer client = bench.connect(SocketType.REQ);

        client.says("a", "b", "c", "d", "e", "f", "g", "", "body");
        echo(worker);

        assertEquals(List.of("a", "b", "c", "d", "e", "f", "g", "", "body"), client.hears());
    }

    @Test
    void shouldRefuseAReqMessageWithoutAnEmptyFrameAmongTheFirstEight() {
        TestPeer worker = bench.connect(SocketType.REP);
        TestPeer client = bench.connect(SocketType.REQ);

        client.says("a", "b", "c", "d", "e", "f", "g", "h", "", "body");
        client.says("no empty frame");
        client.says("");
        client.says("id", "");

        worker.hearsNothing();
        client.hearsNothing();
        assertEquals(4, bench.count(PeerEvent.BAD_MESSAGE));
    }

    @Test
    void shouldTakeOnlyALeadingEmptyFrameOfADealerForADelimiter() {
        TestPeer worker = bench.connect(SocketType.REP);
        TestPeer client = bench.connect(SocketType.DEALER);

        client.says("id", "", "body");
        echo(worker);

        assertEquals(List.of("id", "", "body"), client.hears());
    }

    @Test
    void shouldPassOnEmptyBodies() {
        TestPeer worker = bench.connect(SocketType.REP);
        TestPeer req = bench.connect(SocketType.REQ);
        TestPeer dealer = bench.connect(SocketType.DEALER);

        req.says("", "");
        echo(worker);
        dealer.says("first");
        echo(worker);
        dealer.hears();
        dealer.says("");
        echo(worker);

        assertEquals(List.of("", ""), req.hears());
        assertEquals(List.of(""), dealer.hears());
    }

    @Test
    void shouldGiveARepWorkerOneRequestAtATime() {
        TestPeer worker = bench.connect(Bench.workersWithCredit(5), SocketType.REP);
        TestPeer client = bench.connect(SocketType.DEALER);

        client.says("1");
        client.says("2");
        assertEquals(1, worker.unread());
        echo(worker);

        assertEquals(1, worker.unread());
        echo(worker);
        assertEquals(List.of("1"), client.hears());
        assertEquals(List.of("2"), client.hears());
    }

    @ParameterizedTest
    @EnumSource(names = {"ROUTER", "DEALER"})
    void shouldGiveOtherWorkersAsManyRequestsAsTheEndpointSays(SocketType type) {
        TestPeer worker = bench.connect(Bench.workersWithCredit(3), type);
        TestPeer client = bench.connect(SocketType.DEALER);

        for (int i = 0; i < 5; i++) {
            client.says("body " + i);
        }

        assertEquals(3, worker.unread());
    }

    @Test
    void shouldTakeRepliesInAnyOrder() {
        TestPeer worker = bench.connect(Bench.workersWithCredit(2), SocketType.DEALER);
        TestPeer client = bench.connect(SocketType.DEALER);
        client.says("1");
        client.says("2");
        List<byte[]> first = worker.hearsBytes();
        List<byte[]> second = worker.hearsBytes();

        worker.says(second.get(0), "re 2");
        worker.says(first.get(0), "re 1");

        assertEquals(List.of("re 2"), client.hears());
        assertEquals(List.of("re 1"), client.hears());
    }

    @Test
    void shouldTakeTheEmptyFrameOffARouterReplyWhereThereIsOne() {
        TestPeer worker = bench.connect(SocketType.ROUTER);
        TestPeer client = bench.connect(SocketType.REQ);

        client.says("", "1");
        worker.says(worker.hearsBytes().get(0), "", "with");
        client.says("", "2");
        worker.says(worker.hearsBytes().get(0), "without");
        client.says("", "3");
        worker.says(worker.hearsBytes().get(0), "");

        assertEquals(List.of("", "with"), client.hears());
        assertEquals(List.of("", "without"), client.hears());
        assertEquals(List.of("", ""), client.hears());
    }

    @Test
    void shouldLeaveAnEmptyFrameOfADealerReplyInTheBody() {
        TestPeer worker = bench.connect(Bench.WORKERS, SocketType.DEALER);
        TestPeer client = bench.connect(SocketType.REQ);
        client.says("", "1");

        worker.says(worker.hearsBytes().get(0), "", "x");

        assertEquals(List.of("", "", "x"), client.hears());
    }

    @Test
    void shouldDropWhatIsNoReplyToARequestInFlight() {
        TestPeer worker = bench.connect(SocketType.REP);
        TestPeer client = bench.connect(SocketType.REQ);
        client.says("", "1");
        byte[] token = worker.hearsBytes().get(0);

        worker.says("0x0000000000000001", "", "no such token");
        worker.says("short", "", "not a token");
        worker.says(token);
        worker.says(token, "no empty frame");
        worker.says(token, "");
        client.hearsNothing();
        worker.says(token, "", "good");
        worker.says(token, "", "twice");

        assertEquals(List.of("", "good"), client.hears());
        client.hearsNothing();
        assertEquals(6, bench.count(PeerEvent.STRAY_REPLY));
        assertEquals(6, bench.registry.snapshot().get(0).strayReplies());
        assertEquals(1, bench.log.warnings.size());
    }

    @Test
    void shouldNotTakeAReplyFromAnotherConnectionThanTheRequestWentOutOn() {
        TestPeer worker = bench.connect(SocketType.REP);
        TestPeer other = bench.connect(Bench.WORKERS, SocketType.REP);
        TestPeer client = bench.connect(SocketType.REQ);
        client.says("", "1");
        TestPeer holder = worker.unread() > 0 ? worker : other;
        TestPeer thief = holder == worker ? other : worker;
        byte[] token = holder.hearsBytes().get(0);

        thief.says(token, "", "stolen");
        client.hearsNothing();
        holder.says(token, "", "mine");

        assertEquals(List.of("", "mine"), client.hears());
    }

    @Test
    void shouldDropALateReplyAndThenUseTheWorkerAgain() {
        TestPeer worker = bench.connect(SocketType.REP);
        TestPeer client = bench.connect(SocketType.REQ);
        client.says("", "1");
        byte[] token = worker.hearsBytes().get(0);

        bench.pass(30_100);
        assertTrue(client.hears().get(1).startsWith("JACKFIELD-ERROR 8 DEADLINE_EXCEEDED: "));
        client.says("", "2");
        worker.hearsNothing();
        worker.says(token, "", "late");

        assertEquals(1, bench.count(PeerEvent.STRAY_REPLY));
        echo(worker);
        assertEquals(List.of("", "2"), client.hears());
    }

    @Test
    void shouldFailPendingRequestsWhenWorkerDisconnects() {
        TestPeer worker = bench.connect(SocketType.REP);
        TestPeer client = bench.connect(SocketType.REQ);
        client.says("0x01020304", "", "1");
        worker.hears();

        worker.leaves();

        List<String> reply = client.hears();
        assertEquals(List.of("0x01020304", ""), reply.subList(0, 2));
        assertTrue(
                reply.get(2).startsWith("JACKFIELD-ERROR 9 WORKER_LOST: worker plain REP 127.0.0.1:40001 went away"),
                reply.get(2));
    }

    @Test
    void shouldGiveIdempotentRequestsOfALostWorkerToAnother() {
        Bench retrying = Bench.idempotent();
        TestPeer first = retrying.connect(SocketType.REP);
        TestPeer client = retrying.connect(SocketType.REQ);
        client.says("", "kept beyond the call");
        first.hears();

        first.leaves();
        client.hearsNothing();
        TestPeer second = retrying.connect(SocketType.REP);
        echo(second);

        assertEquals(List.of("", "kept beyond the call"), client.hears());
    }

    @Test
    void shouldKeepRequestsUntilAWorkerComes() {
        TestPeer client = bench.connect(SocketType.REQ);
        client.says("", "early");

        TestPeer worker = bench.connect(SocketType.REP);
        echo(worker);

        assertEquals(List.of("", "early"), client.hears());
    }

    @Test
    void shouldCancelTheRequestsOfAClientThatIsGone() {
        TestPeer worker = bench.connect(Bench.workersWithCredit(1), SocketType.DEALER);
        TestPeer gone = bench.connect(SocketType.DEALER);
        gone.says("in flight");
        gone.says("waiting");
        byte[] token = worker.hearsBytes().get(0);

        gone.leaves();

        assertTrue(bench.dispatcher.isQuiet());
        worker.says(token, "for nobody");
        worker.hearsNothing();
        assertEquals(1, bench.count(PeerEvent.STRAY_REPLY));
    }

    @Test
    void shouldServeTheServiceOfTheEndpoint() {
        EndpointSettings other = new EndpointSettings(
                "other", EndpointSettings.Role.ANY, "other", 1, Bench.ANY.dialect(), Bench.ANY.onFailure());
        TestPeer worker = bench.connect(other, SocketType.REP);
        TestPeer client = bench.connect(other, SocketType.REQ);
        bench.connect(SocketType.REQ).says("", "to another service");
        worker.hearsNothing();

        client.says("", "mine");

        echo(worker);
        assertEquals(List.of("", "mine"), client.hears());
    }

    @Test
    void shouldTellNothingWhereTheEndpointIsSilent() {
        TestPeer worker = bench.connect(Bench.SILENT, SocketType.REP);
        TestPeer client = bench.connect(Bench.SILENT, SocketType.REQ);
        client.says("", "1");

        worker.leaves();

        client.hearsNothing();
    }

    @Test
    void shouldExpelAWorkerThatNeverAnswers() {
        TestPeer worker = bench.connect(SocketType.REP);
        bench.connect(SocketType.REQ).says("", "1");
        worker.hears();

        bench.pass(59_900);
        assertFalse(worker.isCutOff());
        bench.pass(300);

        assertTrue(worker.isCutOff());
        assertEquals(0, bench.dispatcher.snapshot().inFlight());
    }

    @Test
    void shouldNotSettleTheServiceByAWorkerThatDeclaresNothing() {
        bench.connect(SocketType.REP);
        new Jf1TestPeer(bench.connect(SocketType.DEALER), io.jackfield.protocol.Framing.RAW)
                .ready(1, List.of(new io.jackfield.protocol.ServiceDeclaration("default", "7", true, 100)));

        var service = bench.dispatcher.snapshot().services().get(0);

        assertEquals("7", service.version());
        assertTrue(service.idempotent());
    }

    @Test
    void shouldSayWhyAWorkerIsRefused() {
        Bench taken = new Bench(PeerLimits.DEFAULT, Map.of());
        taken.dispatcher.routes().add("default", envelope -> {});

        TestPeer worker = taken.connect(SocketType.REP);

        worker.hearsNothing();
        assertFalse(worker.isCutOff());
        assertEquals(1, taken.count(PeerEvent.WORKER_REFUSED));
        assertTrue(taken.log.warnings.get(0).contains("cannot be a worker here"), taken.log.warnings::toString);
    }

    private static void echo(TestPeer worker) {
        List<byte[]> request = new ArrayList<>(worker.hearsBytes());
        worker.says(request.toArray());
    }

    private static List<String> texts(List<byte[]> frames, int from) {
        return frames.subList(from, frames.size()).stream().map(TestPeer::text).toList();
    }
}
