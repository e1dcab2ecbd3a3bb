package io.jackfield.host;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Calls of one handler that were written off and that it still has not let go of: each holds a thread, which is replaced. Safe for any
 * thread.
 */
final class LostCalls {

    private final CallThreads threads;
    private final int concurrency;
    private final AtomicInteger count = new AtomicInteger();
    private final ReentrantLock resizing = new ReentrantLock();

    /** @param concurrency calls that run at a time; as many may be lost: who loses more would lose them all */
    LostCalls(CallThreads threads, int concurrency) {
        this.threads = threads;
        this.concurrency = concurrency;
    }

    int count() {
        return count.get();
    }

    /** Counts the call and replaces its thread; false if it has ended, or too many are lost. */
    boolean add(HandlerCall call) {
        if (count.incrementAndGet() > concurrency || !call.takePermit()) {
            count.decrementAndGet();
            return false;
        }
        resize();
        return true;
    }

    /** A call has ended that nobody waits for: if it was lost, its thread is one too many. */
    void ended(HandlerCall call) {
        if (call.comesBack()) {
            count.decrementAndGet();
            resize();
        }
    }

    private void resize() {
        resizing.lock();
        try {
            threads.resize(concurrency + Math.min(count.get(), concurrency));
        } finally {
            resizing.unlock();
        }
    }
}
