package io.jackfield.host;

import io.jackfield.api.Reply;
import io.jackfield.protocol.Failure;

/**
 * Gets what a handler answers to one call: any number of partial replies, then exactly one of the other two.
 *
 * <p>Called on the handler's thread, or on whichever thread completes an asynchronous handler, cancels a waiting call or
 * refuses one; never two at a time. It must not block: post what it is given to the thread that owns the request. Only
 * {@link #partial} may wait for room, where whatever cancels the call ends that wait first; else {@link #awaitRoom} is for it.
 */
public interface CallListener {

    /**
     * Waits on the handler's thread until a partial reply may be given: the one method that may block, and the one that several threads may
     * call at a time. It must come back once the call was cancelled or has ended.
     */
    default void awaitRoom(Reply reply) {}

    /** A reply before the final one; {@link #awaitRoom} was called for it. Where the call has ended meanwhile, this is not. */
    void partial(Reply reply);

    /** The final reply. */
    void complete(Reply reply);

    /** The call ended without a final reply. */
    void fail(Failure failure);
}
