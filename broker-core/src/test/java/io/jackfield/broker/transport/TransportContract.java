package io.jackfield.broker.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.jackfield.broker.loop.Mailbox;
import io.jackfield.broker.model.Frames;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.zeromq.SocketType;
import org.zeromq.ZMQ;
import org.zeromq.ZMsg;

/**
 * What every transport promises, told to peers of another implementation (JeroMQ) over TCP. REQ and DEALER only: what all adapters can
 * serve. A test class runs it with {@code @TestFactory} and a supplier of fresh transports.
 */
public final class TransportContract {
    /** A transport with its loop, to be closed after a test. */
    public interface Fixture extends AutoCloseable {
        Transport transport();

        Mailbox loop();

        @Override
        void close();
    }

    @FunctionalInterface
    private interface Clause {
        void check(Fixture fixture, ZmqPeers peers) throws Exception;
    }

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String ANY_PORT = "tcp://127.0.0.1:0";

    private final Supplier<Fixture> fixtures;

    public TransportContract(Supplier<Fixture> fixtures) {
        this.fixtures = fixtures;
    }

    /** All clauses. */
    public Stream<DynamicTest> tests() {
        return Stream.of(
                clause("shouldAnswerARequest", this::shouldAnswerARequest),
                clause("shouldKeepTheOrderOfMessages", this::shouldKeepTheOrderOfMessages),
                clause("shouldCarryMultipartMessages", this::shouldCarryMultipartMessages),
                clause("shouldCarryBodiesOfAllSizes", this::shouldCarryBodiesOfAllSizes),
                clause("shouldWriteFramesPieceByPiece", this::shouldWriteFramesPieceByPiece),
                clause("shouldTellThatAPeerIsGone", this::shouldTellThatAPeerIsGone),
                clause("shouldTellPeersWithTheSameIdentityApart", this::shouldTellPeersWithTheSameIdentityApart),
                clause("shouldServeManyPeersAtOnce", this::shouldServeManyPeersAtOnce),
                clause("shouldServePeersThatCameBeforeTheBind", this::shouldServePeersThatCameBeforeTheBind),
                clause("shouldGoOnAfterAHandlerFailed", this::shouldGoOnAfterAHandlerFailed),
                clause("shouldServeSeveralBindings", this::shouldServeSeveralBindings),
                clause("shouldKeepPeersOfAClosedBinding", this::shouldKeepPeersOfAClosedBinding),
                clause("shouldRefuseABadOrBusyAddress", this::shouldRefuseABadOrBusyAddress),
                clause("shouldTellAllPeersGoneWhenItCloses", this::shouldTellAllPeersGoneWhenItCloses));
    }

    private DynamicTest clause(String name, Clause clause) {
        return dynamicTest(
                name,
                () -> assertTimeoutPreemptively(LIMIT, () -> {
                    try (Fixture fixture = fixtures.get();
                            ZmqPeers peers = new ZmqPeers()) {
                        clause.check(fixture, peers);
                    }
                }));
    }

    private void shouldAnswerARequest(Fixture fixture, ZmqPeers peers) throws Exception {
        RecordingAcceptor acceptor = RecordingAcceptor.echo(fixture.loop());
        ZMQ.Socket client = peers.connected(SocketType.REQ, bind(fixture, acceptor));
        for (int i = 0; i < 100; i++) {
            assertTrue(client.send("request " + i));
            assertEquals("request " + i, client.recvStr());
        }
        assertEquals(List.of("", "request 0"), texts(acceptor.peer().message()));
    }

    private void shouldKeepTheOrderOfMessages(Fixture fixture, ZmqPeers peers) throws Exception {
        int count = 20_000;
        RecordingAcceptor acceptor = RecordingAcceptor.echo(fixture.loop());
        ZMQ.Socket client = peers.connected(SocketType.DEALER, bind(fixture, acceptor));
        for (int i = 0; i < count; i++) {
            assertTrue(client.send("message " + i));
        }
        for (int i = 0; i < count; i++) {
            assertEquals("message " + i, client.recvStr());
        }
        RecordedPeer peer = acceptor.peer();
        for (int i = 0; i < count; i++) {
            assertEquals(List.of("message " + i), texts(peer.message()));
        }
    }

    private void shouldCarryMultipartMessages(Fixture fixture, ZmqPeers peers) throws Exception {
        Random random = new Random(7);
        ZMQ.Socket client = peers.connected(SocketType.DEALER, bind(fixture, RecordingAcceptor.echo(fixture.loop())));
        for (int frames = 1; frames <= 64; frames++) {
            ZMsg message = new ZMsg();
            for (int i = 0; i < frames; i++) {
                byte[] body = new byte[random.nextInt(3) == 0 ? 0 : random.nextInt(400)];
                random.nextBytes(body);
                message.add(body);
            }
            assertTrue(message.duplicate().send(client));
            assertEquals(message, ZMsg.recvMsg(client), frames + " frames");
        }
    }

    private void shouldCarryBodiesOfAllSizes(Fixture fixture, ZmqPeers peers) throws Exception {
        ZMQ.Socket client = peers.connected(SocketType.REQ, bind(fixture, RecordingAcceptor.echo(fixture.loop())));
        for (int length : new int[] {0, 1, 255, 256, 4095, 65_535, 65_536, 65_537, 262_144, 1 << 20, 16 << 20}) {
            byte[] body = new byte[length];
            new Random(length).nextBytes(body);
            assertTrue(client.send(body));
            assertArrayEquals(body, client.recv(), length + " bytes");
        }
    }

    private void shouldWriteFramesPieceByPiece(Fixture fixture, ZmqPeers peers) throws Exception {
        RecordingAcceptor acceptor = RecordingAcceptor.recording(fixture.loop());
        ZMQ.Socket client = peers.connected(SocketType.DEALER, bind(fixture, acceptor));
        assertTrue(client.send("hello"));
        ByteBuffer middle = ByteBuffer.wrap(bytes("<middle>"));
        middle.position(1).limit(7);
        acceptor.peer().run(connection -> {
            connection
                    .message()
                    .frame(bytes("a"))
                    .empty()
                    .frame(0x0102030405060708L)
                    .frame(middle)
                    .end(bytes("z"));
            connection.message().frame(new byte[300]).end(middle);
            connection.message().empty().end(Frames.of(List.of(middle, ByteBuffer.wrap(bytes("end")))));
            connection.message().end(new byte[0]);
        });
        assertEquals(6, middle.remaining());
        assertEquals(ZMsg.newStringMsg("a", "", "\1\2\3\4\5\6\7\b", "middle", "z"), ZMsg.recvMsg(client));
        assertEquals(ZMsg.newStringMsg("\0".repeat(300), "middle"), ZMsg.recvMsg(client));
        assertEquals(ZMsg.newStringMsg("", "middle", "end"), ZMsg.recvMsg(client));
        assertEquals(ZMsg.newStringMsg(""), ZMsg.recvMsg(client));
    }

    private void shouldTellThatAPeerIsGone(Fixture fixture, ZmqPeers peers) throws Exception {
        RecordingAcceptor acceptor = RecordingAcceptor.recording(fixture.loop());
        String address = bind(fixture, acceptor);
        ZMQ.Socket leaving = peers.connected(SocketType.DEALER, address);
        ZMQ.Socket staying = peers.connected(SocketType.DEALER, address);
        leaving.send("leaving");
        staying.send("staying"); // some adapters hear of a peer by its first message
        RecordedPeer first = acceptor.peer();
        RecordedPeer second = acceptor.peer();
        RecordedPeer left = texts(first.message()).equals(List.of("leaving")) ? first : second;
        RecordedPeer stayed = left == first ? second : first;
        assertEquals(left == first ? List.of("staying") : List.of("leaving"), texts(second.message()));

        leaving.close();

        assertFalse(left.closed().isEmpty());
        left.run(connection -> connection.message().end(bytes("into the void")));
        stayed.run(connection -> connection.message().end(bytes("still there")));
        assertEquals("still there", staying.recvStr());
        assertFalse(stayed.hasClosed());
    }

    private void shouldTellPeersWithTheSameIdentityApart(Fixture fixture, ZmqPeers peers) throws Exception {
        RecordingAcceptor acceptor = RecordingAcceptor.recording(fixture.loop());
        String address = bind(fixture, acceptor);
        for (String name : List.of("first", "second")) {
            ZMQ.Socket client = peers.socket(SocketType.DEALER);
            client.setIdentity(bytes("twin"));
            client.connect(address);
            client.send(name);
            RecordedPeer peer = acceptor.peer();
            assertEquals(List.of(name), texts(peer.message()));
            peer.run(connection -> connection.message().end(bytes("to the " + name)));
            assertEquals("to the " + name, client.recvStr());
        }
    }

    private void shouldServeManyPeersAtOnce(Fixture fixture, ZmqPeers peers) throws Exception {
        int count = 200;
        RecordingAcceptor acceptor = RecordingAcceptor.echo(fixture.loop());
        String address = bind(fixture, acceptor);
        List<ZMQ.Socket> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ZMQ.Socket client = peers.connected(SocketType.DEALER, address);
            client.send("request " + i);
            clients.add(client);
        }
        for (int i = 0; i < count; i++) {
            assertEquals("request " + i, clients.get(i).recvStr());
        }
        Set<Long> ids = new HashSet<>();
        for (int i = 0; i < count; i++) {
            assertTrue(ids.add(acceptor.peer().connection().id()));
        }
    }

    private void shouldServePeersThatCameBeforeTheBind(Fixture fixture, ZmqPeers peers) throws Exception {
        RecordingAcceptor acceptor = RecordingAcceptor.echo(fixture.loop());
        Transport.Binding free = fixture.transport().bind(ANY_PORT, acceptor);
        String address = free.address();
        free.close();
        ZMQ.Socket client = peers.connected(SocketType.REQ, address);
        client.send("early");

        assertEquals(address, bindOnceFree(fixture, address, acceptor).address());
        assertEquals("early", client.recvStr());
    }

    private void shouldGoOnAfterAHandlerFailed(Fixture fixture, ZmqPeers peers) throws Exception {
        RecordingAcceptor acceptor = RecordingAcceptor.doing(fixture.loop(), (connection, message) -> {
            if (texts(message).contains("bad")) {
                throw new OnPurpose();
            }
            connection.message().end(message);
        });
        ZMQ.Socket client = peers.connected(SocketType.DEALER, bind(fixture, acceptor));
        client.send("bad");
        client.send("good");

        assertEquals("good", client.recvStr());
        assertFalse(acceptor.peer().hasClosed());
    }

    private void shouldServeSeveralBindings(Fixture fixture, ZmqPeers peers) throws Exception {
        String one = bind(fixture, RecordingAcceptor.echo(fixture.loop()));
        String two = bind(fixture, RecordingAcceptor.doing(fixture.loop(), (connection, message) -> connection
                .message()
                .empty()
                .end(bytes("two"))));
        assertNotEquals(one, two);
        ZMQ.Socket first = peers.connected(SocketType.REQ, one);
        ZMQ.Socket second = peers.connected(SocketType.REQ, two);
        first.send("one");
        second.send("one");

        assertEquals("one", first.recvStr());
        assertEquals("two", second.recvStr());
    }

    private void shouldKeepPeersOfAClosedBinding(Fixture fixture, ZmqPeers peers) throws Exception {
        RecordingAcceptor acceptor = RecordingAcceptor.echo(fixture.loop());
        Transport.Binding binding = fixture.transport().bind(ANY_PORT, acceptor);
        ZMQ.Socket client = peers.connected(SocketType.REQ, binding.address());
        client.send("before");
        assertEquals("before", client.recvStr());

        binding.close();

        client.send("after");
        assertEquals("after", client.recvStr());
    }

    private void shouldRefuseABadOrBusyAddress(Fixture fixture, ZmqPeers peers) throws Exception {
        RecordingAcceptor acceptor = RecordingAcceptor.recording(fixture.loop());
        String busy = bind(fixture, acceptor);

        BindException refused =
                assertThrows(BindException.class, () -> fixture.transport().bind(busy, acceptor));
        assertTrue(String.valueOf(refused.getMessage()).contains(busy), refused.getMessage());
        assertThrows(BindException.class, () -> fixture.transport().bind("nonsense", acceptor));
    }

    private void shouldTellAllPeersGoneWhenItCloses(Fixture fixture, ZmqPeers peers) throws Exception {
        RecordingAcceptor acceptor = RecordingAcceptor.echo(fixture.loop());
        String address = bind(fixture, acceptor);
        for (int i = 0; i < 3; i++) {
            ZMQ.Socket client = peers.connected(SocketType.REQ, address);
            client.send("hello");
            assertEquals("hello", client.recvStr());
        }

        fixture.transport().close();

        for (int i = 0; i < 3; i++) {
            RecordedPeer peer = acceptor.peer();
            assertTrue(peer.hasClosed());
            assertFalse(peer.closed().isEmpty());
        }
    }

    private static String bind(Fixture fixture, Transport.Acceptor acceptor) throws BindException {
        return fixture.transport().bind(ANY_PORT, acceptor).address();
    }

    /** The port was just given up: the operating system may take a moment. */
    private static Transport.Binding bindOnceFree(Fixture fixture, String address, Transport.Acceptor acceptor)
            throws BindException {
        long deadlineNs = System.nanoTime() + LIMIT.toNanos() / 4;
        while (true) {
            try {
                return fixture.transport().bind(address, acceptor);
            } catch (BindException busy) {
                if (System.nanoTime() > deadlineNs) {
                    throw busy;
                }
                Thread.onSpinWait();
            }
        }
    }

    private static List<String> texts(Frames frames) {
        return frames.parts().stream()
                .map(part -> UTF_8.decode(part).toString())
                .toList();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    /** One line in the log of the test, not a stack trace. */
    private static final class OnPurpose extends RuntimeException {
        private static final long serialVersionUID = 1L;

        OnPurpose() {
            super("on purpose", null, false, false);
        }
    }
}
