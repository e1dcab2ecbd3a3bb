package io.jackfield.host;

import io.jackfield.api.Reply;
import io.jackfield.api.Request;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call of a handler, from {@link HandlerExecutor#execute} or {@link HandlerExecutor#prepare} to its one end. Safe for any thread.
 *
 * <p>The thread that runs it is noted in {@code runner} while it may be interrupted. Whoever takes it out of there, the
 * runner at the end or a canceller, owns the next step; so an interrupt never hits the thread's next call.
 */
public final class HandlerCall {

    private static final Logger LOG = LoggerFactory.getLogger(HandlerCall.class);

    final Request request;
    final long deadlineNs;
    private final HandlerExecutor executor;
    private final CallListener listener;
    private static final AtomicReferenceFieldUpdater<HandlerCall, @Nullable Thread> RUNNER =
            AtomicReferenceFieldUpdater.newUpdater(HandlerCall.class, Thread.class, "runner");

    @SuppressWarnings("UnusedVariable") // through the updater
    private volatile @Nullable Thread runner;

    private volatile boolean interruptDelivered;
    private volatile boolean cancelled;
    private volatile @Nullable CompletionStage<Reply> stage;
    private static final int HOLDS = 0; // as a field begins: nothing is written for the many that only give it back
    private static final int GAVE_BACK = 1;
    private static final int WRITTEN_OFF = 2;
    private static final AtomicIntegerFieldUpdater<HandlerCall> PERMITS =
            AtomicIntegerFieldUpdater.newUpdater(HandlerCall.class, "permits");

    @SuppressWarnings("UnusedVariable") // through the updater
    private volatile int permits;

    /** When it was given to the executor; not of calls inline. */
    long takenNs;

    /** When the handler got it. */
    private long begunNs;

    /** When it let go of it, if the call is timed; of the thread that ran it. */
    long endedNs;

    private boolean timed;

    // What the listener is told is told in order: a partial reply on one thread never after the end on another. Most
    // calls have no partial replies and need no lock.
    private static final AtomicReferenceFieldUpdater<HandlerCall, @Nullable Object> TELLING =
            AtomicReferenceFieldUpdater.newUpdater(HandlerCall.class, Object.class, "telling");

    private static final Object ENDED = new Object();

    /** Null at first, then the lock of those who tell, once there is a partial reply, then {@link #ENDED}. */
    private volatile @Nullable Object telling;

    HandlerCall(HandlerExecutor executor, Request request, long deadlineNs, CallListener listener) {
        this.executor = executor;
        this.request = request;
        this.deadlineNs = deadlineNs;
        this.listener = listener;
    }

    /**
     * Says that nobody waits for the answer any more. A call that still waits for a thread ends now, with
     * {@code CANCELLED}. One that runs is interrupted, once, and an asynchronous one has its future cancelled; either
     * ends when the handler lets go of it, and until then it counts. Later answers of it are dropped.
     */
    public void cancel() {
        cancel(Runnable::run);
    }

    /**
     * The same for a thread that must not block: what the plugin hung on the end of its future runs elsewhere.
     *
     * @param futures where the future is cancelled
     */
    public void cancel(Executor futures) {
        cancelled = true;
        if (executor.endWaiting(this, cancelledFailure())) {
            return;
        }
        Thread thread = RUNNER.getAndSet(this, null);
        if (thread != null) {
            thread.interrupt();
            interruptDelivered = true;
        }
        if (stage instanceof Future<?> future) {
            futures.execute(() -> future.cancel(true));
        }
    }

    boolean isCancelled() {
        return cancelled;
    }

    Failure cancelledFailure() {
        return Failure.of(ErrorCode.CANCELLED, "the call was cancelled", "");
    }

    /** From here to {@link #leaveThread} the current thread may be interrupted. */
    void enterThread() {
        runner = Thread.currentThread();
        if (cancelled && RUNNER.getAndSet(this, null) != null) {
            Thread.currentThread().interrupt();
            interruptDelivered = true;
        }
    }

    void leaveThread() {
        if (RUNNER.getAndSet(this, null) == null) {
            while (!interruptDelivered) {
                Thread.onSpinWait();
            }
        }
        // Whether it came from here or the handler left it behind: the next call begins without.
        Thread.interrupted();
    }

    void waitsFor(CompletionStage<Reply> newStage) {
        stage = newStage;
        if (cancelled && newStage instanceof Future<?> future) {
            future.cancel(true);
        }
    }

    /** True once, for whoever ends it. */
    boolean givesPermitBack() {
        return PERMITS.compareAndSet(this, HOLDS, GAVE_BACK);
    }

    /**
     * Gives up a call whose handler does not let go of it: the call ends, another may run in its place, and whatever the
     * handler still answers is dropped. Its thread is replaced, and ends when the handler lets go of it.
     *
     * @return false if the call has ended, or as many calls are written off as may be ({@link HandlerExecutor#lost})
     */
    public boolean writeOff() {
        return executor.writeOff(this);
    }

    /** As {@link #givesPermitBack} for a caller that is alone with the call, and need not ask whether somebody was before it. */
    void givePermitBackAlone() {
        PERMITS.lazySet(this, GAVE_BACK);
    }

    boolean takePermit() {
        return PERMITS.compareAndSet(this, HOLDS, WRITTEN_OFF);
    }

    /** True once, when the handler of a call that was written off has let go of it after all. */
    boolean comesBack() {
        return PERMITS.compareAndSet(this, WRITTEN_OFF, GAVE_BACK);
    }

    void begins(long nowNs) {
        begunNs = nowNs;
        timed = true;
    }

    /** Whether {@link #begins} was told: of what runs inline, only one in some is timed. */
    boolean isTimed() {
        return timed;
    }

    long begunNs() {
        return begunNs;
    }

    boolean partial(Reply reply) {
        if (reply.earlyExit()) {
            throw new IllegalArgumentException("a partial reply with early exit (expected: only the final one has it)");
        }
        if (hasEnded() || cancelled) {
            return false;
        }
        // Before the lock: whoever ends the call, and be it for this wait, takes that.
        listener.awaitRoom(reply);
        if (telling == null) {
            TELLING.compareAndSet(this, null, new ReentrantLock());
        }
        if (!(telling instanceof ReentrantLock lock)) {
            return false;
        }
        lock.lock();
        try {
            if (telling == ENDED || cancelled) {
                return false;
            }
            listener.partial(reply);
            return true;
        } finally {
            lock.unlock();
        }
    }

    boolean hasEnded() {
        return telling == ENDED;
    }

    /** Tells the listener the one end; a second one is dropped. Never throws: the call's permit must come back. */
    void end(@Nullable Reply reply, @Nullable Failure failure) {
        if (isTheEnd()) {
            try {
                if (reply != null) {
                    listener.complete(reply);
                } else if (failure != null) {
                    listener.fail(failure);
                }
            } catch (RuntimeException | Error e) {
                LOG.error("the listener of a call of service {} failed", request.service(), e);
            }
        }
    }

    /** True once; waits until a partial reply that is being told has been told. */
    private boolean isTheEnd() {
        if (TELLING.compareAndSet(this, null, ENDED)) {
            return true;
        }
        if (!(telling instanceof ReentrantLock lock)) {
            return false;
        }
        lock.lock();
        try {
            return TELLING.getAndSet(this, ENDED) != ENDED;
        } finally {
            lock.unlock();
        }
    }
}
