package io.jackfield.broker.plugin;

import io.jackfield.broker.loop.Mailbox;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the threads of one handler have for the broker loop, in the order in which it came. However much it is, the loop is told once, and
 * takes all that is there. Any thread adds.
 *
 * <p>To wake a loop that sleeps takes longer than a short call. What is unhurried wakes it only with each so many; whoever adds so says
 * that more is about to come, and adds the last without.
 */
final class Answers {

    /** What is unhurried waits for so many others at most; the loop's own timers wake it too. */
    static final int UNHURRIED_MAX = 32;

    /** Taken in one go; then it is the turn of others. */
    private static final int TAKEN_MAX = 1024;

    private final Mailbox mailbox;
    private final Queue<Runnable> queue = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean told = new AtomicBoolean();
    private final Runnable take = this::take;
    private final AtomicInteger unhurried = new AtomicInteger();

    Answers(Mailbox mailbox) {
        this.mailbox = mailbox;
    }

    /** Has the loop run the command soon; false if the loop has ended. */
    boolean add(Runnable command) {
        queue.add(command);
        return tell(true);
    }

    /** The same, while something else is about to be added: by then at the latest the loop gets it. */
    boolean addUnhurried(Runnable command) {
        queue.add(command);
        return tell(unhurried.incrementAndGet() >= UNHURRIED_MAX);
    }

    /** First added, then told: a loop that was told before has not looked yet. */
    private boolean tell(boolean wake) {
        if (!told.getAndSet(true)) {
            return wake ? mailbox.post(take) : mailbox.postUnhurried(take);
        }
        return !wake || mailbox.post(Answers::nothing);
    }

    /** For a loop that is only to be woken. */
    private static void nothing() {}

    private void take() {
        unhurried.setPlain(0);
        told.set(false);
        int taken = 0;
        try {
            for (Runnable next = queue.poll(); next != null; next = taken < TAKEN_MAX ? queue.poll() : null) {
                taken++;
                next.run();
            }
        } finally { // also after one that threw, which is the mailbox's to report
            if (!queue.isEmpty()) {
                boolean unused = tell(true); // if not, the loop has ended
            }
        }
    }
}
