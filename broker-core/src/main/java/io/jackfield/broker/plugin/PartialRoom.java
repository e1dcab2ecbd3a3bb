package io.jackfield.broker.plugin;

import java.util.concurrent.Semaphore;

/**
 * How far a handler may be ahead of the loop with the partial replies of one call: its threads wait for room, else they could fill the heap.
 * Any thread.
 */
final class PartialRoom {
    private static final int BYTES_MAX = 1 << 20;

    /** What an empty partial reply takes. */
    private static final int BYTES_MIN = 1 << 10;

    /** For a call that nobody waits for. */
    static final PartialRoom CLOSED = new PartialRoom();

    static {
        CLOSED.close();
    }

    private final Semaphore free = new Semaphore(BYTES_MAX);
    private volatile boolean closed;

    /** Waits until that many bytes have room; at once when it is closed. */
    void take(int bodyBytes) {
        int bytes = bytes(bodyBytes);
        if (closed) {
            return;
        }
        free.acquireUninterruptibly(bytes);
        if (closed) { // so may the next one that waits
            free.release(bytes);
        }
    }

    /** They have left. Of what is closed nobody waits for them, and it may be given what was never taken of it. */
    void give(int bodyBytes) {
        if (!closed) {
            free.release(bytes(bodyBytes));
        }
    }

    /** Nobody waits any more; any number of times, for the same one stands for all calls that have ended. */
    void close() {
        if (closed) {
            return;
        }
        closed = true;
        free.release(BYTES_MAX);
    }

    private static int bytes(int bodyBytes) {
        return Math.min(BYTES_MAX, Math.max(BYTES_MIN, bodyBytes));
    }
}
