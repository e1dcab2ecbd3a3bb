package io.jackfield.host;

import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Calls of one handler that wait for a thread, first come first served, no more than are allowed. They come in batches and leave one by
 * one. Safe for any thread.
 */
final class WaitingCalls {

    private final int max;
    private final AtomicInteger count = new AtomicInteger();
    private final Queue<Batch> queue = new ConcurrentLinkedQueue<>();

    /** Calls that came together; who takes one leaves null. Nothing is added to it. */
    private static final class Batch extends AtomicReferenceArray<@Nullable HandlerCall> {

        private static final long serialVersionUID = 1;

        /** Before it all are taken. Threads overwrite each other's, which makes it too low at worst. */
        private int from;

        Batch(List<HandlerCall> calls) {
            super(calls.size());
            for (int i = 0; i < calls.size(); i++) {
                setPlain(i, calls.get(i)); // published with the batch
            }
        }

        @Nullable
        HandlerCall take() {
            for (int i = from; i < length(); i++) {
                HandlerCall call = getAndSet(i, null);
                from = i + 1;
                if (call != null) {
                    return call;
                }
            }
            return null;
        }

        boolean isTaken() {
            for (int i = 0; i < length(); i++) {
                if (get(i) != null) {
                    return false;
                }
            }
            return true;
        }

        boolean remove(HandlerCall call) {
            for (int i = 0; i < length(); i++) {
                if (get(i) == call) {
                    return compareAndSet(i, call, null);
                }
            }
            return false;
        }
    }

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
        return count.get() == 0;
    }

    /**
     * Puts the calls in line, or the first of them if not all have room.
     *
     * @param startable threads that are free for as many of those in line
     * @return how many are in line now
     */
    int add(List<HandlerCall> calls, int startable) {
        int over = count.addAndGet(calls.size()) - (max + startable);
        int taken = over <= 0 ? calls.size() : Math.max(0, calls.size() - over);
        count.addAndGet(taken - calls.size());
        if (taken > 0) {
            queue.add(new Batch(calls.subList(0, taken)));
        }
        return taken;
    }

    /** True if the call waited and now does not any more: whoever gets true ends it. */
    boolean remove(HandlerCall call) {
        for (Iterator<Batch> batches = queue.iterator(); batches.hasNext(); ) {
            Batch batch = batches.next();
            if (batch.remove(call)) {
                count.decrementAndGet();
                if (batch.isTaken()) {
                    batches.remove();
                }
                return true;
            }
        }
        return false;
    }

    boolean contains(HandlerCall call) {
        for (Batch batch : queue) {
            for (int i = 0; i < batch.length(); i++) {
                if (batch.get(i) == call) {
                    return true;
                }
            }
        }
        return false;
    }

    void forEach(Consumer<HandlerCall> seen) {
        for (Batch batch : queue) {
            for (int i = 0; i < batch.length(); i++) {
                HandlerCall call = batch.get(i);
                if (call != null) {
                    seen.accept(call);
                }
            }
        }
    }

    /** That are kept, be it that nothing of them waits any more; looks at all. */
    int batches() {
        return queue.size();
    }

    /** The next, for who starts it; null if none waits. */
    @Nullable
    HandlerCall poll() {
        for (Batch batch = queue.peek(); batch != null; batch = queue.peek()) {
            HandlerCall next = batch.take();
            if (next != null) {
                count.decrementAndGet();
                return next;
            }
            queue.remove(batch);
        }
        return null;
    }
}
