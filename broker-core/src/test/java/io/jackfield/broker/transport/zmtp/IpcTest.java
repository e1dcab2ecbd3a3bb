package io.jackfield.broker.transport.zmtp;

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
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Unix sockets, to libzmq. */
@Timeout(120)
class IpcTest {
    private static final String CLIENT =
            """
            socket = zmq.Context().socket(zmq.REQ)
            socket.connect(sys.argv[1])
            for i in range(100):
                socket.send(b"hello %d" % i)
                assert socket.recv() == b"hello %d" % i
            socket.send(b"x" * 3000000)
            assert len(socket.recv()) == 3000000
            print("done")
            sys.stdin.read()
            """;

    private static final String WORKER =
            """
            socket = zmq.Context().socket(zmq.REP)
            socket.connect(sys.argv[1])
            socket.send(socket.recv().upper())
            sys.stdin.read()
            """;

    @TempDir
    Path dir;

    @Test
    void shouldSayWhereARelativePathLeads() throws Exception {
        Path here = Path.of("").toAbsolutePath();
        assertEquals(
                "ipc://" + here.resolve("jf.sock"),
                IpcAddress.parse("ipc://jf.sock").absolute().toString());
        assertEquals(
                "ipc:///run/jf.sock",
                IpcAddress.parse("ipc:///run/jf.sock").absolute().toString());
        String longest = "ipc://" + "x".repeat(IpcAddress.PATH_BYTES_MAX);
        assertEquals(longest, IpcAddress.parse(longest).absolute().toString(), "there is no room for more");
    }

    @ParameterizedTest
    @EnumSource
    void shouldServeLibzmq(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling)) {
            RecordingAcceptor acceptor = RecordingAcceptor.echo(fixture.loop());
            String address = bind(fixture, acceptor).address();
            assertEquals("ipc://" + path(), address);
            try (PyZmq client = PyZmq.run(CLIENT, address)) {
                assertEquals("done", client.line());
                String shown = polling == Polling.EPOLL ? address + " pid " + client.pid() : address;
                assertEquals(shown, acceptor.peer().connection().remoteAddress());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldServeAWorkerOfLibzmqThatCameBeforeTheBind(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling);
                PyZmq worker = PyZmq.run(WORKER, "ipc://" + path())) {
            RecordingAcceptor acceptor = RecordingAcceptor.recording(fixture.loop());
            bind(fixture, acceptor);
            RecordedPeer peer = acceptor.peer();
            assertEquals(SocketType.REP, peer.connection().socketType());
            peer.run(connection -> connection.message().frame(7L).empty().end(new byte[] {'a', 'b'}));
            assertEquals(List.of("\0\0\0\0\0\0\0\7", "", "AB"), Wire.texts(peer.message()));
            worker.signal("KILL");
            assertFalse(peer.closed().isEmpty());
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldLetInWhomTheModeAllowsAndRemoveTheFile(Polling polling) throws Exception {
        assertEquals("rw-------", modeOf(polling, ZmtpLimits.builder()));
        assertEquals("rw-rw----", modeOf(polling, ZmtpLimits.builder().ipcMode(0660)));
        assertEquals("rwxrwxrwx", modeOf(polling, ZmtpLimits.builder().ipcMode(0777)));
        assertEquals(List.of(), files(), "nothing is left in the folder");
    }

    @ParameterizedTest
    @EnumSource
    void shouldReplaceAStaleFile(Polling polling) throws Exception {
        try (ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            killed.bind(UnixDomainSocketAddress.of(path()));
        }
        assertTrue(Files.exists(path()), "the JDK leaves the file, as a killed program does");
        try (ZmtpFixture fixture = fixture(polling)) {
            String address =
                    bind(fixture, RecordingAcceptor.echo(fixture.loop())).address();
            assertEquals(List.of(path()), files());
            try (PyZmq client = PyZmq.run(CLIENT, address)) {
                assertEquals("done", client.line());
            }
        }
        assertEquals(List.of(), files());
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotTakeTheAddressOfALivingProgram(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling);
                ZmtpFixture other = fixture(polling)) {
            RecordingAcceptor acceptor = RecordingAcceptor.echo(fixture.loop());
            String address = bind(fixture, acceptor).address();

            BindException refused =
                    assertThrows(BindException.class, () -> bind(other, RecordingAcceptor.echo(other.loop())));

            assertEquals(
                    "cannot listen on " + address
                            + ": another program listens there; choose another path, or end that program",
                    refused.getMessage());
            try (PyZmq client = PyZmq.run(CLIENT, address)) {
                assertEquals("done", client.line());
            }
        }
        assertEquals(List.of(), files());
    }

    /** A program that is stopped takes no connections; when its backlog is full, connecting would wait. */
    @ParameterizedTest
    @EnumSource
    void shouldNotTakeTheAddressOfAProgramThatIsBusy(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling);
                ServerSocketChannel busy = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            busy.bind(UnixDomainSocketAddress.of(path()), 1);
            for (int i = 0; i < 3; i++) {
                BindException refused =
                        assertThrows(BindException.class, () -> bind(fixture, RecordingAcceptor.echo(fixture.loop())));
                assertTrue(String.valueOf(refused.getMessage()).contains("end that program"), refused.getMessage());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotRemoveTheFileOfItsSuccessor(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling);
                ZmtpFixture successor = fixture(polling)) {
            Binding binding = bind(fixture, RecordingAcceptor.echo(fixture.loop()));
            Files.delete(path());
            String address =
                    bind(successor, RecordingAcceptor.echo(successor.loop())).address();
            binding.close();
            fixture.onLoop(() -> true); // a turn after the closing
            assertEquals(List.of(path()), files());
            try (PyZmq client = PyZmq.run(CLIENT, address)) {
                assertEquals("done", client.line());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldRefuseAFileThatIsNoSocket(Polling polling) throws Exception {
        Files.writeString(path(), "precious");
        try (ZmtpFixture fixture = fixture(polling)) {
            BindException refused =
                    assertThrows(BindException.class, () -> bind(fixture, RecordingAcceptor.echo(fixture.loop())));
            assertTrue(String.valueOf(refused.getMessage()).contains("it is no socket"), refused.getMessage());
        }
        assertEquals("precious", Files.readString(path()));
    }

    @ParameterizedTest
    @EnumSource
    void shouldSayThatThereIsNoFolder(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling)) {
            BindException refused = assertThrows(BindException.class, () -> fixture.transport()
                    .bind("ipc://" + dir + "/none/s", RecordingAcceptor.echo(fixture.loop())));
            assertTrue(String.valueOf(refused.getMessage()).contains("does the folder exist"), refused.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ipc://", "ipc://*", "ipc://@name", "ipc:///tmp/", "ipc:///\0"})
    void shouldSayWhatAnAddressLooksLike(String address) {
        BindException refused = assertThrows(BindException.class, () -> Address.parse(address));
        assertTrue(String.valueOf(refused.getMessage()).contains("(expected: ipc://PATH"), refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "\u00e4"})
    void shouldSayThatAPathIsTooLong(String letter) throws Exception {
        int bytes = letter.equals("x") ? 1 : 2;
        String longest = "/" + letter.repeat(106 / bytes);
        assertEquals(
                107,
                ((IpcAddress) Address.parse("ipc://" + longest))
                                        .path()
                                        .toString()
                                        .length()
                                * bytes
                        - bytes
                        + 1);
        BindException refused = assertThrows(BindException.class, () -> Address.parse("ipc://" + longest + "y"));
        assertTrue(String.valueOf(refused.getMessage()).contains("108 bytes (expected: <= 107"), refused.getMessage());
    }

    private String modeOf(Polling polling, ZmtpLimits.Builder limits) throws Exception {
        assumeTrue(polling.available(), polling + " is not available here");
        try (ZmtpFixture fixture = new ZmtpFixture(polling, limits.build())) {
            bind(fixture, RecordingAcceptor.echo(fixture.loop()));
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(path(), LinkOption.NOFOLLOW_LINKS));
        }
    }

    private Path path() {
        return dir.resolve("jackfield.sock");
    }

    private List<Path> files() throws Exception {
        try (Stream<Path> files = Files.list(dir)) {
            return files.toList();
        }
    }

    private Binding bind(ZmtpFixture fixture, RecordingAcceptor acceptor) throws Exception {
        return fixture.transport().bind("ipc://" + path(), acceptor);
    }

    private static ZmtpFixture fixture(Polling polling) {
        assumeTrue(polling.available(), polling + " is not available here");
        return ZmtpFixture.on(polling);
    }
}
