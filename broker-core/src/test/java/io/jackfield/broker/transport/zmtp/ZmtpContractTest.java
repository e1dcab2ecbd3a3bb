package io.jackfield.broker.transport.zmtp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jackfield.broker.loop.netty.Polling;
import io.jackfield.broker.transport.RecordedPeer;
import io.jackfield.broker.transport.RecordingAcceptor;
import io.jackfield.broker.transport.SocketType;
import io.jackfield.broker.transport.TransportContract;
import io.jackfield.broker.transport.ZmqPeers;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.zeromq.ZMQ;
import org.zeromq.ZMsg;

/** The core contract on both kinds of polling, and what this transport promises beyond it. */
@Timeout(120)
class ZmtpContractTest {
    @TestFactory
    Stream<DynamicTest> epoll() {
        assumeTrue(Polling.EPOLL.available());
        return new TransportContract(() -> ZmtpFixture.on(Polling.EPOLL)).tests();
    }

    @TestFactory
    Stream<DynamicTest> nio() {
        return new TransportContract(() -> ZmtpFixture.on(Polling.NIO)).tests();
    }

    @ParameterizedTest
    @EnumSource
    void shouldWriteABuffersBytesWhateverOrderItHasForNumbers(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling);
                ZmqPeers peers = new ZmqPeers()) {
            RecordingAcceptor acceptor = RecordingAcceptor.recording(fixture.loop());
            ZMQ.Socket worker = peers.connected(org.zeromq.SocketType.REP, fixture.bind(acceptor));
            String text = "more than one long of bytes";
            ByteBuffer body = ByteBuffer.wrap(bytes(text)).order(ByteOrder.LITTLE_ENDIAN);
            acceptor.peer()
                    .run(connection -> connection.message().frame(7L).empty().end(body));
            assertEquals(text, worker.recvStr());
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldServeARepWorker(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling);
                ZmqPeers peers = new ZmqPeers()) {
            RecordingAcceptor acceptor = RecordingAcceptor.recording(fixture.loop());
            ZMQ.Socket worker = peers.connected(org.zeromq.SocketType.REP, fixture.bind(acceptor));
            RecordedPeer peer = acceptor.peer();
            assertEquals(SocketType.REP, peer.connection().socketType());
            for (int i = 0; i < 10; i++) {
                int number = i;
                peer.run(connection ->
                        connection.message().frame(7L + number).empty().end(bytes("request")));
                assertEquals("request", worker.recvStr());
                worker.send("reply " + i);
                assertEquals(List.of("\0\0\0\0\0\0\0" + (char) (7 + i), "", "reply " + i), Wire.texts(peer.message()));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldServeARouterWorker(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling);
                ZmqPeers peers = new ZmqPeers()) {
            RecordingAcceptor acceptor = RecordingAcceptor.recording(fixture.loop());
            ZMQ.Socket worker = peers.connected(org.zeromq.SocketType.ROUTER, fixture.bind(acceptor));
            RecordedPeer peer = acceptor.peer();
            assertEquals(SocketType.ROUTER, peer.connection().socketType());
            peer.run(connection -> connection.message().frame(7L).end(bytes("request")));

            ZMsg request = ZMsg.recvMsg(worker);
            assertEquals(3, request.size());
            request.getLast().reset("reply");
            request.send(worker);

            assertEquals(List.of("\0\0\0\0\0\0\0\7", "reply"), Wire.texts(peer.message()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotTellOfAPeerThatIsNotServed(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling);
                ZmqPeers peers = new ZmqPeers()) {
            RecordingAcceptor acceptor = RecordingAcceptor.serving(fixture.loop(), SocketType.DEALER);
            String address = fixture.bind(acceptor);
            peers.connected(org.zeromq.SocketType.REQ, address);
            fixture.await("refused", () -> fixture.zmtp().counters().refused(Refusal.WRONG_SOCKET_TYPE) > 0);
            peers.connected(org.zeromq.SocketType.DEALER, address);

            assertEquals(SocketType.DEALER, acceptor.peer().connection().socketType());
            assertEquals(0, acceptor.waitingPeers());
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldSendWhatWasWrittenBeforeItCloses(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling);
                ZmqPeers peers = new ZmqPeers()) {
            RecordingAcceptor acceptor = RecordingAcceptor.recording(fixture.loop());
            ZMQ.Socket client = peers.connected(org.zeromq.SocketType.DEALER, fixture.bind(acceptor));
            client.send("hello");
            RecordedPeer peer = acceptor.peer();
            byte[] large = new byte[8 << 20];
            peer.run(connection -> {
                connection.message().end(large);
                connection.message().end(bytes("farewell"));
                connection.close("on purpose");
                connection.message().end(bytes("after close"));
                assertTrue(!peer.hasClosed(), "closed was told inside a call");
            });

            assertArrayEquals(large, client.recv());
            assertEquals("farewell", client.recvStr());
            assertEquals("on purpose", peer.closed());
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldServeAPeerAgainThatReconnects(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling);
                ZmqPeers peers = new ZmqPeers()) {
            RecordingAcceptor acceptor = RecordingAcceptor.echo(fixture.loop());
            ZMQ.Socket client = peers.connected(org.zeromq.SocketType.DEALER, fixture.bind(acceptor));
            for (int i = 0; i < 5; i++) {
                RecordedPeer peer = acceptor.peer();
                client.send("round " + i);
                assertEquals("round " + i, client.recvStr());
                peer.run(connection -> connection.close("on purpose"));
                assertEquals("on purpose", peer.closed());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldLeaveMessagesWithThePeerWhileReadingIsOff(Polling polling) throws Exception {
        int count = 50_000;
        try (ZmtpFixture fixture = fixture(polling);
                ZmqPeers peers = new ZmqPeers()) {
            RecordingAcceptor acceptor = RecordingAcceptor.doing(fixture.loop(), (connection, message) -> {
                if (Wire.texts(message).get(0).endsWith("00")) {
                    connection.reading(false);
                }
            });
            ZMQ.Socket client = peers.connected(org.zeromq.SocketType.DEALER, fixture.bind(acceptor));
            for (int i = 1; i <= count; i++) {
                client.send("message " + i);
            }
            RecordedPeer peer = acceptor.peer();
            for (int i = 1; i <= count; i++) {
                assertEquals(List.of("message " + i), Wire.texts(peer.message()));
                if (i % 100 == 0) {
                    peer.run(connection -> assertEquals(0, peer.waitingMessages(), "came while reading was off"));
                    peer.run(connection -> connection.reading(true));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldServeIpv6WhereThereIsOne(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling);
                ZmqPeers peers = new ZmqPeers()) {
            assumeTrue(Ipv6.available(), "no IPv6 on this machine");
            RecordingAcceptor acceptor = RecordingAcceptor.echo(fixture.loop());
            String address = fixture.transport().bind("tcp://[::1]:0", acceptor).address();
            ZMQ.Socket client = peers.socket(org.zeromq.SocketType.REQ);
            client.setIPv6(true);
            client.connect(address);
            client.send("hello");

            assertEquals("hello", client.recvStr());
            assertTrue(acceptor.peer().connection().remoteAddress().startsWith("[0:0:0:0:0:0:0:1]:"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldListenOnAllInterfaces(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling);
                ZmqPeers peers = new ZmqPeers()) {
            RecordingAcceptor acceptor = RecordingAcceptor.echo(fixture.loop());
            String address = fixture.transport().bind("tcp://*:*", acceptor).address();
            ZMQ.Socket client = peers.connected(org.zeromq.SocketType.REQ, address.replace("*", "127.0.0.1"));
            client.send("hello");

            assertEquals("hello", client.recvStr());
            assertTrue(acceptor.peer().connection().remoteAddress().startsWith("127.0.0.1:"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldListenOnANamedInterface(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling);
                ZmqPeers peers = new ZmqPeers()) {
            assumeTrue(NetworkInterface.getByName("lo") != null, "no interface lo on this machine");
            RecordingAcceptor acceptor = RecordingAcceptor.echo(fixture.loop());
            String address = fixture.transport().bind("tcp://lo:0", acceptor).address();
            assertTrue(address.matches("tcp://lo:[1-9][0-9]*"), address);
            ZMQ.Socket client = peers.connected(org.zeromq.SocketType.REQ, address.replace("lo", "127.0.0.1"));
            client.send("hello");

            assertEquals("hello", client.recvStr());
            assertTrue(acceptor.peer().connection().remoteAddress().startsWith("127.0.0.1:"));
        }
    }

    private static ZmtpFixture fixture(Polling polling) {
        assumeTrue(polling.available(), polling + " is not available here");
        return ZmtpFixture.on(polling);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
