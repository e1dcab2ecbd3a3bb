package io.jackfield.broker.transport;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.jackfield.broker.loop.Mailbox;
import io.jackfield.broker.model.Frames;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/** Takes every peer and hands it to the test. */
public final class RecordingAcceptor implements Transport.Acceptor {
    private static final long WAIT_S = 20;

    private final Mailbox loop;
    private final BiConsumer<Connection, Frames> onMessage;
    private final Set<SocketType> served;
    private final BlockingQueue<RecordedPeer> peers = new LinkedBlockingQueue<>();

    private RecordingAcceptor(Mailbox loop, BiConsumer<Connection, Frames> onMessage, Set<SocketType> served) {
        this.loop = loop;
        this.onMessage = onMessage;
        this.served = served;
    }

    /** Only remembers messages. */
    public static RecordingAcceptor recording(Mailbox loop) {
        return doing(loop, (connection, message) -> {});
    }

    /** Sends every message back. */
    public static RecordingAcceptor echo(Mailbox loop) {
        return doing(loop, (connection, message) -> connection.message().end(message));
    }

    /** Does that with every message. */
    public static RecordingAcceptor doing(Mailbox loop, BiConsumer<Connection, Frames> onMessage) {
        return new RecordingAcceptor(loop, onMessage, EnumSet.allOf(SocketType.class));
    }

    /** Only remembers messages, and takes only peers of that type. */
    public static RecordingAcceptor serving(Mailbox loop, SocketType type) {
        return new RecordingAcceptor(loop, (connection, message) -> {}, EnumSet.of(type));
    }

    @Override
    public boolean serves(SocketType type) {
        return served.contains(type);
    }

    @Override
    public Transport.ConnectionHandler opened(Connection connection) {
        RecordedPeer peer = new RecordedPeer(loop, connection, onMessage);
        peers.add(peer);
        return peer;
    }

    /** The next peer that came, waiting for it. */
    public RecordedPeer peer() throws InterruptedException {
        RecordedPeer peer = peers.poll(WAIT_S, TimeUnit.SECONDS);
        assertNotNull(peer, "no peer came");
        return peer;
    }

    /** Peers that came and were not taken. */
    public int waitingPeers() {
        return peers.size();
    }
}
