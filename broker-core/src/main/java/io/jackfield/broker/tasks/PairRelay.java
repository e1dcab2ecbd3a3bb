package io.jackfield.broker.tasks;

import io.jackfield.broker.model.Frames;
import org.jspecify.annotations.Nullable;

/**
 * Two peers, each of which gets what the other sends. What a lone one sends waits for the second, also when it has gone meanwhile; when the
 * first two have become one again, for the next. Who is not ready gets no more until it is; when too much waits for it, the other is not
 * read from. Owned by the broker loop.
 *
 * @param <E> an end
 */
public final class PairRelay<E extends Inlet & Outlet> {
    private final Seat<E> left;
    private final Seat<E> right;

    /** Both seats have been taken since the last time that both were free. */
    private boolean met;

    public PairRelay(QueueLimits limits) {
        left = new Seat<>(limits);
        right = new Seat<>(limits);
    }

    /** An end comes; false if there are two already. It may be given messages before this returns. */
    public boolean join(E end) {
        Seat<E> free = freeSeat();
        if (free == null) {
            return false;
        }
        free.sit(end);
        met |= opposite(free).end != null || !opposite(free).sent.isEmpty();
        passOn(opposite(free), free);
        return true;
    }

    /**
     * An end goes; false if it was none. What it sent still reaches the other. Once two have met and both have gone, nobody is left who
     * could be meant.
     */
    public boolean leave(E end) {
        Seat<E> seat = seat(end);
        if (seat == null) {
            return false;
        }
        seat.stand();
        if (met && opposite(seat).end == null) {
            met = false;
            left.sent.clear();
            right.sent.clear();
        }
        return true;
    }

    /** An end sends a message; the frames may be borrowed. */
    public void message(E from, Frames message) {
        Seat<E> seat = seat(from);
        if (seat == null) {
            return;
        }
        Seat<E> other = opposite(seat);
        if (seat.sent.isEmpty() && other.end != null && other.isReady()) {
            other.end.send(message);
            return;
        }
        seat.sent.add(message);
        if (!seat.paused && seat.sent.isFull()) {
            seat.paused = true;
            from.reading(false);
        }
    }

    /** An end that was not ready is. */
    public void ready(E end) {
        Seat<E> seat = seat(end);
        if (seat != null) {
            seat.awaited = false;
            passOn(opposite(seat), seat);
        }
    }

    /** True if nothing waits, or comes of an end that has gone, that the other is there to take, nor anything to be read by it. */
    public boolean isQuiet() {
        return isQuiet(left, right) && isQuiet(right, left);
    }

    private boolean isQuiet(Seat<E> from, Seat<E> to) {
        if (to.end == null || to.end.hasGone()) {
            return true;
        }
        boolean waits = !from.sent.isEmpty() || (from.end != null && from.end.hasGone());
        return !waits && !to.end.hasUnread();
    }

    /** Null if there is none. Opposite to what waits, if something does. */
    private @Nullable Seat<E> freeSeat() {
        if (left.end == null && (left.sent.isEmpty() || right.end != null)) {
            return left;
        }
        return right.end == null ? right : null;
    }

    private void passOn(Seat<E> from, Seat<E> to) {
        while (!from.sent.isEmpty() && to.end != null && to.isReady()) {
            to.end.send(from.sent.remove());
        }
        if (from.paused && from.sent.isLow() && from.end != null) {
            from.paused = false;
            from.end.reading(true);
        }
    }

    private @Nullable Seat<E> seat(E end) {
        if (left.end == end) {
            return left;
        }
        return right.end == end ? right : null;
    }

    private Seat<E> opposite(Seat<E> seat) {
        return seat == left ? right : left;
    }

    private static final class Seat<E extends Inlet & Outlet> {
        /** Sent from here, and not yet taken by the other end. */
        private final Backlog sent;

        private @Nullable E end;

        /** {@link #end} is not read from. */
        private boolean paused;

        /** {@link #end} is not ready and will tell when it is. */
        private boolean awaited;

        Seat(QueueLimits limits) {
            sent = new Backlog(limits);
        }

        void sit(E newEnd) {
            end = newEnd;
            awaited = false;
            paused = sent.isFull();
            if (paused) {
                newEnd.reading(false);
            }
        }

        void stand() {
            end = null;
        }

        /** Whether the end may be given a message now; if not, it tells when it may. */
        boolean isReady() {
            if (!awaited && end != null && !end.isReady()) {
                awaited = true;
                end.tellWhenReady();
            }
            return !awaited;
        }
    }
}
