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
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Runs the calls of one handler on threads of its own: at most {@code concurrency} at a time, at most
 * {@code queueLengthMax} waiting, first come first served. Safe for any thread.
 *
 * <p>Each call that is taken ends exactly once at its listener, whatever the handler does, as long as it returns. A
 * handler that ignores the interrupt and never returns keeps its thread, and its permit until the call is written off.
 */
public final class HandlerExecutor {

    private final Declared declared;
    private final CallContext.Surroundings surroundings;
    private final int queueLengthMax;
    private final CallThreads threads;
    private final HandlerOutcome outcome;
    private final HostTime time;
    private final CallStatistics statistics;
    private final InlinePlace place;

    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();
    private final Queue<HandlerCall> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger lost = new AtomicInteger();
    private final ReentrantLock resizing = new ReentrantLock();
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
        this.time = surroundings.time();
        this.statistics = new CallStatistics(time.nowNs());
        this.place = new InlinePlace(threadName, declared.nonBlocking());
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
     * Calls a {@code nonBlocking} handler on the caller's own thread, which is always the same. Does what {@link #execute}
     * does as long as {@link #runsInline} is false, and when as many calls run as are allowed.
     *
     * @param watch of the caller's thread
     */
    public HandlerCall executeInline(Request request, long deadlineNs, CallListener listener, InlineWatch watch) {
        if (!place.isInline() || !tryAcquire()) {
            return execute(request, deadlineNs, listener);
        }
        // First the permit, which a drain waits for, then the look at the drain.
        Handler target = handler;
        if (draining || target == null) {
            releaseAndStartNext();
            return execute(request, deadlineNs, listener);
        }
        HandlerCall call = new HandlerCall(this, request, deadlineNs, listener);
        if (target instanceof AsyncHandler) {
            inFlight.add(call);
        }
        // It asks for no time where none is measured: a call that is given now is not late.
        if (statistics.inlineBegins()) {
            call.begins(time.nowNs());
        }
        if (invokeInline(target, call, watch)) {
            releaseAndStartNext();
        }
        return call;
    }

    /** Whether {@link #executeInline} would do so now: the handler is {@code nonBlocking}, has been called, and has kept its word. */
    public boolean runsInline() {
        return place.isInline();
    }

    /** True once a {@code nonBlocking} handler has held its caller too long: its calls run on threads from then on. */
    public boolean isDemoted() {
        return place.isDemoted();
    }

    void stalled(String thread, long heldNs, StackTraceElement[] stack) {
        place.stalled(thread, heldNs, stack);
    }

    /** Calls that run or wait. */
    public int inFlight() {
        return Math.max(inFlight.size(), running.get());
    }

    /** Calls that wait for a thread. */
    public int queueLength() {
        return waiting.get();
    }

    /** Calls that were written off and whose handler still has not let go of them; each holds a thread. */
    public int lost() {
        return lost.get();
    }

    /** As many may be lost as may run at a time: who loses more would lose them all. */
    public int lostMax() {
        return declared.concurrency();
    }

    /** How its calls went, and what it does now. */
    public HandlerFigures figures() {
        long nowNs = time.nowNs();
        return new HandlerFigures(
                declared.service(),
                runs(),
                statistics.calls(),
                statistics.errors(),
                statistics.cancelledCalls(),
                inFlight(),
                queueLength(),
                threads.count(),
                declared.concurrency(),
                statistics.durationUs(0.5, nowNs),
                statistics.durationUs(0.99, nowNs),
                statistics.longestUs(),
                statistics.waitUs(0.5, nowNs),
                statistics.waitUs(0.99, nowNs),
                statistics.timedOneIn(),
                place.stalls(),
                lost());
    }

    private String runs() {
        if (place.isInline()) {
            return "loop";
        }
        if (place.isDemoted()) {
            return "demoted";
        }
        return threads.areVirtual() ? "virtual threads" : "threads";
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
        call.takenNs = time.nowNs();
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
                permitFree = beginAndInvoke(call);
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

    /** Returns whether the permit is free again; false: an asynchronous call goes on and brings it back itself. */
    private boolean beginAndInvoke(HandlerCall call) {
        long nowNs = time.nowNs();
        if (call.isCancelled()) {
            return endUnbegun(call, call.cancelledFailure());
        }
        if (call.deadlineNs - nowNs <= 0) {
            return endUnbegun(call, outcome.late());
        }
        call.begins(nowNs);
        statistics.threadBegins(nowNs - call.takenNs, nowNs);
        return invoke(call);
    }

    private boolean endUnbegun(HandlerCall call, Failure failure) {
        boolean permitFree = permitFree(call);
        endAs(call, null, failure);
        return permitFree;
    }

    private boolean invoke(HandlerCall call) {
        Handler target = handler;
        if (target == null) {
            throw new IllegalStateException("a call of service " + declared.service() + " outlived its drain");
        }
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(target.getClass().getClassLoader());
        try {
            CallContext context = CallContext.of(call, surroundings);
            if (target instanceof AsyncHandler async) {
                return follow(call, async.handleAsync(call.request, context));
            }
            return end(call, target.handle(call.request, context), null);
        } catch (Throwable thrown) {
            // Plugin code: an Error of it ends this call and nothing else.
            return end(call, null, thrown);
        } finally {
            thread.setContextClassLoader(before);
            place.warmed();
        }
    }

    /** The handler is watched; what its answer sets going is not: the caller may give other handlers their calls from there. */
    private boolean invokeInline(Handler target, HandlerCall call, InlineWatch watch) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(target.getClass().getClassLoader());
        Reply reply = null;
        CompletionStage<Reply> stage = null;
        Throwable thrown = null;
        long entry = watch.enters(this);
        try {
            CallContext context = CallContext.of(call, surroundings);
            if (target instanceof AsyncHandler async) {
                stage = async.handleAsync(call.request, context);
            } else {
                reply = target.handle(call.request, context);
            }
        } catch (Throwable e) {
            // Plugin code: an Error of it ends this call and nothing else.
            thrown = e;
        } finally {
            watch.leaves(entry);
            thread.setContextClassLoader(before);
        }
        return stage == null ? end(call, reply, thrown) : follow(call, stage);
    }

    private boolean follow(HandlerCall call, @Nullable CompletionStage<Reply> stage) {
        if (stage == null) {
            return end(call, null, null);
        }
        call.waitsFor(stage);
        try {
            stage.whenComplete((reply, thrown) -> {
                if (end(call, reply, thrown)) {
                    releaseAndStartNext();
                }
            });
            return false;
        } catch (Throwable thrown) {
            // The stage is plugin code too.
            return end(call, null, thrown);
        }
    }

    boolean writeOff(HandlerCall call) {
        if (takeBack(call)) { // it waits, and holds nothing yet
            endAs(call, null, call.cancelledFailure());
            return true;
        }
        if (lost.incrementAndGet() > lostMax() || !call.takePermit()) {
            lost.decrementAndGet();
            return false;
        }
        replaceLostThreads();
        String cause = "the handler of service " + declared.service() + " does not let go of a call";
        Failure failure = Failure.of(ErrorCode.HANDLER_FAILED, cause, "mend the handler: it must heed interrupts");
        statistics.failed(failure);
        endAs(call, null, failure);
        releaseAndStartNext();
        return true;
    }

    private void replaceLostThreads() {
        resizing.lock();
        try {
            threads.resize(declared.concurrency() + Math.min(lost.get(), lostMax()));
        } finally {
            resizing.unlock();
        }
    }

    /** True once, and the permit is free: a stage that ends twice, or ends and throws, ends one call. */
    private boolean end(HandlerCall call, @Nullable Reply reply, @Nullable Throwable thrown) {
        if (!permitFree(call)) {
            return false;
        }
        if (call.isTimed()) {
            long nowNs = time.nowNs();
            statistics.took(nowNs - call.begunNs(), nowNs);
        }
        if (call.isCancelled()) {
            statistics.cancelled();
            endAs(call, null, call.cancelledFailure());
        } else if (thrown == null && reply != null) {
            endAs(call, reply, null);
        } else {
            Failure failure = thrown == null ? outcome.nothing() : outcome.of(thrown);
            statistics.failed(failure);
            endAs(call, null, failure);
        }
        return true;
    }

    /** True once; never of a call that was written off: another has its permit. */
    private boolean permitFree(HandlerCall call) {
        boolean free = call.givesPermitBack();
        if (!free && call.comesBack()) {
            lost.decrementAndGet();
            replaceLostThreads();
        }
        return free;
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
