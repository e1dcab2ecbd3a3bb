package io.jackfield.broker.peer;

import io.jackfield.broker.dispatch.Assignment;
import io.jackfield.broker.dispatch.RefusedException;
import io.jackfield.broker.model.Frames;

/**
 * A PULL peer on an endpoint for workers: the receiving half of a worker that is given requests on one connection and sends its replies on
 * another, as {@link PushedReplies} (PROTOCOL.md 2). Owned by the broker loop.
 *
 * <pre>
 *   broker -> PULL   [token] [body]+
 * </pre>
 */
final class PullWorker extends PeerWorker implements Conversation {
    private final Peer peer;

    PullWorker(Peer peer) {
        super(peer);
        this.peer = peer;
    }

    /** Registers it for the endpoint's service; a refusal is for the log, since nothing can be said to it. */
    void join() {
        try {
            register(service(), peer.endpoint().credit());
            start();
        } catch (RefusedException e) {
            peer.complain("cannot be a worker here: " + e.failure().cause());
        }
    }

    String service() {
        return peer.endpoint().service();
    }

    @Override
    public void message(Frames message) {
        peer.bad("message of " + message.count() + " frames from a PULL peer (expected: none)");
    }

    @Override
    void write(Assignment assignment) {
        peer.connection()
                .message()
                .frame(assignment.token())
                .end(assignment.envelope().body());
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
}
