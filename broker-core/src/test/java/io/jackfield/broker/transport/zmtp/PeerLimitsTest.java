package io.jackfield.broker.transport.zmtp;

import static io.jackfield.broker.transport.zmtp.Wire.COMMAND;
import static io.jackfield.broker.transport.zmtp.Wire.LONG;
import static io.jackfield.broker.transport.zmtp.Wire.wire;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jackfield.broker.loop.netty.Polling;
import io.jackfield.broker.transport.RecordedPeer;
import io.jackfield.broker.transport.RecordingAcceptor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The limits on what one peer and all together may take, over real TCP. */
@Timeout(120)
class PeerLimitsTest {
    private static final byte[] GREETING = Wire.greeting();

    @ParameterizedTest
    @EnumSource
    void shouldEndAHandshakeThatTakesTooLong(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling, ZmtpLimits.builder().handshakeTimeMs(200))) {
            String address = fixture.bind(RecordingAcceptor.echo(fixture.loop()));
            try (RawPeer silent = new RawPeer(address);
                    RawPeer halfGreeting = new RawPeer(address);
                    RawPeer halfReady = new RawPeer(address)) {
                halfGreeting.send(wire().raw((byte) 0xff).raw(new byte[8]).bytes());
                halfReady.send(wire().raw(GREETING).header(COMMAND, 30).bytes());
                silent.awaitEnd();
                halfGreeting.awaitEnd();
                halfReady.awaitEnd();
            }
            assertEquals(3, fixture.refused(Refusal.HANDSHAKE_TIME));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldEndAMessageThatTakesTooLong(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling, ZmtpLimits.builder().messageTimeMs(300))) {
            RecordingAcceptor acceptor = RecordingAcceptor.echo(fixture.loop());
            String address = fixture.bind(acceptor);
            try (RawPeer idle = RawPeer.opened(address, "DEALER");
                    RawPeer stalled = RawPeer.opened(address, "DEALER")) {
                stalled.send(wire().header(LONG, 1000).raw(new byte[10]).bytes());
                stalled.awaitEnd();

                idle.send(wire().frame(0, "still here").bytes());
                assertEquals("still here", idle.readFrame(0));
            }
            assertEquals(1, fixture.refused(Refusal.MESSAGE_TIME));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotAllocateWhatManyPeersDeclare(Polling polling) throws Exception {
        int count = 100;
        try (ZmtpFixture fixture = fixture(polling, ZmtpLimits.builder())) {
            RecordingAcceptor acceptor = RecordingAcceptor.echo(fixture.loop());
            String address = fixture.bind(acceptor);
            List<RawPeer> hostile = new ArrayList<>();
            try (RawPeer good = RawPeer.opened(address, "DEALER")) {
                for (int i = 0; i < count; i++) {
                    RawPeer peer = RawPeer.opened(address, "DEALER");
                    peer.send(wire().frame(0, "first").header(LONG, 16 << 20).bytes());
                    assertEquals("first", peer.readFrame(0));
                    hostile.add(peer);
                }
                assertTrue(fixture.onLoop(fixture.zmtp()::inputBytes) <= count * 512L);

                good.send(wire().frame(0, "good").bytes());
                assertEquals("good", good.readFrame(0));
            } finally {
                closeAll(hostile);
            }
            fixture.await("all gone", () -> fixture.zmtp().connections() == 0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldLimitTheBegunMessagesOfAllPeersTogether(Polling polling) throws Exception {
        long bytesMax = 1 << 20;
        try (ZmtpFixture fixture = fixture(polling, ZmtpLimits.builder().totalInputBytesMax(bytesMax))) {
            String address = fixture.bind(RecordingAcceptor.echo(fixture.loop()));
            List<RawPeer> hostile = new ArrayList<>();
            try (RawPeer good = RawPeer.opened(address, "DEALER")) {
                for (int i = 0; i < 20; i++) {
                    RawPeer peer = RawPeer.opened(address, "DEALER");
                    hostile.add(peer);
                    peer.sendWhileOpen(
                            wire().header(LONG, 1 << 20).raw(new byte[200_000]).bytes());
                }
                fixture.await("some refused", () -> fixture.zmtp().counters().refused(Refusal.INPUT_BYTES) > 0);
                assertTrue(fixture.onLoop(fixture.zmtp()::inputBytes) <= bytesMax);

                good.send(wire().frame(0, "good").bytes());
                assertEquals("good", good.readFrame(0));
            } finally {
                closeAll(hostile);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldCutOffASlowReaderAndNobodyElse(Polling polling) throws Exception {
        int outputBytesMax = 4 << 20;
        try (ZmtpFixture fixture = fixture(polling, ZmtpLimits.builder().outputBytesMax(outputBytesMax))) {
            RecordingAcceptor acceptor = RecordingAcceptor.recording(fixture.loop());
            String address = fixture.bind(acceptor);
            try (RawPeer slow = RawPeer.opened(address, "DEALER");
                    RawPeer good = RawPeer.opened(address, "DEALER")) {
                RecordedPeer first = acceptor.peer();
                RecordedPeer second = acceptor.peer();
                byte[] piece = new byte[100_000];
                long pieces = 0;
                while (!first.hasClosed()) {
                    first.run(connection -> {
                        for (int i = 0; i < 5; i++) {
                            connection.message().end(piece);
                            assertTrue(connection.outputBytes() <= outputBytesMax);
                        }
                    });
                    pieces += 5;
                }
                assertTrue(pieces * piece.length > outputBytesMax, pieces + " pieces");
                String reason = first.closed();
                assertTrue(reason.startsWith("SLOW_READER: "), reason);

                second.run(connection -> connection.message().end("good".getBytes(ISO_8859_1)));
                assertEquals("good", good.readFrame(0));
                slow.awaitEnd();
            }
            assertEquals(1, fixture.refused(Refusal.SLOW_READER));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotTakeABurstInOneTurnForASlowReader(Polling polling) throws Exception {
        int count = 64;
        byte[] piece = new byte[1 << 20];
        try (ZmtpFixture fixture = fixture(polling, ZmtpLimits.builder().outputBytesMax(1 << 30))) {
            RecordingAcceptor acceptor = RecordingAcceptor.recording(fixture.loop());
            try (RawPeer peer = RawPeer.opened(fixture.bind(acceptor), "DEALER")) {
                RecordedPeer recorded = acceptor.peer();
                recorded.run(connection -> {
                    for (int i = 0; i < count; i++) {
                        connection.message().end(piece);
                    }
                });
                for (int i = 0; i < count; i++) {
                    assertEquals(piece.length, peer.readFrame(LONG).length());
                }
                fixture.await("all taken", () -> recorded.connection().outputBytes() == 0);
            }
        }
    }

    /** Thousands of small answers to a peer that reads nothing must cost what they are, not a buffer each. */
    @ParameterizedTest
    @EnumSource
    void shouldAnswerPingsOnlyAsFarAsTheyAreRead(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling, ZmtpLimits.builder().outputBytesMax(100_000))) {
            String address = fixture.bind(RecordingAcceptor.recording(fixture.loop()));
            try (RawPeer pinging = RawPeer.opened(address, "DEALER")) {
                Wire pings = wire();
                for (int i = 0; i < 10_000; i++) {
                    pings.ping("sixteen bytes...");
                }
                byte[] many = pings.bytes();
                for (int i = 0; i < 500 && fixture.refused(Refusal.SLOW_READER) == 0; i++) {
                    pinging.sendWhileOpen(many);
                }
                fixture.await("cut off", () -> fixture.zmtp().counters().refused(Refusal.SLOW_READER) == 1);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldTakeNoMorePeersThanTheLimit(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling, ZmtpLimits.builder().peersMax(2))) {
            String address = fixture.bind(RecordingAcceptor.echo(fixture.loop()));
            try (RawPeer first = RawPeer.opened(address, "DEALER");
                    RawPeer second = RawPeer.opened(address, "DEALER");
                    RawPeer third = new RawPeer(address)) {
                third.awaitEnd();
                first.hangUp();
                fixture.await("one gone", () -> fixture.zmtp().connections() == 1);
                RawPeer fourth = RawPeer.opened(address, "REQ");
                fourth.send(wire().frame(0, "welcome").bytes());
                assertEquals("welcome", fourth.readFrame(0));
                fourth.hangUp();
                second.send(wire().frame(0, "undisturbed").bytes());
                assertEquals("undisturbed", second.readFrame(0));
            }
            assertEquals(1, fixture.refused(Refusal.PEER_LIMIT));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldTakeNoMorePeersFromOneAddress(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling, ZmtpLimits.builder().peersPerAddressMax(1))) {
            String address = fixture.bind(RecordingAcceptor.echo(fixture.loop()));
            String elsewhere = "127.0.0.2";
            try (RawPeer first = RawPeer.opened(address, "DEALER");
                    RawPeer second = new RawPeer(address);
                    RawPeer other = new RawPeer(address, elsewhere)) {
                second.awaitEnd();
                other.send(Wire.greeting());
                other.readGreeting();
                first.hangUp();
                fixture.await("one left", () -> fixture.zmtp().connections() == 1);
                RawPeer.opened(address, "DEALER").close();
            }
            assertEquals(1, fixture.refused(Refusal.ADDRESS_LIMIT));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldLetTheOldestHandshakeMakeRoom(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling, ZmtpLimits.builder().handshakesMax(3))) {
            String address = fixture.bind(RecordingAcceptor.echo(fixture.loop()));
            List<RawPeer> mute = new ArrayList<>();
            try (RawPeer opened = RawPeer.opened(address, "DEALER")) {
                for (int i = 0; i < 4; i++) {
                    mute.add(new RawPeer(address));
                }
                mute.get(0).awaitEnd();
                RawPeer late = RawPeer.opened(address, "DEALER");
                mute.add(late);
                late.send(wire().frame(0, "welcome").bytes());
                assertEquals("welcome", late.readFrame(0));
                opened.send(wire().frame(0, "undisturbed").bytes());
                assertEquals("undisturbed", opened.readFrame(0));
            } finally {
                closeAll(mute);
            }
            assertEquals(2, fixture.refused(Refusal.HANDSHAKE_LIMIT));
        }
    }

    /** Each is within its own limit; together they are not. */
    @ParameterizedTest
    @EnumSource
    void shouldCutOffTheLargestSlowReaderFirst(Polling polling) throws Exception {
        long totalMax = 8 << 20;
        try (ZmtpFixture fixture = fixture(polling, ZmtpLimits.builder().outputBytesTotalMax(totalMax))) {
            RecordingAcceptor acceptor = RecordingAcceptor.recording(fixture.loop());
            String address = fixture.bind(acceptor);
            try (RawPeer slower = RawPeer.opened(address, "DEALER");
                    RawPeer slow = RawPeer.opened(address, "DEALER")) {
                RecordedPeer most = acceptor.peer();
                RecordedPeer less = acceptor.peer();
                byte[] piece = new byte[100_000];
                while (!most.hasClosed()) {
                    most.run(connection -> connection.message().end(piece));
                    most.run(connection -> connection.message().end(piece));
                    less.run(connection -> connection.message().end(piece));
                }
                String reason = most.closed();
                assertTrue(reason.startsWith("OUTPUT_BYTES: "), reason);
                assertFalse(less.hasClosed());
                assertEquals(piece.length, slow.readFrame(LONG).length());
                slower.awaitEnd();
            }
            assertEquals(1, fixture.refused(Refusal.OUTPUT_BYTES));
            fixture.await("nothing is held", () -> fixture.zmtp().outputBudget().usedBytes() == 0);
        }
    }

    /** What is written within one turn is no backlog: it is sent before anybody is judged. */
    @ParameterizedTest
    @EnumSource
    void shouldCutOffNobodyWhoReads(Polling polling) throws Exception {
        int count = 100;
        byte[] piece = new byte[200_000];
        try (ZmtpFixture fixture = fixture(polling, ZmtpLimits.builder().outputBytesTotalMax(1 << 20))) {
            RecordingAcceptor acceptor = RecordingAcceptor.recording(fixture.loop());
            String address = fixture.bind(acceptor);
            try (RawPeer first = RawPeer.opened(address, "DEALER");
                    RawPeer second = RawPeer.opened(address, "DEALER")) {
                RecordedPeer one = acceptor.peer();
                RecordedPeer two = acceptor.peer();
                for (int i = 0; i < count; i++) {
                    one.run(connection -> {
                        connection.message().end(piece);
                        two.connection().message().end(piece);
                    });
                    assertEquals(piece.length, first.readFrame(LONG).length());
                    assertEquals(piece.length, second.readFrame(LONG).length());
                }
            }
        }
    }

    private static ZmtpFixture fixture(Polling polling, ZmtpLimits.Builder limits) {
        assumeTrue(polling.available(), polling + " is not available here");
        return new ZmtpFixture(polling, limits.build());
    }

    private static void closeAll(List<RawPeer> peers) throws Exception {
        for (RawPeer peer : peers) {
            peer.close();
        }
    }
}
