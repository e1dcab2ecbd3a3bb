package io.jackfield.broker.peer;

import io.jackfield.broker.model.Frames;
import java.nio.ByteBuffer;

/** One peer in one dialect. Owned by the broker loop. */
interface Conversation {
    /** A whole message; the frames are borrowed. */
    void message(Frames message);

    /** A subscription that came as a command. */
    default void subscribe(ByteBuffer topic) {}

    /** The end of a subscription that came as a command. */
    default void cancel(ByteBuffer topic) {}

    /** What was written to the peer has gone, and {@code Connection.tellDrained} was asked before. */
    default void drained() {}

    /** The peer is gone, or goes on in another dialect: everything it asked is cancelled, everything it had in hand is lost. */
    void ended(String reason);

    /** Time passes. */
    default void tick(long nowNs) {}

    /** The broker begins to drain: says so where the dialect can. */
    default void drain() {}

    /** What it has as a worker may end, and no more comes: {@link Peer#isWithdrawn} from now on. */
    default void withdraw() {}

    /** It has ended, and the broker closes the connection: says so where the dialect can. */
    default void goodbye() {}

    String dialect();

    String side();

    /** Requests of the peer that have not ended. */
    default int outstanding() {
        return 0;
    }

    /** Requests that the peer has as a worker. */
    default int inFlight() {
        return 0;
    }

    /** Topics that the peer has subscribed to. */
    default int subscriptions() {
        return 0;
    }
}
