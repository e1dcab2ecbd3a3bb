package io.jackfield.broker.peer;

import io.jackfield.broker.model.Frames;
import io.jackfield.broker.tasks.Inlet;
import io.jackfield.broker.tasks.Outlet;

/** A PAIR peer: one of the two ends that are relayed to each other. Owned by the broker loop. */
final class PairEnd extends PassingPeer implements Inlet, Outlet {
    private final Patterns patterns;

    PairEnd(Peer peer, Patterns patterns) {
        super(peer);
        this.patterns = patterns;
    }

    @Override
    public void message(Frames message) {
        patterns.pair().message(this, message);
    }

    @Override
    public void drained() {
        patterns.pair().ready(this);
    }

    @Override
    public void drain() {
        hold();
    }

    @Override
    public void ended(String reason) {
        patterns.leavePair(this);
    }

    @Override
    public String side() {
        return "pair";
    }
}
