package io.jackfield.host;

import io.jackfield.protocol.Failure;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The calls that one executor has: those that wait, those that run, each with a permit, and when the last of them has ended. Safe for any
 * thread.
 */
final class CallsInFlight {

    private final WaitingCalls waiting;
    private final Permits permits;
    private final Runnable whenIdle;

    /** What each thread that runs calls runs now, or ran last. */
    private final Set<AtomicReference<@Nullable HandlerCall>> running = ConcurrentHashMap.newKeySet();

    /** Asynchronous calls that go on without a thread. */
    private final Set<HandlerCall> following = ConcurrentHashMap.newKeySet();

    /** Calls that are being taken out of those that wait, and whose end is not told yet. */
    private final AtomicInteger ending = new AtomicInteger();

    private final CompletableFuture<Void> idle = new CompletableFuture<>();
    private volatile boolean draining;
    private volatile boolean closed;

    /** @param whenIdle runs once, when it is drained */
    CallsInFlight(WaitingCalls waiting, Permits permits, Runnable whenIdle) {
        this.waiting = waiting;
        this.permits = permits;
        this.whenIdle = whenIdle;
    }

    int count() {
        return waiting.count() + permits.taken();
    }

    /** A thread begins to run calls; what it gives is told each of them, and then {@link #threadEnds}. */
    AtomicReference<@Nullable HandlerCall> threadBegins() {
        AtomicReference<@Nullable HandlerCall> current = new AtomicReference<>();
        running.add(current);
        return current;
    }

    void threadEnds(AtomicReference<@Nullable HandlerCall> current) {
        running.remove(current);
    }

    void follow(HandlerCall call) {
        following.add(call);
    }

    void followed(HandlerCall call) {
        following.remove(call);
    }

    boolean isDraining() {
        return draining;
    }

    /** Who has told what it runs, and then sees this, cancels it. */
    boolean isClosed() {
        return closed;
    }

    CompletableFuture<Void> drain() {
        draining = true;
        completeIfDrained();
        return idle.copy();
    }

    /** Drains, and cancels them all. */
    void close() {
        draining = true;
        closed = true;
        waiting.forEach(HandlerCall::cancel);
        running.forEach(CallsInFlight::cancelCurrent);
        following.forEach(HandlerCall::cancel);
        completeIfDrained();
    }

    private static void cancelCurrent(AtomicReference<@Nullable HandlerCall> thread) {
        HandlerCall call = thread.get();
        if (call != null) {
            call.cancel();
        }
    }

    /** True if the call waited and now does not any more: it has been ended. */
    boolean endWaiting(HandlerCall call, Failure failure) {
        ending.incrementAndGet();
        try {
            if (!waiting.remove(call)) {
                return false;
            }
            call.end(null, failure);
            return true;
        } finally {
            ending.decrementAndGet();
            completeIfDrained();
        }
    }

    /** To be called when a call has ended and its permit is free. */
    void completeIfDrained() {
        // A call that waits gets a permit, or is being ended: read in that order, none is missed.
        if (draining && waiting.isEmpty() && permits.taken() == 0 && ending.get() == 0 && idle.complete(null)) {
            whenIdle.run();
        }
    }
}
