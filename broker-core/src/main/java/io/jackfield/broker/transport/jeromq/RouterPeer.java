package io.jackfield.broker.transport.jeromq;

import io.jackfield.broker.transport.SocketType;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import zmq.io.Metadata;

/** A peer as JeroMQ's thread knows it, and the connection's way to it. Fields are owned by JeroMQ's thread, methods say who calls. */
final class RouterPeer implements JeromqConnection.Way {
    private final Router router;
    private final RouterThread thread;
    private final byte[] identity;

    /** One object a connection: the same identity with another is another connection. Old peers (ZMTP 2) have none. */
    private final @Nullable Metadata metadata;

    private final Optional<SocketChannel> channel;
    private final JeromqConnection connection;
    private boolean left;

    RouterPeer(Router router, RouterThread thread, byte[] identity, @Nullable Metadata metadata) {
        this.router = router;
        this.thread = thread;
        this.identity = identity;
        this.metadata = metadata;
        String address = property(Metadata.PEER_ADDRESS, "?");
        this.channel = thread.connections().claim(address);
        this.connection = new JeromqConnection(
                thread.nextId(),
                SocketType.named(property(Metadata.SOCKET_TYPE, "")).orElse(SocketType.DEALER),
                shown(address),
                this,
                thread.limits().outputBytesMax());
    }

    byte[] identity() {
        return identity;
    }

    /** Whether a message with that metadata came on this peer's connection: two connections may say the same of themselves. */
    boolean isOf(@Nullable Object other) {
        return metadata == other;
    }

    Optional<SocketChannel> channel() {
        return channel;
    }

    JeromqConnection connection() {
        return connection;
    }

    /** Whether the broker has no more to do with it: what it still says is dropped. */
    boolean left() {
        return left;
    }

    void leave() {
        left = true;
    }

    // ---- on the broker loop ----

    @Override
    public boolean send(List<OutputFrame> message) {
        return thread.offer(() -> router.send(this, message));
    }

    @Override
    public void hangUp(boolean gently) {
        thread.post(() -> thread.hangUp(router, this, gently));
    }

    @Override
    public void refused(Refusal refusal, String reason) {
        thread.counters().count(refusal);
        String line = connection + " was cut off: " + reason;
        thread.post(() -> thread.log(line));
    }

    @Override
    public void consumed(int wireBytes) {
        thread.consumed(wireBytes);
    }

    @Override
    public void later(Runnable command) {
        thread.loop().post(command);
    }

    private String property(String name, String otherwise) {
        if (metadata == null) {
            return otherwise;
        }
        String value = metadata.get(name);
        return value == null ? otherwise : value;
    }

    /** {@code [0:0:0:0:0:0:0:1]:41234} for what JeroMQ writes without brackets; anything a peer made up is cut short. */
    private static String shown(String address) {
        int colon = address.lastIndexOf(':');
        if (!address.matches("[0-9a-fA-F:.%a-z]{3,80}") || colon < 1) {
            return "?";
        }
        String host = address.substring(0, colon);
        return host.contains(":") ? "[" + host + "]" + address.substring(colon) : address;
    }
}
