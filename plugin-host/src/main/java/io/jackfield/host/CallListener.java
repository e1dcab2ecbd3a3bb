package io.jackfield.host;

import io.jackfield.api.Reply;
import io.jackfield.protocol.Failure;

/**
 * Gets what a handler answers to one call: any number of partial replies, then exactly one of the other two.
 *
 * <p>Called on the handler's thread, or on whichever thread completes an asynchronous handler, cancels a waiting call or
 * refuses one; never two at a time. It must not block: post what it is given to the thread that owns the request. A partial
 * reply alone may wait until there is room for it: so a handler is held back that says more than can be passed on.
 */
public interface CallListener {

    /** A reply before the final one. */
    void partial(Reply reply);

    /** The final reply. */
    void complete(Reply reply);

    /** The call ended without a final reply. */
    void fail(Failure failure);
}
