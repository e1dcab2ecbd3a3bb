package io.jackfield.host;

import io.jackfield.api.AsyncHandler;
import io.jackfield.api.Handler;
import io.jackfield.api.Reply;
import io.jackfield.api.Request;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs the calls of one handler on threads of its own: at most {@code concurrency} at a time, at most
 * {@code queueLengthMax} waiting, first come first served. Safe for any thread.
 *
 * <p>Each call that is taken ends exactly once at its listener, whatever the handler does, as long as it returns. A
 * handler that ignores the interrupt and never returns keeps its thread, and its permit until the call is written off.
 */
public final class HandlerExecutor {

    private static final boolean MAY_WAIT_AWAKE = Runtime.getRuntime().availableProcessors() > 1;

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

    private final CallsInFlight inFlight;

    /** The calls are so short that a second thread would only be in the way of the first. */
    private volatile boolean oneIsEnough;

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
        this.inFlight = new CallsInFlight(waiting, permits, threads::close);
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
        HandlerCall call = prepare(request, time.nowNs(), deadlineNs, listener);
        if (!permits.tryTake()) {
            enqueue(List.of(call));
            startNext();
        } else if (inFlight.isDraining()) { // first the permit, which a drain waits for, then the look at the drain
            releaseAndStartNext();
            call.end(null, beingReplaced());
        } else {
            start(call);
        }
        return call;
    }

    /**
     * A call that is to be given to {@link #enqueue} soon, with others.
     *
     * @param nowNs on the host's nano clock
     * @param deadlineNs as for {@link #execute}
     */
    public HandlerCall prepare(Request request, long nowNs, long deadlineNs, CallListener listener) {
        HandlerCall call = new HandlerCall(this, request, deadlineNs, listener);
        call.takenNs = nowNs;
        return call;
    }

    /**
     * Lets calls wait for a thread, and wakes none: {@link #startFirst} or {@link #startWaiting} is to follow, or they wait
     * until another call ends. Who has many calls gives them all at once; to pass on each by itself takes longer than a short call.
     * Listeners are told of a refusal as {@link #execute} does.
     */
    public void enqueue(List<HandlerCall> calls) {
        int taken = waiting.add(calls, permits.free());
        for (int i = taken; i < calls.size(); i++) {
            calls.get(i).end(null, queueFull());
        }
        // First in, then look: either this sees the drain, or the drain sees this.
        boolean refused = inFlight.isDraining();
        for (int i = 0; i < taken; i++) {
            HandlerCall call = calls.get(i);
            if (refused) {
                inFlight.endWaiting(call, beingReplaced());
            } else if (call.isCancelled()) {
                call.cancel();
            }
        }
        inFlight.completeIfDrained(); // what was refused counted for a moment
    }

    /** Whether the call still waits for a thread. */
    public boolean waits(HandlerCall call) {
        return waiting.contains(call);
    }

    /**
     * Starts the first call that waits, unless a call runs: the thread that has one goes on with what waits, and others
     * that do so end. Asynchronous calls keep no thread; of those it starts as many as may run.
     */
    public void startFirst() {
        if (handler instanceof AsyncHandler) {
            startNext();
            return;
        }
        if (!oneIsEnough) {
            oneIsEnough = true;
        }
        if (permits.taken() == 0) {
            startNext(1);
        }
    }

    /** Starts calls that wait, as many as may run. */
    public void startWaiting() {
        if (oneIsEnough) {
            oneIsEnough = false;
        }
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
        if (inFlight.isDraining() || target == null) {
            releaseAndStartNext();
            return execute(request, deadlineNs, listener);
        }
        HandlerCall call = new HandlerCall(this, request, deadlineNs, listener);
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
        return inFlight.count();
    }

    /** Calls that wait for a thread. */
    public int queueLength() {
        return waiting.count();
    }

    /** Calls that were written off and whose handler still has not let go of them; each holds a thread. */
    public int lost() {
        return lost.count();
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
        return inFlight.drain();
    }

    /** Drains, and cancels what is in flight. Returns at once; {@link #drain()} tells when all of it has ended. */
    public void close() {
        inFlight.close();
    }

    /** Forgets the handler; only after {@link #drain()} has completed, or when its calls are given up. */
    void release() {
        handler = null;
    }

    private Failure beingReplaced() {
        String cause = "the plugin that serves " + declared.service() + " is being replaced or removed";
        return Failure.of(ErrorCode.DRAINING, cause, "try again");
    }

    private Failure queueFull() {
        String cause = "the queue of the handler of " + declared.service() + " is full: " + waiting.max() + " calls";
        return Failure.of(ErrorCode.OVERLOADED, cause, "try again later, or raise the handler's concurrency");
    }

    boolean endWaiting(HandlerCall call, Failure failure) {
        return inFlight.endWaiting(call, failure);
    }

    private void releaseAndStartNext() {
        permits.giveBack();
        startNext();
        inFlight.completeIfDrained();
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
                inFlight.completeIfDrained(); // whoever took it may have looked while we held the permit
            }
        }
    }

    private void start(HandlerCall call) {
        try {
            threads.execute(() -> runAndFollow(call));
        } catch (OutOfMemoryError | RejectedExecutionException e) {
            // The machine's limit of threads: this call cannot be had, the caller's loop goes on.
            String cause = "no thread for service " + declared.service() + ": " + Texts.of(e);
            call.end(null, Failure.of(ErrorCode.OVERLOADED, cause, "raise the limit of threads, or lower concurrency"));
            permits.giveBack();
            inFlight.completeIfDrained();
        }
    }

    /** Runs a call and, with its permit and on its thread, those that wait behind it. */
    private void runAndFollow(HandlerCall first) {
        AtomicReference<@Nullable HandlerCall> current = inFlight.threadBegins();
        try {
            HandlerCall call = first;
            long nowNs = time.nowNs();
            Patience patience = new Patience(time, MAY_WAIT_AWAKE && !threads.areVirtual());
            while (call != null) {
                if (!runOn(current, call, nowNs)) {
                    return;
                }
                if (oneIsEnough && permits.giveBackUnlessLast()) {
                    return;
                }
                long endedNs = call.isTimed() ? call.endedNs : time.nowNs();
                patience.earn();
                call = oneIsEnough ? patience.await(waiting) : waiting.poll();
                nowNs = endedNs + patience.waitedNs();
            }
        } finally {
            inFlight.threadEnds(current);
        }
        releaseAndStartNext();
    }

    /** Returns whether the permit is free again, as {@link #beginAndInvoke} does. */
    private boolean runOn(AtomicReference<@Nullable HandlerCall> current, HandlerCall call, long nowNs) {
        current.setRelease(call); // what enters a thread is seen by all
        call.enterThread();
        try {
            if (inFlight.isClosed()) {
                call.cancel();
            }
            return beginAndInvoke(call, nowNs);
        } finally {
            call.leaveThread();
        }
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
        call.end(null, failure);
        return permitFree;
    }

    private boolean invoke(HandlerCall call) {
        Handler target = handler;
        if (target == null) {
            return endUnbegun(call, beingReplaced());
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
        inFlight.follow(call);
        call.waitsFor(stage);
        if (inFlight.isClosed()) {
            call.cancel();
        }
        try {
            stage.whenComplete((reply, thrown) -> {
                inFlight.followed(call);
                if (end(call, reply, thrown)) {
                    releaseAndStartNext();
                }
            });
            return false;
        } catch (Throwable thrown) {
            // The stage is plugin code too.
            inFlight.followed(call);
            return end(call, null, thrown);
        }
    }

    boolean writeOff(HandlerCall call) {
        if (inFlight.endWaiting(call, call.cancelledFailure())) {
            return true;
        }
        if (!lost.add(call)) {
            return false;
        }
        String cause = "the handler of service " + declared.service() + " does not let go of a call";
        Failure failure = Failure.of(ErrorCode.HANDLER_FAILED, cause, "mend the handler: it must heed interrupts");
        statistics.failed(failure);
        inFlight.followed(call);
        call.end(null, failure);
        releaseAndStartNext();
        return true;
    }

    /** True once, and the permit is free: a stage that ends twice, or ends and throws, ends one call. */
    private boolean end(HandlerCall call, @Nullable Reply reply, @Nullable Throwable thrown) {
        if (!permitFree(call)) {
            return false;
        }
        answer(call, reply, thrown);
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
}
