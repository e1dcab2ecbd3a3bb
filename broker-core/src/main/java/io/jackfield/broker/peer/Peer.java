package io.jackfield.broker.peer;

import io.jackfield.broker.dispatch.Dispatcher;
import io.jackfield.broker.model.Frames;
import io.jackfield.broker.transport.Connection;
import io.jackfield.broker.transport.SocketType;
import io.jackfield.broker.transport.Transport;
import java.nio.ByteBuffer;

/**
 * A connected peer: hands what it says to its conversation, counts what it does wrong, and knows when it was last heard. Owned by the
 * broker loop.
 */
final class Peer implements Transport.ConnectionHandler {
    private final Connection connection;
    private final EndpointSettings endpoint;
    private final PeerRegistry registry;
    private final PeerCounters counters;
    private Conversation conversation;
    private boolean complained;
    private boolean closing;
    private boolean withdrawn;
    private boolean heard = true;
    private long heardNs;

    Peer(Connection connection, EndpointSettings endpoint, PeerRegistry registry) {
        this.connection = connection;
        this.endpoint = endpoint;
        this.registry = registry;
        this.counters = new PeerCounters(registry.counters());
        this.conversation = Silence.BEFORE;
    }

    Connection connection() {
        return connection;
    }

    SocketType socketType() {
        return connection.socketType();
    }

    EndpointSettings endpoint() {
        return endpoint;
    }

    PeerLimits limits() {
        return registry.limits();
    }

    Dispatcher dispatcher() {
        return registry.dispatcher();
    }

    String brokerId() {
        return registry.brokerId();
    }

    /** Goes on in another conversation; the one before has been ended by the caller, or goes on within the new one. */
    void become(Conversation next) {
        conversation = next;
    }

    /** Goes on in another conversation, which takes this message. */
    void become(Conversation next, Frames message) {
        conversation = next;
        next.message(message);
        if (registry.isDraining()) {
            drain();
        }
    }

    @Override
    public void message(Frames message) {
        heard = true;
        if (closing) {
            return;
        }
        try {
            conversation.message(message);
        } catch (RuntimeException bug) {
            failed(bug);
        }
    }

    @Override
    public void subscribe(ByteBuffer topic) {
        heard = true;
        guarded(() -> conversation.subscribe(topic));
    }

    @Override
    public void cancel(ByteBuffer topic) {
        heard = true;
        guarded(() -> conversation.cancel(topic));
    }

    @Override
    public void drained() {
        guarded(() -> conversation.drained());
    }

    private void guarded(Runnable step) {
        if (closing) {
            return;
        }
        try {
            step.run();
        } catch (RuntimeException bug) {
            failed(bug);
        }
    }

    private void failed(RuntimeException bug) {
        add(PeerEvent.INTERNAL_ERROR);
        registry.log().error("a message of " + describe() + " met a bug of the broker", bug);
        close("INTERNAL_ERROR: a message of this peer met a bug of the broker");
    }

    @Override
    public void closed(String reason) {
        closing = true;
        registry.remove(this);
        end(reason);
    }

    /** Input was read before this is called: a peer that spoke since the last time was not silent. */
    void tick(long nowNs, boolean judge) {
        if (heard || !judge) {
            heard = false;
            heardNs = nowNs;
        }
        if (!closing) {
            conversation.tick(nowNs);
        }
    }

    long silentNs(long nowNs) {
        return nowNs - heardNs;
    }

    void drain() {
        if (!closing) {
            conversation.drain();
        }
    }

    /** As a worker, now or later, it gets nothing more; the peer is not told. */
    void withdraw() {
        withdrawn = true;
        guarded(() -> conversation.withdraw());
    }

    boolean isWithdrawn() {
        return withdrawn;
    }

    /** Requests that it has as a worker. */
    int inFlight() {
        return conversation.inFlight();
    }

    /** Ends what the peer has, with a word of goodbye, and closes the connection. */
    void close(String reason) {
        if (closing) {
            return;
        }
        closing = true;
        Conversation last = conversation;
        end(reason);
        last.goodbye();
        connection.close(reason);
    }

    void add(PeerEvent event) {
        counters.add(event);
    }

    /** Counts a message that breaks the rules and tells of the first; too many end the connection. */
    void bad(String reason) {
        add(PeerEvent.BAD_MESSAGE);
        complain(reason);
        int max = limits().badMessagesMax();
        if (counters.count(PeerEvent.BAD_MESSAGE) > max) {
            close("more than " + max + " bad messages (bad-messages-max), the last: " + reason);
        }
    }

    void stray(String what) {
        add(PeerEvent.STRAY_REPLY);
        complain(what);
    }

    /** Tells the log; only the first time, so that one peer cannot fill it. */
    void complain(String reason) {
        if (!complained) {
            complained = true;
            registry.log().warn(describe() + ": " + reason + " (told once for this peer; the rest is counted)");
        }
    }

    /** Tells the log what the peer has not done wrong. The caller sees to it that it is told once. */
    void tell(String line) {
        registry.log().warn(line);
    }

    PeerView view() {
        return new PeerView(
                connection.id(),
                endpoint.name(),
                connection.remoteAddress(),
                connection.socketType(),
                conversation.dialect(),
                conversation.side(),
                conversation.outstanding(),
                conversation.inFlight(),
                counters.count(PeerEvent.BAD_MESSAGE),
                counters.count(PeerEvent.STRAY_REPLY),
                conversation.subscriptions(),
                counters.count(PeerEvent.DROPPED) + counters.count(PeerEvent.NOT_A_SUBSCRIPTION),
                connection.outputBytes());
    }

    String describe() {
        return describe(conversation.dialect());
    }

    /** For people: {@code plain REP 127.0.0.1:41234}. */
    String describe(String dialect) {
        return dialect + " " + connection.socketType() + " " + connection.remoteAddress();
    }

    private void end(String reason) {
        conversation.ended(reason);
        conversation = Silence.AFTER;
    }
}
