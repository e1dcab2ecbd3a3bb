package io.jackfield.broker.peer;

import io.jackfield.broker.dispatch.Assignment;
import io.jackfield.broker.dispatch.RefusedException;
import io.jackfield.broker.model.Frames;
import io.jackfield.broker.model.Reply;
import io.jackfield.broker.transport.Connection;
import io.jackfield.broker.transport.MessageWriter;
import io.jackfield.broker.transport.SocketType;

/**
 * A worker that knows no protocol: it serves the endpoint's service and gives back what stood before the body (PROTOCOL.md 2). One that is
 * a PULL peer is half a worker: its replies come by another connection, as {@link PushedReplies}. Owned by the broker loop.
 *
 * <pre>
 *   broker -> REP or ROUTER    [token] [empty] [body]+
 *   broker -> DEALER or PULL   [token] [body]+
 * </pre>
 */
final class PlainWorker extends PeerWorker implements Conversation {
    private final Peer peer;
    private final Connection connection;
    private final SocketType socketType;
    private final boolean delimited;

    PlainWorker(Peer peer) {
        super(peer);
        this.peer = peer;
        this.connection = peer.connection();
        this.socketType = peer.socketType();
        this.delimited = socketType == SocketType.REP || socketType == SocketType.ROUTER;
    }

    /** Registers it for the endpoint's service; a refusal is for the log, since nothing can be said to it. */
    void join() {
        int credit = socketType == SocketType.REP ? 1 : peer.endpoint().credit();
        try {
            register(service(), credit);
            start();
        } catch (RefusedException e) {
            peer.complain("cannot be a worker here: " + e.failure().cause());
        }
    }

    /** Whether what PUSH peers bring for the service may be replies of this worker. */
    boolean isAnsweredByPushers(String service) {
        return socketType == SocketType.PULL && service().equals(service);
    }

    private String service() {
        return peer.endpoint().service();
    }

    @Override
    public void message(Frames message) {
        if (socketType == SocketType.PULL) {
            peer.bad("message of " + message.count() + " frames from a PULL peer (expected: none)");
            return;
        }
        if (message.count() == 1 && FrameMatch.isEmpty(message, 0)) {
            peer.add(PeerEvent.PROBE);
            return;
        }
        int body = bodyFrom(message);
        if (body < 0) {
            strayReply();
            return;
        }
        reply(FrameMatch.number(message, 0), Reply.of(message.tail(body)));
    }

    @Override
    void write(Assignment assignment) {
        MessageWriter writer = connection.message().frame(assignment.token());
        if (delimited) {
            writer.empty();
        }
        writer.end(assignment.envelope().body());
    }

    @Override
    public void ended(String reason) {
        lost(reason);
    }

    @Override
    public String description() {
        return peer.describe(dialect());
    }

    @Override
    public String dialect() {
        return "plain";
    }

    @Override
    public String side() {
        return "worker";
    }

    /** Where the body of a reply begins; -1 if this is none. */
    private int bodyFrom(Frames message) {
        if (message.count() < 2 || message.partBytes(0) != Long.BYTES) {
            return -1;
        }
        boolean emptyBehindToken = delimited && message.count() > 2 && FrameMatch.isEmpty(message, 1);
        if (emptyBehindToken) {
            return 2;
        }
        // libzmq's REP gives the empty frame back in every case; a ROUTER program may have taken it off.
        return socketType == SocketType.REP ? -1 : 1;
    }
}
