package io.jackfield.broker.model;

import io.jackfield.protocol.Failure;

/**
 * Where the answer to one request goes. Owned by the broker loop. Any number of partial replies, then exactly one end: {@link #complete}
 * or {@link #fail}. The reply's body may be borrowed: an implementation writes or keeps it before it returns.
 */
public interface ReplyRoute {
    /** One of several replies; more follow. */
    void partial(Reply reply);

    /** The last or only reply. */
    void complete(Reply reply);

    /** The request ended without a reply. */
    void fail(Failure failure);
}
