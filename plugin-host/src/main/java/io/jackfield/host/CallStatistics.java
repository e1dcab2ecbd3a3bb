package io.jackfield.host;

import io.jackfield.protocol.Failure;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * How the calls of one handler went. About 10 KiB, whatever it counts. Safe for any thread, but for what says that it is
 * of the inline thread.
 *
 * <p>Every call is counted. Of those on threads each is timed; of those inline, where to read the clock twice would cost
 * more than many a handler does, one in {@value #INLINE_SAMPLE}.
 */
final class CallStatistics {

    /** A power of two. */
    static final int INLINE_SAMPLE = 16;

    private static final VarHandle INLINE_CALLS = inlineCallsHandle();
    private static final int SERVER_FAULT_STATUS = 500;

    private final LongAdder threadCalls = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private final LongAdder cancelled = new LongAdder();
    private final AtomicLong longestNs = new AtomicLong();
    private final RecentLatency duration;
    private final RecentLatency wait;

    /** Written by the inline thread alone: no other write can be lost. */
    @SuppressWarnings("UnusedVariable") // through the handle
    private long inlineCalls;

    CallStatistics(long nowNs) {
        duration = new RecentLatency(nowNs);
        wait = new RecentLatency(nowNs);
    }

    /** Of the inline thread: counts a call that begins; true if it is one to be timed. */
    boolean inlineBegins() {
        long count = (long) INLINE_CALLS.get(this);
        INLINE_CALLS.setOpaque(this, count + 1);
        return (count & (INLINE_SAMPLE - 1)) == 0;
    }

    void threadBegins(long waitedNs, long nowNs) {
        threadCalls.increment();
        wait.record(waitedNs, nowNs);
    }

    void took(long durationNs, long nowNs) {
        duration.record(durationNs, nowNs);
        if (durationNs > longestNs.get()) {
            longestNs.accumulateAndGet(durationNs, Math::max);
        }
    }

    /** What the asker did wrong is no error of the handler. */
    void failed(Failure failure) {
        if (failure.code().httpStatus() >= SERVER_FAULT_STATUS) {
            errors.increment();
        }
    }

    void cancelled() {
        cancelled.increment();
    }

    long calls() {
        return threadCalls.sum() + (long) INLINE_CALLS.getOpaque(this);
    }

    /** How many calls there are to each that is timed, now. */
    int timedOneIn() {
        return hasInlineCalls() ? INLINE_SAMPLE : 1;
    }

    boolean hasInlineCalls() {
        return (long) INLINE_CALLS.getOpaque(this) > 0;
    }

    long errors() {
        return errors.sum();
    }

    long cancelledCalls() {
        return cancelled.sum();
    }

    long durationUs(double share, long nowNs) {
        return micros(duration.percentileNs(share, nowNs));
    }

    long longestUs() {
        return micros(longestNs.get());
    }

    long waitUs(double share, long nowNs) {
        return micros(wait.percentileNs(share, nowNs));
    }

    /** Rounded up: a call took some time, however little. */
    private static long micros(long valueNs) {
        return (valueNs + 999) / 1000;
    }

    private static VarHandle inlineCallsHandle() {
        try {
            return MethodHandles.lookup().findVarHandle(CallStatistics.class, "inlineCalls", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
