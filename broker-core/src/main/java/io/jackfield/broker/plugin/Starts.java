package io.jackfield.broker.plugin;

import io.jackfield.broker.loop.Clock;
import io.jackfield.broker.loop.Mailbox;
import io.jackfield.broker.loop.Timers;
import io.jackfield.host.HandlerCall;
import io.jackfield.host.HandlerExecutor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * When the threads of one handler are woken for the requests that wait for them: not for each, for to wake one takes longer than a short
 * call, but at the end of the loop's turn, and within it once there are many. Owned by the broker loop.
 *
 * <p>A handler that has been quick gets one thread for them all, and the others when that one has not done it by then: it may be slow for
 * once.
 */
final class Starts {
    /** So many wait, and the turn goes on: a thread takes them meanwhile. */
    private static final int MANY = 16;

    private static final int OTHERS_AFTER_MS = 3;

    private final HandlerExecutor executor;
    private final Mailbox mailbox;
    private final Timers timers;
    private final Clock clock;

    /** Of the present turn; told the end of which {@link #endOfTurn} is. */
    private List<HandlerCall> given = new ArrayList<>(MANY);

    private boolean awaitsEnd;
    private long turnNs;
    private boolean quick;

    /** The last that was given to the executor. */
    private @Nullable HandlerCall newest;

    private boolean awaitsOthers;

    Starts(HandlerExecutor executor, Mailbox mailbox, Timers timers, Clock clock) {
        this.executor = executor;
        this.mailbox = mailbox;
        this.timers = timers;
        this.clock = clock;
    }

    /** The time at which the first request of the present turn is given: to read the clock for each takes longer than many a call. */
    long turnNs() {
        if (!awaitsEnd) {
            awaitsEnd = mailbox.post(this::endOfTurn);
            turnNs = clock.nowNs();
        }
        return turnNs;
    }

    /** A request is to have a thread; {@link #turnNs} was asked for it. */
    void soon(HandlerCall call, boolean handlerIsQuick) {
        quick = handlerIsQuick;
        given.add(call);
        if (given.size() == MANY) {
            start();
        }
    }

    private void endOfTurn() {
        awaitsEnd = false;
        start();
    }

    private void start() {
        List<HandlerCall> calls = given;
        if (calls.isEmpty()) {
            return;
        }
        given = new ArrayList<>(MANY); // who is refused may have others given meanwhile
        executor.enqueue(calls);
        if (!quick) {
            executor.startWaiting();
            return;
        }
        executor.startFirst();
        newest = calls.get(calls.size() - 1);
        awaitOthers();
    }

    /** As long as any waits, for nobody may give one more. */
    private void awaitOthers() {
        HandlerCall last = newest;
        if (!awaitsOthers && last != null && executor.queueLength() > 0) {
            awaitsOthers = true;
            timers.after(OTHERS_AFTER_MS, () -> others(last));
        }
    }

    /** By now the one thread has come to the last that waited then, or it gets help. */
    private void others(HandlerCall last) {
        awaitsOthers = false;
        if (executor.queueLength() == 0) {
            newest = null;
            return;
        }
        // What waits though the last of all does not, which was cancelled, waits from before it.
        if (last == newest || executor.waits(last)) {
            executor.startWaiting();
        }
        awaitOthers();
    }
}
