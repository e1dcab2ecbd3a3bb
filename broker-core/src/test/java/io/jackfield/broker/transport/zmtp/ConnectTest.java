package io.jackfield.broker.transport.zmtp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jackfield.broker.loop.netty.Polling;
import io.jackfield.broker.transport.BindException;
import io.jackfield.broker.transport.PyZmq;
import io.jackfield.broker.transport.RecordedPeer;
import io.jackfield.broker.transport.RecordingAcceptor;
import io.jackfield.broker.transport.SocketType;
import io.jackfield.broker.transport.Transport.Binding;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The broker as the connecting side. */
@Timeout(120)
class ConnectTest {
    /** A program as in the books: it binds, and answers. */
    private static final String REP =
            """
            socket = zmq.Context().socket(zmq.REP)
            socket.bind(sys.argv[1])
            print("bound")
            while True:
                socket.send(socket.recv().upper())
            """;

    @TempDir
    Path dir;

    @ParameterizedTest
    @EnumSource
    void shouldConnectToAProgramThatComesLaterAndComesAgain(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling)) {
            String address = "tcp://127.0.0.1:" + freePort();
            RecordingAcceptor acceptor = connected(fixture, address, SocketType.DEALER);
            for (int round = 0; round < 3; round++) {
                try (PyZmq program = PyZmq.run(REP, address)) {
                    assertEquals("bound", program.line());
                    RecordedPeer peer = acceptor.peer();
                    assertEquals(SocketType.REP, peer.connection().socketType());
                    assertEquals(address, "tcp://" + peer.connection().remoteAddress());
                    ask(peer);
                    program.signal("KILL");
                    assertFalse(peer.closed().isEmpty());
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldConnectToAUnixSocket(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling);
                PyZmq program = PyZmq.run(REP, "ipc://" + dir.resolve("rep"))) {
            assertEquals("bound", program.line());
            ask(connected(fixture, "ipc://" + dir.resolve("rep"), SocketType.DEALER)
                    .peer());
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldLookUpAName(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling)) {
            RecordingAcceptor bound = RecordingAcceptor.echo(fixture.loop());
            String address = fixture.bind(bound).replace("127.0.0.1", "localhost");
            RecordedPeer peer = connected(fixture, address, SocketType.DEALER).peer();
            peer.run(connection -> connection.message().end("hello".getBytes(UTF_8)));
            assertEquals(List.of("hello"), Wire.texts(peer.message()));
        }
    }

    /** The one that connects says at once what it is, so that the other, which waits for that, can say what fits. */
    @ParameterizedTest
    @EnumSource(names = {"ROUTER", "DEALER", "XPUB", "XSUB", "PUSH", "PULL", "PAIR"})
    void shouldNotWaitForAnotherEndpointOfOurs(SocketType ours) throws Exception {
        try (ZmtpFixture here = fixture(Polling.best());
                ZmtpFixture there = fixture(Polling.best())) {
            RecordingAcceptor bound = RecordingAcceptor.recording(there.loop());
            RecordedPeer far = connected(here, there.bind(bound), ours).peer();
            RecordedPeer near = bound.peer();
            assertEquals(ours, near.connection().socketType());
            assertEquals(ours.counterpart(), far.connection().socketType());
            far.run(connection -> connection.message().end("to".getBytes(UTF_8)));
            assertEquals(List.of("to"), Wire.texts(near.message()));
            near.run(connection -> connection.message().end("fro".getBytes(UTF_8)));
            assertEquals(List.of("fro"), Wire.texts(far.message()));
        }
    }

    @Test
    void shouldRefuseAProgramThatDoesNotFit() throws Exception {
        try (ZmtpFixture fixture = fixture(Polling.best());
                PyZmq program = PyZmq.run(REP, "ipc://" + dir.resolve("rep"))) {
            assertEquals("bound", program.line());
            RecordingAcceptor acceptor = connected(fixture, "ipc://" + dir.resolve("rep"), SocketType.ROUTER);
            fixture.await("refused", () -> fixture.zmtp().counters().refused(Refusal.WRONG_SOCKET_TYPE) > 1);
            assertEquals(0, acceptor.waitingPeers());
        }
    }

    @Test
    void shouldTryLessAndLessOftenAfterPartlyRandomDelays() throws Exception {
        BlockingQueue<Long> bounds = new LinkedBlockingQueue<>();
        ZmtpLimits limits =
                ZmtpLimits.builder().connectRetryMsMin(10).connectRetryMsMax(50).build();
        try (ZmtpFixture fixture = new ZmtpFixture(Polling.best(), limits, recording(bounds))) {
            String address = "tcp://127.0.0.1:" + freePort();
            Binding binding = fixture.transport()
                    .connect(address, SocketType.DEALER, RecordingAcceptor.recording(fixture.loop()));
            for (long bound : new long[] {6, 11, 21, 26, 26}) {
                assertEquals(bound, bounds.poll(20, TimeUnit.SECONDS));
            }
            binding.close();
            fixture.onLoop(() -> true);
            bounds.clear();
            fixture.pause(200);
            assertEquals(0, bounds.size(), "it goes on trying");
        }
    }

    /** Like one that restarts again and again, or an endpoint that is full. */
    @Test
    void shouldTryLessAndLessOftenWhenEachConnectionEndsSoon() throws Exception {
        BlockingQueue<Long> bounds = new LinkedBlockingQueue<>();
        ZmtpLimits limits = ZmtpLimits.builder().connectRetryMsMin(10).build();
        try (ZmtpFixture there = fixture(Polling.best());
                ZmtpFixture here = new ZmtpFixture(Polling.best(), limits, recording(bounds))) {
            RecordingAcceptor bound = RecordingAcceptor.recording(there.loop());
            connected(here, there.bind(bound), SocketType.DEALER);
            for (long delay : new long[] {6, 11, 21, 41, 81}) {
                bound.peer().run(connection -> connection.close("not now"));
                assertEquals(delay, bounds.poll(20, TimeUnit.SECONDS));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldStayConnectedAndNotComeBackAfterItIsClosed(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling)) {
            RecordingAcceptor bound = RecordingAcceptor.recording(fixture.loop());
            RecordingAcceptor connecting = RecordingAcceptor.recording(fixture.loop());
            Binding binding = fixture.transport().connect(fixture.bind(bound), SocketType.DEALER, connecting);
            RecordedPeer far = connecting.peer();
            RecordedPeer near = bound.peer();

            binding.close();

            near.run(connection -> connection.message().end("still".getBytes(UTF_8)));
            assertEquals(List.of("still"), Wire.texts(far.message()));
            near.run(connection -> connection.close("enough"));
            far.closed();
            fixture.pause(500);
            assertEquals(0, bound.waitingPeers());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://127.0.0.1:0", "tcp://*:5555", "tcp://127.0.0.1:*", "udp://127.0.0.1:1", "ipc://"})
    void shouldRefuseWhatCannotBeConnectedTo(String address) {
        try (ZmtpFixture fixture = fixture(Polling.best())) {
            BindException refused = assertThrows(BindException.class, () -> fixture.transport()
                    .connect(address, SocketType.DEALER, RecordingAcceptor.recording(fixture.loop())));
            assertTrue(String.valueOf(refused.getMessage()).contains("(expected: "), refused.getMessage());
        }
    }

    /** Keeps what the delays are drawn from. */
    private static RandomGenerator recording(BlockingQueue<Long> bounds) {
        SplittableRandom seeded = new SplittableRandom(7);
        return new RandomGenerator() {
            @Override
            public long nextLong() {
                return seeded.nextLong();
            }

            @Override
            public long nextLong(long bound) {
                bounds.add(bound);
                return seeded.nextLong(bound);
            }
        };
    }

    private static void ask(RecordedPeer peer) throws Exception {
        peer.run(connection -> connection.message().frame(7L).empty().end("hello".getBytes(UTF_8)));
        assertEquals(List.of("\0\0\0\0\0\0\0\7", "", "HELLO"), Wire.texts(peer.message()));
    }

    private static RecordingAcceptor connected(ZmtpFixture fixture, String address, SocketType ours) throws Exception {
        RecordingAcceptor acceptor = RecordingAcceptor.recording(fixture.loop());
        assertEquals(
                address, fixture.transport().connect(address, ours, acceptor).address());
        return acceptor;
    }

    private static int freePort() throws Exception {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private static ZmtpFixture fixture(Polling polling) {
        assumeTrue(polling.available(), polling + " is not available here");
        return ZmtpFixture.on(polling);
    }
}
