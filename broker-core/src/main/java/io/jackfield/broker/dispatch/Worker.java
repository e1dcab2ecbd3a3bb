package io.jackfield.broker.dispatch;

import io.jackfield.protocol.Headers;

/**
 * Does the work: a remote worker in any dialect, or the handlers of a plugin. The dispatcher cannot tell which. Owned by the broker loop.
 */
public interface Worker {
    /** For people and the admin view: what it is and where, for example {@code jf1 127.0.0.1:41234 c-worker}. */
    String description();

    /** What it said of itself when it joined: {@code kit}, {@code label.*}, and whatever else. */
    default Headers about() {
        return Headers.EMPTY;
    }

    /** True for a handler in the broker's own process. */
    default boolean isInProcess() {
        return false;
    }

    /**
     * Takes a request. The worker answers through its {@link WorkerSession}, with the assignment's token, during this call or later. The
     * body may be borrowed: it is written or kept before this returns.
     */
    void assign(Assignment assignment);

    /** The request, which it still has, has ended for the client; a later answer to it is dropped. */
    void cancel(Assignment assignment);

    /**
     * The worker holds the request long past its end: whoever can, ends the connection, which gives the worker up. A handler in
     * this process cannot be made to let go; its thread is written off and replaced.
     */
    void expel(Assignment assignment, String reason);
}
