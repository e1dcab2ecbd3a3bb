package io.jackfield.broker.peer;

import io.jackfield.broker.model.Frames;
import io.jackfield.broker.model.Reply;

/**
 * A PUSH peer on an endpoint for workers: brings replies to requests of the endpoint's service that PULL peers have, each a
 * {@link PlainWorker}, on whatever endpoint those came in by (PROTOCOL.md 2). Owned by the broker loop.
 *
 * <pre>
 *   PUSH -> broker   [token] [body]+
 * </pre>
 */
final class PushedReplies implements Conversation {
    private final Peer peer;

    PushedReplies(Peer peer) {
        this.peer = peer;
    }

    @Override
    public void message(Frames message) {
        boolean wellFormed = message.count() > 1 && message.partBytes(0) == Long.BYTES;
        long token = wellFormed ? FrameMatch.number(message, 0) : 0;
        if (wellFormed
                && peer.dispatcher().workerWith(token) instanceof PlainWorker worker
                && worker.isAnsweredByPushers(peer.endpoint().service())) {
            worker.reply(token, Reply.of(message.tail(1)));
        } else {
            peer.stray("reply to a request that no PULL peer of service "
                    + peer.endpoint().service() + " has: late, cancelled or invented");
        }
    }

    /** Its replies have no end of their own: what the PULL half has in hand is lost with that half. */
    @Override
    public void ended(String reason) {}

    @Override
    public String dialect() {
        return "plain";
    }

    @Override
    public String side() {
        return "worker";
    }
}
