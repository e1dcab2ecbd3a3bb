package io.jackfield.host;

import io.jackfield.api.AsyncHandler;
import io.jackfield.api.Handler;
import io.jackfield.api.Reply;
import io.jackfield.api.Request;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Runs the calls of one handler on threads of its own: at most {@code concurrency} at a time, at most
 * {@code queueLengthMax} waiting, first come first served. Safe for any thread.
 *
 * <p>Each call that is taken ends exactly once at its listener, whatever the handler does, as long as it returns. A
 * handler that ignores the interrupt and never returns keeps its thread and its permit, and nothing else.
 */
public final class HandlerExecutor {

    private final Declared declared;
    private final CallContext.Surroundings surroundings;
    private final int queueLengthMax;
    private final CallThreads threads;
    private final HandlerOutcome outcome;

    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();
    private final Queue<HandlerCall> queue = new ConcurrentLinkedQueue<>();
    private final Set<HandlerCall> inFlight = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Void> idle = new CompletableFuture<>();
    private volatile boolean draining;
    // Given up by release(): who still holds this executor then must not hold the plugin's classes.
    private volatile @Nullable Handler handler;

    HandlerExecutor(
            Declared declared,
            Handler handler,
            CallContext.Surroundings surroundings,
            String threadName,
            int queueLengthMax) {
        this.declared = declared;
        this.handler = handler;
        this.surroundings = surroundings;
        this.queueLengthMax = queueLengthMax;
        this.threads = CallThreads.of(threadName, declared.concurrency());
        this.outcome = new HandlerOutcome(declared.service(), surroundings.logger());
    }

    /**
     * Calls the handler on one of its threads, or lets the call wait for one.
     *
     * @param deadlineNs on the host's nano clock; a call that still waits then ends with {@code DEADLINE_EXCEEDED}
     *     when its turn comes, and one that runs sees itself cancelled; who wants it interrupted calls
     *     {@link HandlerCall#cancel()}
     * @param listener told of a refusal ({@code OVERLOADED}, {@code DRAINING}) before this returns
     */
    public HandlerCall execute(Request request, long deadlineNs, CallListener listener) {
        HandlerCall call = admit(request, deadlineNs, listener);
        if (call.hasEnded()) {
            return call;
        }
        if (tryAcquire()) {
            start(call);
        } else {
            enqueue(call);
        }
        return call;
    }

    /**
     * Calls a {@code nonBlocking} handler on the caller's own thread, or, when as many calls run as are allowed, does
     * what {@link #execute} does.
     *
     * @throws IllegalStateException if the handler did not declare itself so
     */
    public HandlerCall executeInline(Request request, long deadlineNs, CallListener listener) {
        if (!declared.nonBlocking()) {
            throw new IllegalStateException("handler of " + declared.service() + " may block (expected: nonBlocking)");
        }
        if (handler instanceof AsyncHandler || !tryAcquire()) {
            return executeOrStart(request, deadlineNs, listener);
        }
        // The permit is what a drain waits for: a call that ends before this returns is not entered among those in
        // flight.
        HandlerCall call = new HandlerCall(this, request, deadlineNs, listener);
        if (draining) {
            call.end(null, beingReplaced());
        } else {
            invoke(call);
        }
        releaseAndStartNext();
        return call;
    }

    private HandlerCall executeOrStart(Request request, long deadlineNs, CallListener listener) {
        HandlerCall call = admit(request, deadlineNs, listener);
        if (call.hasEnded()) {
            return call;
        }
        if (!tryAcquire()) {
            enqueue(call);
        } else if (invoke(call)) {
            releaseAndStartNext();
        }
        return call;
    }

    /** Calls that run or wait. */
    public int inFlight() {
        return Math.max(inFlight.size(), running.get());
    }

    /** Calls that wait for a thread. */
    public int queueLength() {
        return waiting.get();
    }

    /** Takes no more calls; what this gives completes when the last one has ended. Its dependents must not block. */
    public CompletableFuture<Void> drain() {
        draining = true;
        completeWhenIdle();
        return idle.copy();
    }

    /** Drains, and cancels what is in flight. Returns at once; {@link #drain()} tells when all of it has ended. */
    public void close() {
        draining = true;
        inFlight.forEach(HandlerCall::cancel);
        completeWhenIdle();
    }

    /** Forgets the handler; only after {@link #drain()} has completed, or when its calls are given up. */
    void release() {
        handler = null;
    }

    private HandlerCall admit(Request request, long deadlineNs, CallListener listener) {
        HandlerCall call = new HandlerCall(this, request, deadlineNs, listener);
        // First in, then look: either this sees the drain, or the drain sees this.
        inFlight.add(call);
        if (draining) {
            call.end(null, beingReplaced());
            finished(call);
        }
        return call;
    }

    private Failure beingReplaced() {
        String cause = "the plugin that serves " + declared.service() + " is being replaced or removed";
        return Failure.of(ErrorCode.DRAINING, cause, "try again");
    }

    private void enqueue(HandlerCall call) {
        if (waiting.incrementAndGet() > queueLengthMax) {
            waiting.decrementAndGet();
            String cause =
                    "the queue of the handler of " + declared.service() + " is full: " + queueLengthMax + " calls";
            call.end(
                    null,
                    Failure.of(ErrorCode.OVERLOADED, cause, "try again later, or raise the handler's concurrency"));
            finished(call);
            return;
        }
        queue.add(call);
        if (call.isCancelled()) {
            call.cancel();
        }
        startNext();
    }

    /** True if the call waited and now does not any more: whoever gets true ends it. */
    boolean takeBack(HandlerCall call) {
        boolean taken = queue.remove(call);
        if (taken) {
            waiting.decrementAndGet();
        }
        return taken;
    }

    private @Nullable HandlerCall poll() {
        HandlerCall next = queue.poll();
        if (next != null) {
            waiting.decrementAndGet();
        }
        return next;
    }

    private boolean tryAcquire() {
        int now = running.get();
        while (now < declared.concurrency()) {
            if (running.compareAndSet(now, now + 1)) {
                return true;
            }
            now = running.get();
        }
        return false;
    }

    private void releaseAndStartNext() {
        running.decrementAndGet();
        startNext();
        if (draining) {
            completeWhenIdle();
        }
    }

    private void startNext() {
        // Looks again after each release: a call may have been queued while the last permit was still taken.
        while (!queue.isEmpty() && tryAcquire()) {
            HandlerCall next = poll();
            if (next != null) {
                start(next);
            } else {
                running.decrementAndGet();
            }
        }
    }

    private void start(HandlerCall call) {
        try {
            threads.execute(() -> runAndFollow(call));
        } catch (OutOfMemoryError | RejectedExecutionException e) {
            // The machine's limit of threads: this call cannot be had, the caller's loop goes on.
            running.decrementAndGet();
            String cause = "no thread for service " + declared.service() + ": " + Texts.of(e);
            endAs(
                    call,
                    null,
                    Failure.of(ErrorCode.OVERLOADED, cause, "raise the limit of threads, or lower concurrency"));
        }
    }

    /** Runs a call and, with its permit and on its thread, those that wait behind it. */
    private void runAndFollow(HandlerCall first) {
        HandlerCall call = first;
        while (call != null) {
            call.enterThread();
            boolean permitFree;
            try {
                permitFree = invoke(call);
            } finally {
                call.leaveThread();
            }
            if (!permitFree) {
                return;
            }
            call = poll();
        }
        releaseAndStartNext();
    }

    /** Returns whether the call has ended; false: an asynchronous one goes on and brings its permit back itself. */
    private boolean invoke(HandlerCall call) {
        Handler target = handler;
        if (target == null) {
            throw new IllegalStateException("a call of service " + declared.service() + " outlived its drain");
        }
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(target.getClass().getClassLoader());
        try {
            return invokeInPlugin(target, call);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private boolean invokeInPlugin(Handler target, HandlerCall call) {
        CallContext context = CallContext.of(call, surroundings);
        try {
            if (call.isCancelled()) {
                endAs(call, null, call.cancelledFailure());
            } else if (context.isCancelled()) {
                endAs(call, null, outcome.late());
            } else if (target instanceof AsyncHandler async) {
                return begin(call, async.handleAsync(call.request, context));
            } else {
                end(call, target.handle(call.request, context), null);
            }
        } catch (Throwable thrown) {
            // Plugin code: an Error of it ends this call and nothing else.
            end(call, null, thrown);
        }
        return call.givesPermitBack();
    }

    private boolean begin(HandlerCall call, @Nullable CompletionStage<Reply> stage) {
        if (stage == null) {
            end(call, null, null);
            return call.givesPermitBack();
        }
        call.waitsFor(stage);
        stage.whenComplete((reply, thrown) -> {
            end(call, reply, thrown);
            if (call.givesPermitBack()) {
                releaseAndStartNext();
            }
        });
        return false;
    }

    private void end(HandlerCall call, @Nullable Reply reply, @Nullable Throwable thrown) {
        if (call.isCancelled()) {
            endAs(call, null, call.cancelledFailure());
        } else if (thrown != null) {
            endAs(call, null, outcome.of(thrown));
        } else if (reply == null) {
            endAs(call, null, outcome.nothing());
        } else {
            endAs(call, reply, null);
        }
    }

    private void endAs(HandlerCall call, @Nullable Reply reply, @Nullable Failure failure) {
        call.end(reply, failure);
        finished(call);
    }

    void finished(HandlerCall call) {
        inFlight.remove(call);
        if (draining) {
            completeWhenIdle();
        }
    }

    private void completeWhenIdle() {
        if (inFlight.isEmpty() && running.get() == 0 && idle.complete(null)) {
            threads.close();
        }
    }
}
