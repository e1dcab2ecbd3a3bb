package io.jackfield.host;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Calls of one handler that wait for a thread, first come first served, no more than are allowed. Safe for any thread. */
final class WaitingCalls {

    private final int max;
    private final AtomicInteger count = new AtomicInteger();
    private final Queue<HandlerCall> queue = new ConcurrentLinkedQueue<>();

    /** @param max that may wait while no thread is free */
    WaitingCalls(int max) {
        this.max = max;
    }

    int max() {
        return max;
    }

    int count() {
        return count.get();
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    /**
     * Puts the call in line; false if too many wait.
     *
     * @param startable threads that are free for as many of those in line
     */
    boolean add(HandlerCall call, int startable) {
        if (count.incrementAndGet() > max + startable) {
            count.decrementAndGet();
            return false;
        }
        queue.add(call);
        return true;
    }

    /** True if the call waited and now does not any more: whoever gets true ends it. */
    boolean remove(HandlerCall call) {
        boolean removed = queue.remove(call);
        if (removed) {
            count.decrementAndGet();
        }
        return removed;
    }

    /** The next, for who starts it; null if none waits. */
    @Nullable
    HandlerCall poll() {
        HandlerCall next = queue.poll();
        if (next != null) {
            count.decrementAndGet();
        }
        return next;
    }
}
