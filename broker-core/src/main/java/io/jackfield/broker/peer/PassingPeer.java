package io.jackfield.broker.peer;

import io.jackfield.broker.model.Frames;

/**
 * A PUSH, PULL or PAIR peer, as far as they are the same: how it is written to and held back. What extends this is an {@code Inlet}, an
 * {@code Outlet} or both. Owned by the broker loop.
 */
abstract class PassingPeer implements Conversation {
    final Peer peer;
    private boolean held;

    PassingPeer(Peer peer) {
        this.peer = peer;
    }

    public final void send(Frames message) {
        peer.connection().message().end(message);
    }

    public final boolean hasGone() {
        return !peer.connection().takesOutput();
    }

    public final boolean hasUnread() {
        return !hasGone() && peer.connection().outputBytes() > 0;
    }

    public final boolean isReady() {
        return !hasGone()
                && peer.connection().outputBytes() < peer.limits().patterns().taskOutputBytesMax();
    }

    public final void tellWhenReady() {
        peer.connection().tellDrained();
    }

    public final void reading(boolean on) {
        peer.connection().reading(on && !held);
    }

    /**
     * Not read from any more: what is left with the peer is not lost without its knowing, and can still go to another broker. A peer that has
     * gone keeps nothing.
     */
    final void hold() {
        if (!hasGone()) {
            held = true;
            reading(false);
        }
    }

    @Override
    public final void tick(long nowNs) {
        if (held && hasGone()) { // since: what is left with it comes now
            held = false;
            reading(true);
        }
    }

    @Override
    public final String dialect() {
        return "plain";
    }
}
