package io.jackfield.broker.transport.zmtp;

import static io.jackfield.broker.transport.zmtp.Wire.COMMAND;
import static io.jackfield.broker.transport.zmtp.Wire.LONG;
import static io.jackfield.broker.transport.zmtp.Wire.MORE;
import static io.jackfield.broker.transport.zmtp.Wire.ready;
import static io.jackfield.broker.transport.zmtp.Wire.wire;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jackfield.broker.loop.netty.Polling;
import io.jackfield.broker.transport.RecordedPeer;
import io.jackfield.broker.transport.RecordingAcceptor;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What hostile and broken peers do to the broker, over real TCP: nothing but the end of their own connection. */
@Timeout(120)
class HostilePeerTest {
    private static final byte[] GREETING = Wire.greeting();
    private static final byte[] OPENING =
            wire().raw(GREETING).frame(COMMAND, ready("Socket-Type", "DEALER")).bytes();

    static Stream<Arguments> hostileInput() {
        return Stream.of(
                input(Refusal.NOT_ZMTP, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(ISO_8859_1)),
                input(
                        Refusal.NOT_ZMTP,
                        wire().raw((byte) 0xff).raw(new byte[63]).bytes()),
                input(Refusal.OLD_VERSION, Wire.greeting(1, 0, "")),
                input(Refusal.WRONG_MECHANISM, Wire.greeting(3, 0, "PLAIN")),
                input(Refusal.BAD_COMMAND, handshake(ready("Identity", "me"))),
                input(Refusal.BAD_COMMAND, handshake(new byte[0])),
                input(Refusal.BAD_COMMAND, handshake("\4PING\0\0".getBytes(ISO_8859_1))),
                input(Refusal.WRONG_SOCKET_TYPE, handshake(ready("Socket-Type", "STREAM"))),
                input(
                        Refusal.COMMAND_BYTES,
                        wire().raw(GREETING).header(COMMAND | LONG, 1 << 20).bytes()),
                input(
                        Refusal.COMMAND_BYTES,
                        wire().raw(GREETING)
                                .header(COMMAND | LONG, Long.MAX_VALUE)
                                .bytes()),
                input(Refusal.BAD_FRAME, wire().raw(GREETING).frame(0, "early").bytes()),
                input(
                        Refusal.BAD_FRAME,
                        wire().raw(GREETING).header(LONG, Long.MAX_VALUE).bytes()),
                input(Refusal.BAD_FRAME, wire().raw(OPENING).header(LONG, -1).bytes()),
                input(
                        Refusal.BAD_FRAME,
                        wire().raw(OPENING).frame(COMMAND | MORE, "\4PING\0\0").bytes()),
                input(Refusal.BAD_FRAME, wire().raw(OPENING).frame(0x40, "x").bytes()),
                input(
                        Refusal.FRAME_BYTES,
                        wire().raw(OPENING).header(LONG, Long.MAX_VALUE).bytes()),
                input(
                        Refusal.FRAME_BYTES,
                        wire().raw(OPENING).header(LONG | MORE, 17 << 20).bytes()),
                input(
                        Refusal.MESSAGE_FRAMES,
                        wire().raw(OPENING)
                                .raw(endless(ZmtpLimits.builder().build().messageFramesMax() + 1))
                                .bytes()),
                input(
                        Refusal.MESSAGE_FRAMES,
                        wire().raw(OPENING).raw(endless(1_000_000)).bytes()),
                input(
                        Refusal.BAD_COMMAND,
                        wire().raw(OPENING).frame(COMMAND, "\4PING\0").bytes()),
                input(
                        Refusal.BAD_COMMAND,
                        wire().raw(OPENING).ping("17 bytes context.").bytes()),
                input(
                        Refusal.BAD_COMMAND,
                        wire().raw(OPENING).frame(COMMAND, "\377PING").bytes()));
    }

    @ParameterizedTest
    @MethodSource("hostileInput")
    void shouldEndTheHostilePeerAlone(Polling polling, Refusal refusal, byte[] input) throws Exception {
        try (ZmtpFixture fixture = fixture(polling, ZmtpLimits.builder())) {
            String address = fixture.bind(RecordingAcceptor.echo(fixture.loop()));
            try (RawPeer good = RawPeer.opened(address, "DEALER");
                    RawPeer hostile = new RawPeer(address)) {
                good.send(wire().frame(MORE, "begun").bytes());

                hostile.sendWhileOpen(input);
                hostile.awaitEnd();

                good.send(wire().frame(0, "ended").bytes());
                assertEquals("begun", good.readFrame(MORE));
                assertEquals("ended", good.readFrame(0));
            }
            assertEquals(
                    1,
                    fixture.refused(refusal),
                    fixture.onLoop(() -> fixture.zmtp().counters().refused()).toString());
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldTellTheHandlerWhyItsPeerWasEnded(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling, ZmtpLimits.builder().frameBytesMax(1000))) {
            RecordingAcceptor acceptor = RecordingAcceptor.recording(fixture.loop());
            try (RawPeer hostile = RawPeer.opened(fixture.bind(acceptor), "DEALER")) {
                hostile.send(wire().frame(0, "good").header(LONG, 1001).bytes());

                RecordedPeer peer = acceptor.peer();
                assertEquals(List.of("good"), Wire.texts(peer.message()));
                assertEquals("FRAME_BYTES: frame of 1001 bytes (expected: <= 1000)", peer.closed());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldTellAMisfitWhyWithAnError(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling, ZmtpLimits.builder())) {
            String address = fixture.bind(
                    RecordingAcceptor.serving(fixture.loop(), io.jackfield.broker.transport.SocketType.REQ));
            try (RawPeer misfit = new RawPeer(address)) {
                misfit.send(OPENING);
                misfit.readGreeting();
                String reason = "UNSUPPORTED_PEER: socket type DEALER is not served at this endpoint";
                assertEquals("\5ERROR" + (char) reason.length() + reason, misfit.readFrame(COMMAND));
                misfit.awaitEnd();
            }
        }
    }

    /** JeroMQ tries again by itself only while it waits for the rest of the greeting. */
    @ParameterizedTest
    @EnumSource
    void shouldKeepTheRestOfItsGreetingUntilThePeerHasSpoken(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling, ZmtpLimits.builder().handshakeTimeMs(200))) {
            String address = fixture.bind(RecordingAcceptor.echo(fixture.loop()));
            try (RawPeer silent = new RawPeer(address)) {
                assertEquals(10, silent.bytesUntilEnd());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldTakeAHandshakeThatComesByteByByte(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling, ZmtpLimits.builder())) {
            String address = fixture.bind(RecordingAcceptor.echo(fixture.loop()));
            try (RawPeer slow = new RawPeer(address)) {
                for (byte next :
                        wire().raw(OPENING).frame(MORE, "a").frame(0, "b").bytes()) {
                    slow.send(new byte[] {next});
                }
                slow.readGreeting();
                slow.readFrame(COMMAND);
                assertEquals("a", slow.readFrame(MORE));
                assertEquals("b", slow.readFrame(0));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldAnswerPingWithItsContextAndIgnoreOtherCommands(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling, ZmtpLimits.builder())) {
            RecordingAcceptor acceptor = RecordingAcceptor.echo(fixture.loop());
            try (RawPeer peer = RawPeer.opened(fixture.bind(acceptor), "DEALER")) {
                peer.send(wire().ping("").bytes());
                assertEquals("\4PONG", peer.readFrame(COMMAND));
                peer.send(wire().frame(COMMAND, "\11SUBSCRIBEtopic")
                        .frame(COMMAND, "\6CANCELtopic")
                        .frame(COMMAND, "\4PONG")
                        .frame(COMMAND | LONG, "\7UNKNOWN" + "x".repeat(500))
                        .frame(MORE, "begun")
                        .ping("context")
                        .frame(0, "ended")
                        .bytes());
                assertEquals("\4PONGcontext", peer.readFrame(COMMAND));
                assertEquals("begun", peer.readFrame(MORE));
                assertEquals("ended", peer.readFrame(0));
            }
            assertEquals(1, acceptor.peer().waitingMessages());
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldEndAPeerWhoseMessageTheBrokerDidNotFinish(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling, ZmtpLimits.builder())) {
            RecordingAcceptor acceptor = RecordingAcceptor.recording(fixture.loop());
            String address = fixture.bind(acceptor);
            try (RawPeer peer = RawPeer.opened(address, "DEALER")) {
                RecordedPeer recorded = acceptor.peer();
                recorded.run(connection -> connection.message().frame(1L));
                String reason = recorded.closed();
                assertTrue(reason.startsWith("INTERNAL_ERROR: "), reason);
                peer.awaitEnd();
            }
        }
    }

    /** Random bytes behind a good opening, and random bytes alone, from many peers while one works. */
    @ParameterizedTest
    @EnumSource
    void shouldOutliveRandomInput(Polling polling) throws Exception {
        Random random = new Random(11);
        try (ZmtpFixture fixture =
                fixture(polling, ZmtpLimits.builder().handshakeTimeMs(200).messageTimeMs(200))) {
            String address = fixture.bind(RecordingAcceptor.echo(fixture.loop()));
            try (RawPeer good = RawPeer.opened(address, "DEALER")) {
                for (int i = 0; i < 200; i++) {
                    byte[] noise = new byte[random.nextInt(3000)];
                    random.nextBytes(noise);
                    RawPeer hostile = new RawPeer(address);
                    hostile.sendWhileOpen(random.nextBoolean() ? OPENING : new byte[0]);
                    hostile.sendWhileOpen(noise);
                    hostile.hangUp();
                    good.send(wire().frame(0, "good").bytes());
                    assertEquals("good", good.readFrame(0));
                }
            }
            fixture.await("all gone", () -> fixture.zmtp().connections() == 0);
            assertEquals(0, fixture.loop().failures());
        }
    }

    private static Arguments input(Refusal refusal, byte[] input) {
        return Arguments.of(Polling.best(), refusal, input);
    }

    private static ZmtpFixture fixture(Polling polling, ZmtpLimits.Builder limits) {
        assumeTrue(polling.available(), polling + " is not available here");
        return new ZmtpFixture(polling, limits.build());
    }

    private static byte[] handshake(byte[] command) {
        return wire().raw(GREETING).frame(COMMAND, command).bytes();
    }

    private static byte[] endless(int frames) {
        byte[] endless = new byte[2 * frames];
        for (int i = 0; i < frames; i++) {
            endless[2 * i] = MORE;
        }
        return endless;
    }
}
