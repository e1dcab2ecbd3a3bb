package io.jackfield.broker.transport.jeromq;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.model.Frames;
import io.jackfield.broker.transport.RecordedPeer;
import io.jackfield.broker.transport.RecordingAcceptor;
import io.jackfield.broker.transport.SocketType;
import io.jackfield.broker.transport.ZmqPeers;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.zeromq.ZMQ;
import org.zeromq.ZMsg;

/** What this adapter makes of JeroMQ beyond the core contract: limits, ends, and peers that mean harm. */
@Timeout(120)
class JeromqTransportTest {
    private static final int MORE = 1;
    private static final int LONG = 2;
    private static final int COMMAND = 4;

    @Test
    void shouldKnowAPeersTypeAndAddressFromItsFirstMessage() throws Exception {
        try (JeromqFixture fixture = JeromqFixture.unlimited();
                ZmqPeers peers = new ZmqPeers()) {
            RecordingAcceptor acceptor = RecordingAcceptor.echo(fixture.loop());
            String address = fixture.bind(acceptor);
            for (org.zeromq.SocketType type : List.of(org.zeromq.SocketType.REQ, org.zeromq.SocketType.DEALER)) {
                peers.connected(type, address).send("hello");
                RecordedPeer peer = acceptor.peer();

                assertEquals(type.name(), peer.connection().socketType().name());
                assertTrue(peer.connection().remoteAddress().matches("127\\.0\\.0\\.1:\\d+"));
            }
        }
    }

    @Test
    void shouldNotTellOfAPeerThatIsNotServed() throws Exception {
        try (JeromqFixture fixture = JeromqFixture.unlimited();
                ZmqPeers peers = new ZmqPeers()) {
            RecordingAcceptor acceptor = RecordingAcceptor.serving(fixture.loop(), SocketType.DEALER);
            String address = fixture.bind(acceptor);
            peers.connected(org.zeromq.SocketType.REQ, address).send("no");
            JeromqFixture.await("refused", () -> refused(fixture, Refusal.WRONG_SOCKET_TYPE) > 0);
            peers.connected(org.zeromq.SocketType.DEALER, address).send("yes");

            assertEquals(SocketType.DEALER, acceptor.peer().connection().socketType());
            assertEquals(0, acceptor.waitingPeers());
        }
    }

    @Test
    void shouldRefuseARouterThatSpeaks() throws Exception {
        try (JeromqFixture fixture = JeromqFixture.unlimited();
                RawPeer peer = RawPeer.opened(fixture.bind(RecordingAcceptor.recording(fixture.loop())), "ROUTER")) {
            peer.send(frame(0, "hello"));

            peer.awaitEnd();
            assertEquals(1, refused(fixture, Refusal.WRONG_SOCKET_TYPE));
        }
    }

    @Test
    void shouldSendWhatWasWrittenBeforeItClosesAndServeThePeerAgain() throws Exception {
        try (JeromqFixture fixture = new JeromqFixture(lingering(1500));
                ZmqPeers peers = new ZmqPeers()) {
            RecordingAcceptor acceptor = RecordingAcceptor.recording(fixture.loop());
            ZMQ.Socket client = peers.connected(org.zeromq.SocketType.DEALER, fixture.bind(acceptor));
            long before = 0;
            for (int round = 0; round < 2; round++) {
                JeromqFixture.await("connected", () -> fixture.jeromq().connections() == 1);
                client.send("round " + round);
                RecordedPeer peer = acceptor.peer();
                assertNotEquals(before, peer.connection().id());
                before = peer.connection().id();
                byte[] large = new byte[1 << 20];
                peer.run(connection -> {
                    connection.message().end(large);
                    connection.message().end(bytes("farewell"));
                    connection.close("on purpose");
                    connection.message().end(bytes("after close"));
                    assertFalse(peer.hasClosed(), "closed was told inside a call");
                });
                assertArrayEquals(large, client.recv());
                assertEquals("farewell", client.recvStr());
                assertEquals("on purpose", peer.closed());
                JeromqFixture.await("hung up", () -> fixture.jeromq().connections() == 0);
            }
        }
    }

    @Test
    void shouldCountWhatAPeerHasNotTaken() throws Exception {
        try (JeromqFixture fixture = JeromqFixture.unlimited();
                ZmqPeers peers = new ZmqPeers()) {
            RecordingAcceptor acceptor = RecordingAcceptor.echo(fixture.loop());
            ZMQ.Socket client = peers.connected(org.zeromq.SocketType.DEALER, fixture.bind(acceptor));
            for (int i = 0; i < 1000; i++) {
                ZMsg message = new ZMsg();
                message.add(new byte[0]);
                message.add(new byte[i * 37]);
                message.add("end");
                message.send(client);
                assertEquals(3, ZMsg.recvMsg(client).size());
            }
            RecordedPeer peer = acceptor.peer();

            JeromqFixture.await("all was taken", () -> peer.connection().outputBytes() == 0);
        }
    }

    @Test
    void shouldCutOffASlowReader() throws Exception {
        JeromqLimits limits = new JeromqLimits(1 << 20, 1 << 20, 72, 1 << 20, 1 << 30, 100, 5_000, 500);
        try (JeromqFixture fixture = new JeromqFixture(limits);
                ZmqPeers peers = new ZmqPeers()) {
            RecordingAcceptor acceptor = answering(fixture);
            String address = fixture.bind(acceptor);
            try (RawPeer slow = RawPeer.opened(address, "DEALER")) {
                slow.send(frame(0, "hello"));
                RecordedPeer peer = acceptor.peer();
                while (!peer.hasClosed()) {
                    peer.run(connection -> connection.message().end(new byte[64 << 10]));
                }
                assertTrue(peer.closed().startsWith("SLOW_READER: "));
                assertEquals(1, refused(fixture, Refusal.SLOW_READER));
                assertTrue(peer.connection().outputBytes() <= (1 << 20) + (64 << 10) + 9);
                slow.awaitEnd();
            }
            assertStillServes(peers, address);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 0x8000_0000_7fff_ffffL, 1L << 40, 1L << 30})
    void shouldCutOffAPeerThatLiesAboutALength(long length) throws Exception {
        try (JeromqFixture fixture = JeromqFixture.unlimited();
                ZmqPeers peers = new ZmqPeers()) {
            String address = fixture.bind(answering(fixture));
            for (int flags : new int[] {0, MORE}) {
                try (RawPeer early = new RawPeer(address);
                        RawPeer late = RawPeer.opened(address, "DEALER")) {
                    early.send(greeting());
                    early.send(longHeader(flags, length));
                    late.send(longHeader(flags, length));
                    late.send(frame(0, "and on"));
                    early.awaitEnd();
                    late.awaitEnd();
                }
            }
            assertStillServes(peers, address);
        }
    }

    /** What JeroMQ makes of these is a short frame: only the liar's own bytes are misread. */
    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, 0xffff_ffff_0000_0001L})
    void shouldServeOthersWhateverAPeerSaysOfALength(long length) throws Exception {
        try (JeromqFixture fixture = JeromqFixture.unlimited();
                ZmqPeers peers = new ZmqPeers()) {
            String address = fixture.bind(answering(fixture));
            for (int flags : new int[] {0, MORE, COMMAND, MORE | COMMAND}) {
                try (RawPeer early = new RawPeer(address);
                        RawPeer late = RawPeer.opened(address, "DEALER")) {
                    early.send(greeting());
                    early.send(longHeader(flags, length));
                    late.send(longHeader(flags, length));
                    late.send(frame(0, "and on"));
                    assertStillServes(peers, address);
                }
            }
        }
    }

    @Test
    void shouldCutOffAPeerWhoseMessageIsTooLargeOrHasTooManyFrames() throws Exception {
        JeromqLimits limits = new JeromqLimits(600, 1000, 4, 1 << 20, 1 << 20, 100, 5_000, 500);
        try (JeromqFixture fixture = new JeromqFixture(limits);
                ZmqPeers peers = new ZmqPeers()) {
            RecordingAcceptor acceptor = answering(fixture);
            String address = fixture.bind(acceptor);
            try (RawPeer large = RawPeer.opened(address, "DEALER");
                    RawPeer many = RawPeer.opened(address, "DEALER");
                    RawPeer oversized = RawPeer.opened(address, "DEALER")) {
                large.send(frame(MORE, "x".repeat(255)));
                large.send(frame(MORE, "x".repeat(255)));
                large.send(frame(MORE, "x".repeat(255)));
                large.send(frame(0, "x".repeat(255)));
                assertTrue(acceptor.peer().closed().startsWith("MESSAGE_BYTES: "));
                for (int i = 0; i < 4; i++) {
                    many.send(frame(MORE, ""));
                }
                many.send(frame(0, ""));
                assertTrue(acceptor.peer().closed().startsWith("MESSAGE_FRAMES: "));
                oversized.send(longHeader(0, 601));
                large.awaitEnd();
                many.awaitEnd();
                oversized.awaitEnd();
            }
            assertStillServes(peers, address);
        }
    }

    @Test
    void shouldTakeNoMoreConnectionsThanItMay() throws Exception {
        JeromqLimits limits = new JeromqLimits(600, 1000, 4, 1 << 20, 1 << 20, 2, 5_000, 500);
        try (JeromqFixture fixture = new JeromqFixture(limits)) {
            RecordingAcceptor acceptor = RecordingAcceptor.recording(fixture.loop());
            String address = fixture.bind(acceptor);
            RawPeer first = RawPeer.opened(address, "DEALER");
            RawPeer second = RawPeer.opened(address, "DEALER");
            new RawPeer(address).awaitEnd();
            JeromqFixture.await("counted", () -> refused(fixture, Refusal.PEER_LIMIT) == 1);

            first.close();
            JeromqFixture.await("one has gone", () -> fixture.jeromq().connections() == 1);
            RawPeer third = RawPeer.opened(address, "DEALER");

            second.send(frame(0, "second"));
            assertEquals("second", text(acceptor.peer().message()));
            third.send(frame(0, "third"));
            assertEquals("third", text(acceptor.peer().message()));
            second.close();
            third.close();
        }
    }

    @Test
    void shouldTellThatAPeerIsGoneThatWasReset() throws Exception {
        try (JeromqFixture fixture = JeromqFixture.unlimited()) {
            RecordingAcceptor acceptor = RecordingAcceptor.recording(fixture.loop());
            RawPeer peer = RawPeer.opened(fixture.bind(acceptor), "DEALER");
            peer.send(frame(0, "hello"));
            RecordedPeer recorded = acceptor.peer();
            assertEquals("hello", text(recorded.message()));

            peer.reset();

            assertEquals("the peer is gone", recorded.closed());
            recorded.run(connection -> connection.message().end(bytes("into the void")));
            JeromqFixture.await("no connection", () -> fixture.jeromq().connections() == 0);
        }
    }

    @Test
    void shouldDropAMessageThatIsNeverEnded() throws Exception {
        try (JeromqFixture fixture = JeromqFixture.unlimited();
                ZmqPeers peers = new ZmqPeers()) {
            RecordingAcceptor acceptor = RecordingAcceptor.recording(fixture.loop());
            peers.connected(org.zeromq.SocketType.DEALER, fixture.bind(acceptor))
                    .send("hello");
            RecordedPeer peer = acceptor.peer();
            peer.run(connection -> {
                connection.message().frame(bytes("begun"));
                connection.message().end(bytes("another"));
            });

            assertTrue(peer.closed().startsWith("INTERNAL_ERROR: "));
        }
    }

    @Test
    void shouldHoldMessagesWhileReadingIsOff() throws Exception {
        int count = 10_000;
        try (JeromqFixture fixture = JeromqFixture.unlimited();
                ZmqPeers peers = new ZmqPeers()) {
            RecordingAcceptor acceptor = RecordingAcceptor.doing(fixture.loop(), (connection, message) -> {
                if (text(message).endsWith("00")) {
                    connection.reading(false);
                }
            });
            ZMQ.Socket client = peers.connected(org.zeromq.SocketType.DEALER, fixture.bind(acceptor));
            for (int i = 1; i <= count; i++) {
                client.send("message " + i);
            }
            RecordedPeer peer = acceptor.peer();
            for (int i = 1; i <= count; i++) {
                assertEquals("message " + i, text(peer.message()));
                if (i % 100 == 0) {
                    peer.run(connection -> assertEquals(0, peer.waitingMessages(), "came while reading was off"));
                    peer.run(connection -> connection.reading(true));
                }
            }
        }
    }

    @Test
    void shouldLeaveMessagesWithPeersWhileTheLoopIsBehind() throws Exception {
        int size = 16 << 10;
        int max = 64 << 10;
        int count = 2_000;
        JeromqLimits limits = new JeromqLimits(1 << 20, 1 << 20, 4, 1 << 20, max, 100, 5_000, 500);
        try (JeromqFixture fixture = new JeromqFixture(limits);
                ZmqPeers peers = new ZmqPeers()) {
            RecordingAcceptor acceptor = RecordingAcceptor.recording(fixture.loop());
            ZMQ.Socket client = peers.connected(org.zeromq.SocketType.DEALER, fixture.bind(acceptor));
            client.send("hello");
            RecordedPeer peer = acceptor.peer();
            assertEquals("hello", text(peer.message()));
            CountDownLatch blocked = new CountDownLatch(1);
            fixture.loop().post(() -> {
                try {
                    blocked.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            for (int i = 0; i < count; i++) {
                byte[] body = new byte[size];
                ByteBuffer.wrap(body).putInt(i);
                client.send(body);
            }
            JeromqFixture.await("full", () -> fixture.jeromq().inputBytes() >= max);
            assertTrue(fixture.jeromq().inputBytes() <= max + size + 9);
            blocked.countDown();
            for (int i = 0; i < count; i++) {
                assertEquals(i, peer.message().part(0).getInt());
            }
        }
    }

    /** Answers who asks whether we are still there. */
    private static RecordingAcceptor answering(JeromqFixture fixture) {
        return RecordingAcceptor.doing(fixture.loop(), (connection, message) -> {
            if (text(message).equals("still there?")) {
                connection.message().end(bytes("yes"));
            }
        });
    }

    private static void assertStillServes(ZmqPeers peers, String address) {
        ZMQ.Socket client = peers.connected(org.zeromq.SocketType.DEALER, address);
        client.send("still there?");
        assertEquals("yes", client.recvStr());
    }

    private static long refused(JeromqFixture fixture, Refusal refusal) {
        return fixture.jeromq().counters().refused(refusal);
    }

    private static JeromqLimits lingering(int lingerMs) {
        JeromqLimits d = JeromqLimits.DEFAULT;
        return new JeromqLimits(
                d.frameBytesMax(),
                d.messageBytesMax(),
                d.messageFramesMax(),
                d.outputBytesMax(),
                d.totalInputBytesMax(),
                d.peersMax(),
                d.handshakeTimeMs(),
                lingerMs);
    }

    private static String text(Frames message) {
        return UTF_8.decode(message.part(message.count() - 1)).toString();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    /** A frame of the short form. */
    private static byte[] frame(int flags, String body) {
        return ByteBuffer.allocate(2 + body.length())
                .put((byte) flags)
                .put((byte) body.length())
                .put(body.getBytes(ISO_8859_1))
                .array();
    }

    private static byte[] longHeader(int flags, long length) {
        return ByteBuffer.allocate(9).put((byte) (LONG | flags)).putLong(length).array();
    }

    private static byte[] greeting() {
        ByteBuffer greeting = ByteBuffer.allocate(64);
        greeting.put(0, (byte) 0xff).put(9, (byte) 0x7f).put(10, (byte) 3).put(12, bytes("NULL"));
        return greeting.array();
    }

    /** A peer made of nothing but a socket: sends what no library would. */
    private static final class RawPeer implements AutoCloseable {
        private final Socket socket;

        RawPeer(String address) throws IOException {
            int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(20_000);
        }

        /** A peer that has shaken hands, with a READY written by hand. */
        static RawPeer opened(String address, String type) throws IOException {
            RawPeer peer = new RawPeer(address);
            peer.send(greeting());
            peer.send(frame(COMMAND, "\5READY\13Socket-Type\0\0\0" + (char) type.length() + type));
            assertEquals(64, peer.socket.getInputStream().readNBytes(64).length);
            assertEquals(COMMAND, peer.socket.getInputStream().read());
            int length = peer.socket.getInputStream().read();
            assertEquals(length, peer.socket.getInputStream().readNBytes(length).length);
            return peer;
        }

        void send(byte[] bytes) {
            try {
                socket.getOutputStream().write(bytes);
            } catch (IOException closed) {
                // the reader of this socket finds out
            }
        }

        /** Reads until the other side ends the connection, in either way that TCP has. */
        void awaitEnd() throws IOException {
            try {
                socket.getInputStream().transferTo(OutputStream.nullOutputStream());
            } catch (SocketException reset) {
                return;
            }
        }

        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
