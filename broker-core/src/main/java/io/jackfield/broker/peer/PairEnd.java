package io.jackfield.broker.peer;

import io.jackfield.broker.model.Frames;
import io.jackfield.broker.tasks.Inlet;
import io.jackfield.broker.tasks.Outlet;

/** A PAIR peer: one of the two ends that the endpoint relays to each other. Owned by the broker loop. */
final class PairEnd implements Conversation, Inlet, Outlet {
    private final Peer peer;
    private final Patterns patterns;
    private boolean draining;

    PairEnd(Peer peer, Patterns patterns) {
        this.peer = peer;
        this.patterns = patterns;
    }

    @Override
    public void message(Frames message) {
        patterns.pair().message(this, message);
    }

    @Override
    public void send(Frames message) {
        peer.connection().message().end(message);
    }

    @Override
    public boolean isFull() {
        return peer.connection().outputBytes() >= peer.limits().patterns().taskOutputBytesMax();
    }

    @Override
    public void tellWhenNotFull() {
        peer.connection().tellDrained();
    }

    @Override
    public void drained() {
        patterns.pair().notFull(this);
    }

    @Override
    public void reading(boolean on) {
        peer.connection().reading(on && !draining);
    }

    /** What is left with the peer is not lost without its knowing. */
    @Override
    public void drain() {
        draining = true;
        reading(false);
    }

    @Override
    public void ended(String reason) {
        patterns.leavePair(this);
    }

    @Override
    public String dialect() {
        return "plain";
    }

    @Override
    public String side() {
        return "pair";
    }
}
