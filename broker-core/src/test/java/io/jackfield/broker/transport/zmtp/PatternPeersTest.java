package io.jackfield.broker.transport.zmtp;

import static io.jackfield.broker.transport.zmtp.Wire.COMMAND;
import static io.jackfield.broker.transport.zmtp.Wire.LONG;
import static io.jackfield.broker.transport.zmtp.Wire.wire;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jackfield.broker.loop.netty.Polling;
import io.jackfield.broker.model.Frames;
import io.jackfield.broker.transport.Connection;
import io.jackfield.broker.transport.SocketType;
import io.jackfield.broker.transport.Transport;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What publishers, subscribers, pushers and pullers need of the transport beyond messages. */
final class PatternPeersTest {
    private static final long WAIT_S = 20;
    private static final int MESSAGES = 1_000;

    /** Everything that it is told, as lines. */
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    private final BlockingQueue<Connection> connections = new LinkedBlockingQueue<>();

    /** Reading goes off with every message. */
    private boolean stopsAtEachMessage;

    @Test
    void shouldTellOfSubscriptionsThatComeAsCommands() throws Exception {
        try (ZmtpFixture fixture = ZmtpFixture.on(Polling.best());
                RawPeer peer = RawPeer.opened(fixture.bind(recording()), "SUB")) {
            peer.send(wire().frame(COMMAND, "\11SUBSCRIBEtopic")
                    .frame(COMMAND, "\6CANCELtopic")
                    .frame(COMMAND, "\11SUBSCRIBE")
                    .frame(COMMAND, "\11subscribe?")
                    .frame(0, "\1message")
                    .bytes());

            assertEquals("subscribe topic", next());
            assertEquals("cancel topic", next());
            assertEquals("subscribe ", next());
            assertEquals("message \1message", next());
        }
    }

    @Test
    void shouldSubscribeInTheFormThatThePeerUnderstands() throws Exception {
        try (ZmtpFixture fixture = ZmtpFixture.on(Polling.best())) {
            String address = fixture.bind(recording());
            String longTopic = "t".repeat(250);
            try (RawPeer old = opened(address, 0);
                    RawPeer present = opened(address, 1)) {
                for (int i = 0; i < 2; i++) {
                    Connection connection = connections.take();
                    fixture.onLoop(() -> {
                        connection.subscribe("topic".getBytes(ISO_8859_1));
                        connection.cancel("topic".getBytes(ISO_8859_1));
                        connection.subscribe(longTopic.getBytes(ISO_8859_1));
                        connection.subscribe(new byte[0]);
                        return true;
                    });
                }
                assertEquals("\1topic", old.readFrame(0));
                assertEquals("\0topic", old.readFrame(0));
                assertEquals("\1" + longTopic, old.readFrame(0));
                assertEquals("\1", old.readFrame(0));
                assertEquals("\11SUBSCRIBEtopic", present.readFrame(COMMAND));
                assertEquals("\6CANCELtopic", present.readFrame(COMMAND));
                assertEquals("\11SUBSCRIBE" + longTopic, present.readFrame(COMMAND | Wire.LONG));
                assertEquals("\11SUBSCRIBE", present.readFrame(COMMAND));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldTellOnceWhenTheOutputHasGone(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling, ZmtpLimits.builder());
                RawPeer peer = RawPeer.opened(fixture.bind(recording()), "PULL")) {
            Connection connection = connections.take();
            byte[] large = new byte[16 << 20];
            fixture.onLoop(() -> {
                connection.message().end(large);
                connection.tellDrained();
                connection.tellDrained();
                return true;
            });
            fixture.onLoop(() -> told.add("before it was read"));
            assertEquals(large.length, peer.readFrame(Wire.LONG).length());
            assertEquals("before it was read", next());
            assertEquals("drained", next());
            fixture.onLoop(() -> {
                connection.tellDrained();
                return told.add("not inside a call");
            });
            assertEquals("not inside a call", next());
            assertEquals("drained", next());
            peer.hangUp();
            assertTrue(next().startsWith("closed"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldHandOverWhatAPeerSentThatHasGone(Polling polling) throws Exception {
        stopsAtEachMessage = true;
        try (ZmtpFixture fixture = fixture(polling, ZmtpLimits.builder())) {
            Connection connection = pushedAndGone(fixture);
            for (int i = 0; i < MESSAGES; i++) {
                assertEquals("message " + i, next());
                fixture.onLoop(() -> {
                    connection.reading(true);
                    connection.message().end(new byte[100]);
                    return true;
                });
            }

            // Writing to it may be what finds out.
            assertTrue(next().startsWith("closed the "));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldForgetWhatAGonePeerSentWhenItIsClosed(Polling polling) throws Exception {
        stopsAtEachMessage = true;
        try (ZmtpFixture fixture = fixture(polling, ZmtpLimits.builder())) {
            Connection connection = pushedAndGone(fixture);
            assertEquals("message 0", next());
            fixture.onLoop(() -> {
                connection.close("on purpose");
                return told.add("not inside a call");
            });

            assertEquals("not inside a call", next());
            assertTrue(next().startsWith("closed "));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldEndGonePeersWithTheTransport(Polling polling) throws Exception {
        stopsAtEachMessage = true;
        try (ZmtpFixture fixture = fixture(polling, ZmtpLimits.builder())) {
            pushedAndGone(fixture);
            assertEquals("message 0", next());
        }
        assertTrue(next().startsWith("closed "));
        assertTrue(told.isEmpty());
    }

    /** With epoll a connection's end is seen while reading is off; elsewhere it is seen when reading goes on. */
    @Test
    void shouldHoldNoMoreOfGonePeersThanTheInputBudget() throws Exception {
        assumeTrue(Polling.EPOLL.available());
        stopsAtEachMessage = true;
        try (ZmtpFixture fixture = fixture(Polling.EPOLL, ZmtpLimits.builder().totalInputBytesMax(1024))) {
            pushedAndGone(fixture);
            assertEquals("message 0", next());

            String reason = next();
            assertTrue(reason.startsWith("closed INPUT_BYTES"), reason);
            assertEquals(1, fixture.refused(Refusal.INPUT_BYTES));
        }
    }

    /** What it holds is more than what it needs: it would be the first to be ended for another, but not in the middle of this. */
    @Test
    void shouldNotEndAPeerToMakeRoomForItself() throws Exception {
        assumeTrue(Polling.EPOLL.available());
        stopsAtEachMessage = true;
        Wire begun = wire().frame(Wire.MORE | LONG, new byte[8_000])
                .header(LONG, 10_000)
                .raw(new byte[2_000]);
        try (ZmtpFixture fixture = fixture(Polling.EPOLL, ZmtpLimits.builder().totalInputBytesMax(20_000))) {
            Connection connection = pushedAndGone(fixture, begun);
            assertEquals("message 0", next());
            fixture.onLoop(() -> {
                stopsAtEachMessage = false;
                connection.reading(true);
                return true;
            });
            String last = next();
            while (last.startsWith("message ")) {
                last = next();
            }

            assertTrue(last.startsWith("closed "), last);
            assertEquals(0, fixture.loop().failures());
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldChargeWhatItHoldsOfAPeerThatItDoesNotReadFrom(Polling polling) throws Exception {
        try (ZmtpFixture fixture = fixture(polling, ZmtpLimits.builder())) {
            stopsAtEachMessage = true;
            try (RawPeer peer = RawPeer.opened(fixture.bind(recording()), "PUSH")) {
                peer.send(wire().frame(0, "first").frame(LONG, new byte[10_000]).bytes());
                assertEquals("message first", next());
                fixture.await("it is charged", () -> fixture.zmtp().inputBytes() > 0);

                Connection connection = connections.take();
                fixture.onLoop(() -> {
                    connection.reading(true);
                    return true;
                });
                assertEquals("message " + "\0".repeat(10_000), next());
                fixture.await("nothing is charged", () -> fixture.zmtp().inputBytes() == 0);
            }
        }
    }

    private Connection pushedAndGone(ZmtpFixture fixture) throws Exception {
        return pushedAndGone(fixture, wire());
    }

    /** A pusher that sends all at once, and goes while its first message is looked at. */
    private Connection pushedAndGone(ZmtpFixture fixture, Wire last) throws Exception {
        Wire all = wire();
        for (int i = 0; i < MESSAGES; i++) {
            all.frame(0, "" + i);
        }
        all.raw(last.bytes());
        RawPeer peer = RawPeer.opened(fixture.bind(recording()), "PUSH");
        peer.send(all.bytes());
        peer.hangUp();
        return connections.take();
    }

    private static RawPeer opened(String address, int minor) throws Exception {
        RawPeer peer = new RawPeer(address);
        peer.send(Wire.greeting(3, minor, "NULL"));
        peer.send(wire().frame(COMMAND, Wire.ready("Socket-Type", "PUB")).bytes());
        peer.readGreeting();
        assertTrue(peer.readFrame(COMMAND).endsWith("XSUB"));
        return peer;
    }

    private String next() throws InterruptedException {
        String line = told.poll(WAIT_S, TimeUnit.SECONDS);
        assertNotNull(line, "nothing was told");
        return line;
    }

    private Transport.Acceptor recording() {
        return new Transport.Acceptor() {
            @Override
            public boolean serves(SocketType type) {
                return true;
            }

            @Override
            public Transport.ConnectionHandler opened(Connection connection) {
                connections.add(connection);
                return new Recorder(connection);
            }
        };
    }

    private static ZmtpFixture fixture(Polling polling, ZmtpLimits.Builder limits) {
        assumeTrue(polling.available(), polling + " is not available here");
        return new ZmtpFixture(polling, limits.build());
    }

    private final class Recorder implements Transport.ConnectionHandler {
        private final Connection connection;

        Recorder(Connection connection) {
            this.connection = connection;
        }

        @Override
        public void message(Frames message) {
            told.add("message " + Wire.texts(message).get(0));
            if (stopsAtEachMessage) {
                connection.reading(false);
            }
        }

        @Override
        public void subscribe(ByteBuffer topic) {
            told.add("subscribe " + ISO_8859_1.decode(topic));
        }

        @Override
        public void cancel(ByteBuffer topic) {
            told.add("cancel " + ISO_8859_1.decode(topic));
        }

        @Override
        public void drained() {
            told.add("drained");
        }

        @Override
        public void closed(String reason) {
            told.add("closed " + reason);
        }
    }
}
