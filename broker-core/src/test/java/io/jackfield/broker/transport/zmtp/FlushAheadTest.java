package io.jackfield.broker.transport.zmtp;

import static io.jackfield.broker.transport.zmtp.Wire.wire;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jackfield.broker.loop.netty.Polling;
import io.jackfield.broker.model.Frames;
import io.jackfield.broker.transport.Connection;
import io.jackfield.broker.transport.SocketType;
import io.jackfield.broker.transport.Transport.Acceptor;
import io.jackfield.broker.transport.Transport.ConnectionHandler;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What many messages of one read gave is sent in two parts: the peer has the first before the last is taken. */
@Timeout(60)
class FlushAheadTest {
    private static final int MESSAGES = 256;
    private static final int FIRST_PART = 128;

    private final BlockingQueue<Object> seen = new LinkedBlockingQueue<>();

    @Test
    void shouldSendTheFirstRepliesOfManyBeforeTheTurnEnds() throws Exception {
        try (ZmtpFixture fixture = ZmtpFixture.on(Polling.best())) {
            BlockingQueue<RawPeer> peers = new LinkedBlockingQueue<>();
            String address = fixture.bind(new Acceptor() {
                @Override
                public boolean serves(SocketType type) {
                    return true;
                }

                @Override
                public ConnectionHandler opened(Connection connection) {
                    return new Echo(connection, peers);
                }
            });
            try (RawPeer peer = RawPeer.opened(address, "DEALER")) {
                peers.add(peer);
                Wire many = wire();
                for (int i = 0; i < MESSAGES; i++) {
                    many.frame(0, "message");
                }
                peer.send(many.bytes());

                assertEquals(FIRST_PART, seen.poll(20, TimeUnit.SECONDS));
                for (int i = FIRST_PART; i < MESSAGES; i++) {
                    assertEquals("message", peer.readFrame(0));
                }
            }
        }
    }

    /** Has the peer read its first replies, on the loop, while the last message is taken. */
    private final class Echo implements ConnectionHandler {
        private final Connection connection;
        private final BlockingQueue<RawPeer> peers;
        private int taken;

        Echo(Connection connection, BlockingQueue<RawPeer> peers) {
            this.connection = connection;
            this.peers = peers;
        }

        @Override
        public void message(Frames message) {
            connection.message().end(message);
            if (++taken == MESSAGES) {
                seen.add(readFirst());
            }
        }

        private Object readFirst() {
            int read = 0;
            try {
                RawPeer peer = peers.remove();
                for (; read < FIRST_PART; read++) {
                    assertEquals("message", peer.readFrame(0));
                }
                return read;
            } catch (IOException | AssertionError e) {
                return read + " replies: " + e;
            }
        }

        @Override
        public void closed(String reason) {}
    }
}
