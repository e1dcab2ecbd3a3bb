package io.jackfield.broker.plugin;

import io.jackfield.broker.loop.Mailbox;
import io.jackfield.broker.loop.Timers;
import io.jackfield.host.HandlerExecutor;

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

    /** Of the present turn; told the end of which {@link #endOfTurn} is. */
    private int given;

    private boolean awaitsEnd;
    private boolean quick;

    /** {@link #others} is due. */
    private boolean othersDue;

    Starts(HandlerExecutor executor, Mailbox mailbox, Timers timers) {
        this.executor = executor;
        this.mailbox = mailbox;
        this.timers = timers;
    }

    /** A request waits for a thread. */
    void soon(boolean handlerIsQuick) {
        quick = handlerIsQuick;
        if (!awaitsEnd) {
            awaitsEnd = mailbox.post(this::endOfTurn);
        }
        if (++given == MANY) {
            given = 0;
            start();
        }
    }

    private void endOfTurn() {
        awaitsEnd = false;
        given = 0;
        start();
    }

    private void start() {
        if (!quick) {
            executor.startWaiting();
            return;
        }
        executor.startFirst();
        if (!othersDue && executor.queueLength() > 0) {
            othersDue = true;
            timers.after(OTHERS_AFTER_MS, this::others);
        }
    }

    private void others() {
        othersDue = false;
        executor.startWaiting();
    }
}
