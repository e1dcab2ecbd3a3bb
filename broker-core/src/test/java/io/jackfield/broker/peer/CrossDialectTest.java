package io.jackfield.broker.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.transport.SocketType;
import io.jackfield.protocol.Command;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Flags;
import io.jackfield.protocol.Framing;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Jf1Message;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients of one dialect and workers of another. */
final class CrossDialectTest {
    private final Bench bench = new Bench();

    @ParameterizedTest
    @EnumSource
    void shouldCarryAPlainRequestToAJf1WorkerAndBack(Framing framing) {
        Jf1TestPeer worker = bench.connectJf1(framing).joined(1, "default");
        TestPeer client = bench.connect(SocketType.REQ);

        client.says("0x00000001", "", "a", "", "b");
        Jf1Message request = worker.hears(Command.REQUEST);
        assertEquals(List.of("a", "", "b"), Jf1TestPeer.texts(request));
        assertTrue(request.headers().isEmpty());
        worker.replies(request.id(), Flags.EARLY_EXIT, "re", "more");

        assertEquals(List.of("0x00000001", "", "re", "more"), client.hears());
    }

    @ParameterizedTest
    @EnumSource
    void shouldCarryAJf1RequestToAPlainWorkerAndBack(Framing framing) {
        TestPeer worker = bench.connect(SocketType.REP);
        Jf1TestPeer client = bench.connectJf1(framing);

        client.says(Jf1Message.request(6, "default", Headers.of("x", "dropped"), Jf1TestPeer.parts("a", "b")));
        List<byte[]> request = worker.hearsBytes();
        assertEquals(4, request.size());
        worker.says(request.toArray());

        client.hearsReply(6, Flags.NONE, "a", "b");
    }

    @ParameterizedTest
    @EnumSource
    void shouldCarryRequestsBetweenMdpAndJf1(Framing framing) {
        Jf1TestPeer worker = bench.connectJf1(framing).joined(1, "jf1");
        TestPeer mdpWorker = bench.connect(SocketType.DEALER);
        mdpWorker.says("", "MDPW01", "0x01", "mdp");
        TestPeer mdpClient = bench.connect(SocketType.REQ);
        Jf1TestPeer client = bench.connectJf1(framing);

        mdpClient.says("", "MDPC01", "jf1", "x");
        worker.replies(worker.hears(Command.REQUEST).id(), Flags.NONE, "re x");
        client.asks(1, "mdp", "y", "z");
        List<byte[]> request = mdpWorker.hearsBytes();
        mdpWorker.says("", "MDPW01", "0x03", request.get(3), "", "re y", "re z");

        assertEquals(List.of("", "MDPC01", "jf1", "re x"), mdpClient.hears());
        client.hearsReply(1, Flags.NONE, "re y", "re z");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldGiveOneReplyToAClientWhoseDialectKnowsOnlyOne(boolean mdp) {
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW).joined(1, "default");
        TestPeer client = bench.connect(SocketType.REQ);
        if (mdp) {
            client.says("", "MDPC01", "default", "x");
        } else {
            client.says("", "x");
        }
        long token = worker.hears(Command.REQUEST).id();

        worker.replies(token, Flags.PARTIAL, "1");
        client.hearsNothing();
        worker.replies(token, Flags.NONE, "2");

        assertEquals(mdp ? List.of("", "MDPC01", "default", "2") : List.of("", "2"), client.hears());
        assertEquals(1, bench.count(PeerEvent.PARTIAL_DROPPED));
    }

    @Test
    void shouldCarryAnObjectBetweenKryoPeers() {
        Jf1TestPeer worker = bench.connectJf1(Framing.KRYO).joined(1, "objects");
        Jf1TestPeer client = bench.connectJf1(Framing.KRYO);
        client.says(object(1));

        Jf1Message request = worker.hears(Command.REQUEST);
        assertTrue(request.isObject());
        worker.replies(request.id(), Flags.OBJECT | Flags.PARTIAL, "part");
        worker.replies(request.id(), Flags.OBJECT, "all");

        client.hearsReply(1, Flags.OBJECT | Flags.PARTIAL, "part");
        client.hearsReply(1, Flags.OBJECT, "all");
    }

    @Test
    void shouldFailAnObjectForAWorkerThatCannotOpenIt() {
        bench.connect(SocketType.REP);
        Jf1TestPeer raw = bench.connectJf1(Framing.RAW).joined(1, "raw");
        TestPeer mdp = bench.connect(SocketType.DEALER);
        mdp.says("", "MDPW01", "0x01", "mdp");
        Jf1TestPeer client = bench.connectJf1(Framing.KRYO);

        for (String service : List.of("default", "raw", "mdp")) {
            client.says(Jf1Message.request(1, service, Headers.EMPTY, Jf1TestPeer.parts("object"))
                    .withFlags(Flags.OBJECT));
            client.hearsFailure(1, ErrorCode.UNSUPPORTED_BODY);
        }

        raw.wire.hearsNothing();
        mdp.hearsNothing();
        assertEquals(0, bench.dispatcher.snapshot().inFlight());
        client.asks(2, "raw", "bytes");
        raw.hears(Command.REQUEST);
    }

    @Test
    void shouldFailAWaitingObjectWhenAWorkerComesThatCannotOpenIt() {
        bench.connectJf1(Framing.KRYO).joined(1, "objects").wire.leaves();
        Jf1TestPeer client = bench.connectJf1(Framing.KRYO);
        client.says(object(1));
        client.asks(2, "objects", "bytes");

        Jf1TestPeer raw = bench.connectJf1(Framing.RAW).joined(1, "objects");

        client.hearsFailure(1, ErrorCode.UNSUPPORTED_BODY);
        assertEquals(List.of("bytes"), Jf1TestPeer.texts(raw.hears(Command.REQUEST)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, Flags.PARTIAL})
    void shouldFailTheRequestOfARawClientThatIsAnsweredWithAnObject(int partial) {
        Jf1TestPeer worker = bench.connectJf1(Framing.KRYO).joined(1, "objects");
        Jf1TestPeer client = bench.connectJf1(Framing.RAW);
        client.asks(1, "objects", "bytes");
        long token = worker.hears(Command.REQUEST).id();

        worker.replies(token, Flags.OBJECT | partial, "object");

        client.hearsFailure(1, ErrorCode.UNSUPPORTED_BODY);
        client.wire.hearsNothing();
        if (partial != 0) {
            assertEquals(token, worker.hears(Command.CANCEL).id());
            worker.replies(token, Flags.OBJECT, "the rest");
        }
        assertEquals(0, bench.dispatcher.snapshot().inFlight());
    }

    @Test
    void shouldFailAPlainRequestThatIsAnsweredWithAnObject() {
        Jf1TestPeer worker = bench.connectJf1(Framing.KRYO).joined(1, "default");
        TestPeer client = bench.connect(SocketType.REQ);
        client.says("", "bytes");

        worker.replies(worker.hears(Command.REQUEST).id(), Flags.OBJECT, "object");

        assertTrue(client.hears().get(1).startsWith("JACKFIELD-ERROR 13 UNSUPPORTED_BODY: "));
    }

    @Test
    void shouldTellAPlainClientTheFailureOfAJf1Worker() {
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW).joined(1, "default");
        TestPeer client = bench.connect(SocketType.REQ);
        client.says("", "x");

        worker.says(Jf1Message.failure(
                worker.hears(Command.REQUEST).id(), Failure.of(ErrorCode.BAD_REQUEST, "line\nbreak", "digits")));

        assertEquals(List.of("", "JACKFIELD-ERROR 5 BAD_REQUEST: line break (digits)"), client.hears());
    }

    private static Jf1Message object(long id) {
        return Jf1Message.request(id, "objects", Headers.EMPTY, Jf1TestPeer.parts("object"))
                .withFlags(Flags.OBJECT);
    }
}
