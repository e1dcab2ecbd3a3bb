package io.jackfield.broker.transport.zmtp;

import static io.jackfield.broker.transport.zmtp.Wire.COMMAND;
import static io.jackfield.broker.transport.zmtp.Wire.LONG;
import static io.jackfield.broker.transport.zmtp.Wire.wire;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jackfield.broker.loop.netty.Polling;
import io.jackfield.broker.transport.PyZmq;
import io.jackfield.broker.transport.RecordedPeer;
import io.jackfield.broker.transport.RecordingAcceptor;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who is taken for dead, and who is not, over real TCP. */
@Timeout(120)
class HeartbeatTest {
    private static final int INTERVAL_MS = 300;
    private static final int TIMEOUT_MS = 1_200;

    @ParameterizedTest
    @EnumSource
    void shouldPingPeersThatKnowItAndKeepThoseThatAnswer(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling, pinging())) {
            RecordingAcceptor acceptor = RecordingAcceptor.echo(fixture.loop());
            try (RawPeer peer = RawPeer.opened(fixture.bind(acceptor), "DEALER")) {
                for (int i = 0; i < 2 * TIMEOUT_MS / INTERVAL_MS; i++) {
                    String nothingBefore = "\0".repeat(Long.BYTES);
                    assertEquals("\4PING\0" + (char) (TIMEOUT_MS / 100) + nothingBefore, peer.readFrame(COMMAND));
                    peer.send(wire().frame(COMMAND, "\4PONG").bytes());
                }
                peer.send(wire().frame(0, "alive").bytes());
                assertEquals("alive", peer.readFrame(0));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldEndASilentPeerOnlyIfItKnowsPing(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling, pinging())) {
            RecordingAcceptor acceptor = RecordingAcceptor.echo(fixture.loop());
            String address = fixture.bind(acceptor);
            try (RawPeer old = RawPeer.opened(address, "DEALER", 0);
                    RawPeer silent = RawPeer.opened(address, "DEALER")) {
                RecordedPeer told = acceptor.peer();
                String reason = acceptor.peer().closed();
                assertTrue(reason.startsWith("SILENT: nothing came for "), reason);
                assertTrue(reason.endsWith("(ping-timeout: 1200 ms)"), reason);
                silent.awaitEnd();
                old.send(wire().frame(0, "alive").bytes());
                assertEquals("alive", old.readFrame(0), "the first that an old peer gets is no PING");
                assertFalse(told.hasClosed());
            }
            assertEquals(1, fixture.refused(Refusal.SILENT));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldHonourAPeersTtl(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling, ZmtpLimits.builder())) {
            RecordingAcceptor acceptor = RecordingAcceptor.echo(fixture.loop());
            try (RawPeer peer = RawPeer.opened(fixture.bind(acceptor), "DEALER", 0)) {
                peer.send(wire().frame(COMMAND, "\4PING\0\5ctx").bytes());
                assertEquals("\4PONGctx", peer.readFrame(COMMAND));
                String reason = acceptor.peer().closed();
                assertTrue(reason.endsWith("(its own TTL: 500 ms)"), reason);
                peer.awaitEnd();
            }
        }
    }

    @Test
    void shouldNotJudgeByTheTimeInWhichTheLoopStoodStill() throws Exception {
        try (ZmtpFixture fixture = fixture(Polling.best(), pinging())) {
            RecordingAcceptor acceptor = RecordingAcceptor.echo(fixture.loop());
            try (RawPeer peer = RawPeer.opened(fixture.bind(acceptor), "DEALER")) {
                CountDownLatch never = new CountDownLatch(1);
                assertFalse(fixture.onLoop(() -> never.await(3L * TIMEOUT_MS, TimeUnit.MILLISECONDS)));

                assertEquals("\4PING", peer.readFrame(COMMAND).substring(0, 5));
                peer.send(wire().frame(COMMAND, "\4PONG").frame(0, "alive").bytes());
                assertEquals("alive", peer.readFrame(0));
                assertFalse(acceptor.peer().hasClosed());
            }
        }
    }

    @Test
    void shouldTakeALongTransferForLife() throws Exception {
        int pieces = 2 * TIMEOUT_MS / 100;
        int pieceBytes = 100_000;
        try (ZmtpFixture fixture = fixture(Polling.best(), pinging())) {
            RecordingAcceptor acceptor = RecordingAcceptor.recording(fixture.loop());
            try (RawPeer peer = RawPeer.opened(fixture.bind(acceptor), "DEALER")) {
                peer.send(wire().header(LONG, (long) pieces * pieceBytes).bytes());
                for (int i = 0; i < pieces; i++) {
                    fixture.pause(100);
                    peer.send(new byte[pieceBytes]);
                }
                RecordedPeer recorded = acceptor.peer();
                assertEquals(pieces * pieceBytes, recorded.message().bodyBytes());
                assertFalse(recorded.hasClosed());
            }
        }
    }

    /** It reads what it was sent before and cannot have seen a PING; when it has read all and says nothing, it is silent. */
    @Test
    void shouldKeepAPeerThatReadsALongMessage() throws Exception {
        byte[] message = new byte[48 << 20];
        try (ZmtpFixture fixture = fixture(Polling.best(), pinging())) {
            RecordingAcceptor acceptor = RecordingAcceptor.recording(fixture.loop());
            try (RawPeer peer = RawPeer.opened(fixture.bind(acceptor), "REQ")) {
                RecordedPeer recorded = acceptor.peer();
                recorded.run(connection -> connection.message().end(message));
                int pieces = 3 * TIMEOUT_MS / 100;
                for (int i = 0; i < pieces; i++) {
                    fixture.pause(100);
                    peer.readUpTo(message.length / pieces);
                    assertFalse(recorded.hasClosed(), "closed when piece " + i + " of " + pieces + " was read");
                }
                assertTrue(recorded.closed().startsWith("SILENT: "));
            }
        }
    }

    @Test
    void shouldNotJudgeAPeerThatItDoesNotReadFrom() throws Exception {
        try (ZmtpFixture fixture = fixture(Polling.best(), pinging())) {
            RecordingAcceptor acceptor = RecordingAcceptor.echo(fixture.loop());
            try (RawPeer peer = RawPeer.opened(fixture.bind(acceptor), "DEALER")) {
                RecordedPeer recorded = acceptor.peer();
                recorded.run(connection -> connection.reading(false));
                fixture.pause(2 * TIMEOUT_MS);
                assertFalse(recorded.hasClosed());
                recorded.run(connection -> connection.reading(true));
                assertTrue(recorded.closed().startsWith("SILENT: "));
                peer.awaitEnd();
            }
        }
    }

    /** libzmq stops reading its socket when its inbox is full: it does not see a PING before its program has read what came before. */
    @Test
    void shouldKeepAPeerWhoseProgramReadsLate() throws Exception {
        String program =
                """
                socket = zmq.Context().socket(zmq.PULL)
                socket.rcvhwm = 10
                socket.connect(sys.argv[1])
                sys.stdin.readline()
                print(" ".join(socket.recv_string() for _ in range(200)))
                """;
        try (ZmtpFixture fixture = fixture(Polling.best(), pinging())) {
            RecordingAcceptor acceptor = RecordingAcceptor.recording(fixture.loop());
            try (PyZmq libzmq = PyZmq.run(program, fixture.bind(acceptor))) {
                RecordedPeer recorded = acceptor.peer();
                recorded.run(connection -> {
                    for (int i = 0; i < 200; i++) {
                        connection.message().end(Integer.toString(i).getBytes(ISO_8859_1));
                    }
                });
                fixture.pause(3 * TIMEOUT_MS);
                assertFalse(recorded.hasClosed(), "it was taken for dead");

                libzmq.send("read");
                assertEquals(IntStream.range(0, 200).mapToObj(Integer::toString).collect(joining(" ")), libzmq.line());
            }
        }
    }

    /** What it answered a PING for it has read: after that its silence counts again. */
    @Test
    void shouldEndAPeerThatIsSilentAfterItHasReadWhatItWasSent() throws Exception {
        try (ZmtpFixture fixture = fixture(Polling.best(), pinging())) {
            RecordingAcceptor acceptor = RecordingAcceptor.recording(fixture.loop());
            try (RawPeer peer = RawPeer.opened(fixture.bind(acceptor), "PULL")) {
                RecordedPeer recorded = acceptor.peer();
                recorded.run(connection -> connection.message().end("task".getBytes(ISO_8859_1)));
                fixture.pause(2 * TIMEOUT_MS);
                assertFalse(recorded.hasClosed(), "it may be that it cannot read a PING");

                while (!peer.readFrame().equals("task")) {} // a PING may come before
                String context = peer.readFrame(COMMAND).substring("\4PING".length() + 2);
                peer.send(wire().frame(COMMAND, "\4PONG" + context).bytes());
                assertTrue(recorded.closed().startsWith("SILENT: nothing came for "));
                peer.awaitEnd();
            }
        }
    }

    /** The operating system of a program that reads nothing acknowledges what it is sent. */
    @Test
    void shouldEndAPeerWhoseHostIsGone() throws Exception {
        String program =
                """
                import ctypes, socket, struct
                host, port = sys.argv[1][6:].split(":")
                peer = socket.create_connection((host, int(port)))
                peer.sendall(b"\\xff" + bytes(8) + b"\\x7f\\3\\1NULL" + bytes(48))
                peer.sendall(b"\\4\\x1a\\5READY\\x0bSocket-Type\\0\\0\\0\\4PULL")
                peer.recv(64, socket.MSG_WAITALL)
                drop_all = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0))
                SO_ATTACH_FILTER = 26
                peer.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HP", 1, ctypes.addressof(drop_all)))
                print("deaf")
                sys.stdin.readline()
                """;
        try (ZmtpFixture fixture = fixture(Polling.EPOLL, pinging())) {
            RecordingAcceptor acceptor = RecordingAcceptor.recording(fixture.loop());
            try (PyZmq deaf = PyZmq.run(program, fixture.bind(acceptor))) {
                assertEquals("deaf", deaf.line());
                RecordedPeer recorded = acceptor.peer();
                recorded.run(connection -> connection.message().end("task".getBytes(ISO_8859_1)));
                assertTrue(recorded.closed().startsWith("SILENT: "));
            }
        }
    }

    @Test
    void shouldEndAStoppedProcessAndTakeItBackWhenItGoesOn() throws Exception {
        String program =
                """
                socket = zmq.Context().socket(zmq.DEALER)
                socket.connect(sys.argv[1])
                socket.send(b"hello")
                while True:
                    socket.send(socket.recv())
                """;
        try (ZmtpFixture fixture = fixture(Polling.best(), pinging())) {
            RecordingAcceptor acceptor = RecordingAcceptor.recording(fixture.loop());
            try (PyZmq libzmq = PyZmq.run(program, fixture.bind(acceptor))) {
                RecordedPeer before = acceptor.peer();
                before.message();
                fixture.pause(2 * TIMEOUT_MS);
                assertFalse(before.hasClosed(), "libzmq answers PING");

                libzmq.signal("STOP");
                assertTrue(before.closed().startsWith("SILENT: "));
                libzmq.signal("CONT");

                RecordedPeer after = acceptor.peer();
                after.run(connection -> connection.message().end(new byte[] {'a', 'g', 'a', 'i', 'n'}));
                assertEquals("again", Wire.texts(after.message()).get(0));
            }
        }
    }

    private static ZmtpLimits.Builder pinging() {
        return ZmtpLimits.builder().pingIntervalMs(INTERVAL_MS).pingTimeoutMs(TIMEOUT_MS);
    }

    private static ZmtpFixture fixture(Polling polling, ZmtpLimits.Builder limits) {
        assumeTrue(polling.available(), polling + " is not available here");
        return new ZmtpFixture(polling, limits.build());
    }
}
