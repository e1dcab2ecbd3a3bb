package io.jackfield.host;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Watches the one thread that calls handlers inline, from a thread of its own. A handler that holds that thread longer
 * than it may is put on threads of its own for all later calls; one that goes on holding it is interrupted.
 *
 * <p>The watched thread only says which call it is in, and reads no clock: this looks every now and then, and a call that
 * it sees in {@value #LOOKS} looks in a row, a fifth of the limit apart, has lasted for the limit. What stops the whole
 * process for a while delays the looks as well, and is nobody's stall.
 */
public final class InlineWatch implements AutoCloseable {

    private static final int LOOKS = 5;

    /** A handler that waits for something is got out of the way after so many times its limit. */
    private static final int INTERRUPT_AFTER = 10;

    private static final StackTraceElement[] NO_STACK = {};
    private static final VarHandle CALL = callHandle();

    /**
     * Which call the watched thread is in, counted from 1; 0: in none; negative: the call of that number is being
     * interrupted. Whoever moves it from its number owns the next step, as in {@link HandlerCall}.
     */
    @SuppressWarnings("UnusedVariable") // through the handle
    private volatile long call;

    private final long limitNs;
    private final Thread thread;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();

    // Of the watched thread. Which handler it is in is published by the number of the call.
    private long calls;
    private @Nullable HandlerExecutor handler;
    private @Nullable Thread watched;

    /** Written while the call's number is negative. */
    private long interruptedCall;

    // Of the watching thread: the call that it saw last, and how often.
    private long seenCall;
    private long seenCount;
    private long reportAt;

    /**
     * Does not watch before {@link #begin}.
     *
     * @param stallMaxMs how long a call may hold the watched thread
     */
    public InlineWatch(long stallMaxMs) {
        this.limitNs = TimeUnit.MILLISECONDS.toNanos(stallMaxMs);
        this.thread = new Thread(this::run, "plugin-watch");
        thread.setDaemon(true);
    }

    /** Starts to watch, if it does not yet: there is a handler that is called inline. Any thread. */
    public void begin() {
        if (!begun.getAndSet(true)) {
            thread.start();
        }
    }

    /** Watches nothing any more. Any thread; returns at once. */
    @Override
    public void close() {
        closed.set(true);
        LockSupport.unpark(thread);
    }

    /** Of the watched thread: gives what {@link #leaves} is told. */
    long enters(HandlerExecutor executor) {
        if ((long) CALL.get(this) != 0) {
            // A call within a call: the outer one answers for both.
            return 0;
        }
        Thread current = Thread.currentThread();
        if (handler != executor || watched != current) { // to write a reference costs more than to look at it
            watched = current;
            handler = executor;
        }
        long number = ++calls;
        CALL.setRelease(this, number);
        return number;
    }

    /** Of the watched thread. An interrupt that was meant for the call never hits what comes after it. */
    void leaves(long number) {
        if (number == 0) {
            return;
        }
        while (!CALL.compareAndSet(this, number, 0L)) {
            Thread.onSpinWait();
        }
        if (interruptedCall == number) {
            Thread.interrupted();
        }
    }

    private void run() {
        while (!closed.get()) {
            look();
            // Nobody called: a longer sleep, after which a call is seen for the first time.
            LockSupport.parkNanos(this, seenCall == 0 ? limitNs : limitNs / LOOKS);
        }
    }

    /** One look at what the watched thread does. */
    void look() {
        long current = (long) CALL.getAcquire(this);
        if (current != seenCall || current == 0) {
            seenCall = current;
            seenCount = 0;
            reportAt = LOOKS;
            return;
        }
        seenCount++;
        if (seenCount == reportAt) {
            reportAt *= 2;
            report(current);
        }
        if (seenCount == (long) INTERRUPT_AFTER * LOOKS) {
            interrupt(current);
        }
    }

    private void report(long number) {
        HandlerExecutor holder = handler;
        Thread held = watched;
        if (!isStillIn(number) || holder == null || held == null) {
            return;
        }
        StackTraceElement[] stack = held.getStackTrace();
        // If it has gone on meanwhile, the stack is of something else.
        holder.stalled(held.getName(), seenCount * limitNs / LOOKS, isStillIn(number) ? stack : NO_STACK);
    }

    /** What was read before this belongs to that call, if this is true. */
    private boolean isStillIn(long number) {
        VarHandle.loadLoadFence();
        return (long) CALL.getVolatile(this) == number;
    }

    private void interrupt(long number) {
        Thread held = watched;
        if (held != null && CALL.compareAndSet(this, number, -number)) {
            interruptedCall = number;
            held.interrupt();
            CALL.setRelease(this, number);
        }
    }

    private static VarHandle callHandle() {
        try {
            return MethodHandles.lookup().findVarHandle(InlineWatch.class, "call", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
