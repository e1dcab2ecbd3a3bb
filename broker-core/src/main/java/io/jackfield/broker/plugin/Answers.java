package io.jackfield.broker.plugin;

import io.jackfield.broker.loop.Mailbox;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

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
    private final AtomicReference<@Nullable News> newest = new AtomicReference<>();

    /** The loop was woken for {@link #take}, which has not begun yet. */
    private final AtomicBoolean awake = new AtomicBoolean();

    private final Runnable take = this::take;

    /** Of the loop: taken and not yet run, the oldest first. */
    private @Nullable News rest;

    Answers(Mailbox mailbox) {
        this.mailbox = mailbox;
    }

    /** Something for the loop, which is added once. */
    abstract static class News {
        /** The one that was added before it; once it is taken, the one that was added after it. */
        private @Nullable News other;

        /** As many were there when it was added, and it. */
        private int count;

        /** Runs on the loop. */
        abstract void tell();

        static News of(Runnable command) {
            return new News() {
                @Override
                void tell() {
                    command.run();
                }
            };
        }
    }

    /** Has the loop told soon; false if the loop has ended. */
    boolean add(News news) {
        push(news);
        return wake();
    }

    /** The same, while something else is about to be added: by then at the latest the loop gets it. */
    boolean addUnhurried(News news) {
        push(news);
        if (news.count % UNHURRIED_MAX == 0) {
            return wake();
        }
        return news.count > 1 || mailbox.postUnhurried(take);
    }

    private void push(News news) {
        News before = newest.get();
        while (true) {
            news.other = before;
            news.count = before == null ? 1 : before.count + 1;
            if (newest.compareAndSet(before, news)) {
                return;
            }
            before = newest.get();
        }
    }

    /** First added, then told: a loop that was told before has not looked yet. */
    private boolean wake() {
        if (awake.getAndSet(true) || mailbox.post(take)) {
            return true;
        }
        awake.set(false); // the next shall hear it, too
        return false;
    }

    private void take() {
        awake.set(false);
        append(newest.getAndSet(null));
        int taken = 0;
        try {
            for (News next = rest; next != null && taken < TAKEN_MAX; next = rest) {
                taken++;
                rest = next.other;
                next.other = null;
                next.tell();
            }
        } finally { // also after one that threw, which is the mailbox's to report
            if (rest != null) {
                boolean unused = wake(); // if not, the loop has ended
            }
        }
    }

    /** What was added last comes last. */
    private void append(@Nullable News last) {
        News first = null;
        for (News next = last; next != null; ) {
            News before = next.other;
            next.other = first;
            first = next;
            next = before;
        }
        if (rest == null) {
            rest = first;
            return;
        }
        News end = rest;
        while (end.other != null) {
            end = end.other;
        }
        end.other = first;
    }
}
