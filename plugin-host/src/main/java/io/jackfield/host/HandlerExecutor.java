package io.jackfield.host;

import io.jackfield.api.AsyncHandler;
import io.jackfield.api.Handler;
import io.jackfield.api.Reply;
import io.jackfield.api.Request;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
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
    private final CallThreads threads;
    private final HandlerOutcome outcome;
    private final HostTime time;
    private final CallStatistics statistics;
    private final InlinePlace place;

    private final Permits permits;
    private final WaitingCalls waiting;
    private final LostCalls lost;
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
        this.permits = new Permits(declared.concurrency());
        this.waiting = new WaitingCalls(queueLengthMax);
        this.threads = CallThreads.of(threadName, declared.concurrency());
        this.lost = new LostCalls(threads, declared.concurrency());
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
        HandlerCall call = admit(request, time.nowNs(), deadlineNs, listener);
        if (call.hasEnded()) {
            return call;
        }
        if (permits.tryTake()) {
            start(call);
        } else {
            enqueue(call);
        }
        return call;
    }

    /**
     * Does what {@link #execute} does, but wakes no thread for it: who has many calls gives them all, and then calls
     * {@link #startWaiting}, or they wait until another call ends.
     *
     * @param nowNs on the host's nano clock
     */
    public HandlerCall executeSoon(Request request, long nowNs, long deadlineNs, CallListener listener) {
        HandlerCall call = admit(request, nowNs, deadlineNs, listener);
        if (!call.hasEnded()) {
            waitInLine(call);
        }
        return call;
    }

    /**
     * Starts the first call that waits, unless a call runs: the thread that has one goes on with what waits. Asynchronous
     * calls keep no thread; of those it starts as many as may run.
     */
    public void startFirst() {
        if (handler instanceof AsyncHandler) {
            startNext();
        } else if (permits.taken() == 0) {
            startNext(1);
        }
    }

    /** Starts calls that wait, as many as may run. */
    public void startWaiting() {
        startNext();
    }

    /**
     * Calls a {@code nonBlocking} handler on the caller's own thread, which is always the same. Does what {@link #execute}
     * does as long as {@link #runsInline} is false, and when as many calls run as are allowed.
     *
     * @param watch of the caller's thread
     */
    public HandlerCall executeInline(Request request, long deadlineNs, CallListener listener, InlineWatch watch) {
        if (!place.isInline() || !permits.tryTake()) {
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
            call.takenNs = time.nowNs(); // what it is found by
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
        return Math.max(inFlight.size(), permits.taken());
    }

    /** Calls that wait for a thread. */
    public int queueLength() {
        return waiting.count();
    }

    /** Calls that were written off and whose handler still has not let go of them; each holds a thread. */
    public int lost() {
        return lost.count();
    }

    /** As many may be lost as may run at a time: who loses more would lose them all. */
    public int lostMax() {
        return lost.max();
    }

    /** How its calls went, and what it does now. */
    public HandlerFigures figures() {
        long nowNs = time.nowNs();
        return new HandlerFigures(
                declared.service(),
                place.says(threads.areVirtual()),
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

    private HandlerCall admit(Request request, long nowNs, long deadlineNs, CallListener listener) {
        HandlerCall call = new HandlerCall(this, request, deadlineNs, listener);
        call.takenNs = nowNs;
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
        waitInLine(call);
        startNext();
    }

    private void waitInLine(HandlerCall call) {
        if (!waiting.add(call, permits.free())) {
            String cause =
                    "the queue of the handler of " + declared.service() + " is full: " + waiting.max() + " calls";
            call.end(
                    null,
                    Failure.of(ErrorCode.OVERLOADED, cause, "try again later, or raise the handler's concurrency"));
            finished(call);
            return;
        }
        if (call.isCancelled()) {
            call.cancel();
        }
    }

    /** True if the call waited and now does not any more: whoever gets true ends it. */
    boolean takeBack(HandlerCall call) {
        return waiting.remove(call);
    }

    private void releaseAndStartNext() {
        permits.giveBack();
        startNext();
        if (draining) {
            completeWhenIdle();
        }
    }

    private void startNext() {
        startNext(Integer.MAX_VALUE);
    }

    private void startNext(int max) {
        // Looks again after each release: a call may have been queued while the last permit was still taken.
        for (int i = 0; i < max && !waiting.isEmpty() && permits.tryTake(); i++) {
            HandlerCall next = waiting.poll();
            if (next != null) {
                start(next);
            } else {
                permits.giveBack();
            }
        }
    }

    private void start(HandlerCall call) {
        try {
            threads.execute(() -> runAndFollow(call));
        } catch (OutOfMemoryError | RejectedExecutionException e) {
            // The machine's limit of threads: this call cannot be had, the caller's loop goes on.
            permits.giveBack();
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
        long nowNs = time.nowNs();
        while (call != null) {
            call.enterThread();
            boolean permitFree;
            try {
                permitFree = beginAndInvoke(call, nowNs);
            } finally {
                call.leaveThread();
            }
            if (!permitFree) {
                return;
            }
            nowNs = call.isTimed() ? call.endedNs : time.nowNs();
            call = waiting.poll();
        }
        releaseAndStartNext();
    }

    /** Returns whether the permit is free again; false: an asynchronous call goes on and brings it back itself. */
    private boolean beginAndInvoke(HandlerCall call, long nowNs) {
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
        if (stage != null) {
            return follow(call, stage);
        }
        if (target instanceof AsyncHandler) {
            return end(call, reply, thrown);
        }
        // Nobody else has got hold of this call.
        call.givePermitBackAlone();
        answer(call, reply, thrown);
        return true;
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
        if (!lost.add(call)) {
            return false;
        }
        String cause = "the handler of service " + declared.service() + " does not let go of a call";
        Failure failure = Failure.of(ErrorCode.HANDLER_FAILED, cause, "mend the handler: it must heed interrupts");
        statistics.failed(failure);
        endAs(call, null, failure);
        releaseAndStartNext();
        return true;
    }

    /** True once, and the permit is free: a stage that ends twice, or ends and throws, ends one call. */
    private boolean end(HandlerCall call, @Nullable Reply reply, @Nullable Throwable thrown) {
        if (!permitFree(call)) {
            return false;
        }
        answer(call, reply, thrown);
        finished(call);
        return true;
    }

    private void answer(HandlerCall call, @Nullable Reply reply, @Nullable Throwable thrown) {
        if (call.isTimed()) {
            long nowNs = time.nowNs();
            call.endedNs = nowNs;
            statistics.took(nowNs - call.begunNs(), nowNs);
        }
        if (call.isCancelled()) {
            statistics.cancelled();
            call.end(null, call.cancelledFailure());
        } else if (thrown == null && reply != null) {
            call.end(reply, null);
        } else {
            Failure failure = thrown == null ? outcome.nothing() : outcome.of(thrown);
            statistics.failed(failure);
            call.end(null, failure);
        }
    }

    /** True once; never of a call that was written off: another has its permit. */
    private boolean permitFree(HandlerCall call) {
        boolean free = call.givesPermitBack();
        if (!free) {
            lost.ended(call);
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
        if (inFlight.isEmpty() && permits.taken() == 0 && idle.complete(null)) {
            threads.close();
        }
    }
}
