package io.jackfield.broker.dispatch;

import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Deadlines of assignments in a hashed wheel: an assignment is told late by at most one tick plus the time between two calls of {@link
 * #expire}, never early.
 *
 * <p>A slot of the table has at most one entry, at no later tick than the first that begins after its assignment's deadline. Whoever ends
 * leaves the entry behind, and who gets the slot next finds it: as a rule there is nothing to do, for its own deadline is later. When the
 * entry's tick comes, it goes on to where the deadline then is. So to admit a request costs one comparison, and an entry is moved about once
 * in the time that requests may take, however many had its slot meanwhile.
 */
final class DeadlineWheel {
    /** A tick of the wheel is 8.4 ms: a number of nanoseconds is of the tick of its upper bits. */
    private static final int TICK_BITS = 23;

    private static final int BUCKETS = 1024;

    /** The bucket behind all others: what is due and has not been handed over. */
    private static final int DUE = BUCKETS;

    private static final int NONE = AssignmentTable.NONE;
    private static final long NOWHERE = Long.MAX_VALUE;

    private final AssignmentTable table;
    private final int[] heads = new int[BUCKETS + 1];

    /** By slot: the tick of its entry, and its neighbours in the bucket of that tick. */
    private long[] ticks = new long[0];

    private int[] next = new int[0];

    /** Of the first in a bucket: -2 - bucket. */
    private int[] previous = new int[0];

    /** The last tick of the wheel whose entries have been looked at. */
    private long expiredTick;

    DeadlineWheel(AssignmentTable table, long nowNs) {
        this.table = table;
        this.expiredTick = nowNs >> TICK_BITS;
        Arrays.fill(heads, NONE);
    }

    /** Its {@link Assignment#wheelDeadlineNs} counts from now on, until it gives its slot back or has been handed over. */
    void add(Assignment assignment) {
        int slot = assignment.slot;
        if (slot >= ticks.length) {
            grow(table.capacity());
        }
        long tick = tickOf(assignment);
        if (tick < ticks[slot]) {
            unlink(slot);
            link(slot, tick);
        }
    }

    /** True if it will be handed over in time, unless it gives its slot back. */
    boolean contains(Assignment assignment) {
        return ticks[assignment.slot] <= tickOf(assignment);
    }

    /**
     * Hands over every assignment whose deadline has passed. The consumer may add and end others; after a long pause no bucket is visited
     * twice.
     */
    void expire(long nowNs, Consumer<Assignment> expired) {
        long nowTick = nowNs >> TICK_BITS;
        long from = Math.max(expiredTick + 1, nowTick - BUCKETS + 1);
        for (long tick = from; tick <= nowTick; tick++) {
            expiredTick = tick;
            takeDue((int) (tick & (BUCKETS - 1)), nowNs);
            handOver(nowNs, expired);
        }
    }

    private long tickOf(Assignment assignment) {
        return Math.max((assignment.wheelDeadlineNs >> TICK_BITS) + 1, expiredTick + 1);
    }

    /** One pass, however many there are that are not due yet. */
    private void takeDue(int bucket, long nowNs) {
        int after;
        for (int slot = heads[bucket]; slot != NONE; slot = after) {
            after = next[slot];
            if (ticks[slot] > expiredTick && table.atOrNull(slot) != null) {
                continue; // a later round's; one of a free slot is dropped whenever it is met
            }
            unlink(slot);
            Assignment candidate = table.atOrNull(slot);
            if (candidate != null && candidate.wheelDeadlineNs - nowNs <= 0) {
                linkIn(DUE, slot, expiredTick);
            } else if (candidate != null) {
                link(slot, tickOf(candidate));
            }
        }
    }

    /** Begins anew each time, since handing over one assignment may end others that are due, and their slots be taken again. */
    private void handOver(long nowNs, Consumer<Assignment> expired) {
        for (int slot = heads[DUE]; slot != NONE; slot = heads[DUE]) {
            unlink(slot);
            Assignment due = table.atOrNull(slot);
            if (due != null && due.wheelDeadlineNs - nowNs <= 0) {
                expired.accept(due);
            } else if (due != null) {
                link(slot, tickOf(due));
            }
        }
    }

    private void link(int slot, long tick) {
        linkIn((int) (tick & (BUCKETS - 1)), slot, tick);
    }

    private void linkIn(int bucket, int slot, long tick) {
        int head = heads[bucket];
        ticks[slot] = tick;
        previous[slot] = -2 - bucket;
        next[slot] = head;
        if (head != NONE) {
            previous[head] = slot;
        }
        heads[bucket] = slot;
    }

    /** Does nothing for a slot without an entry. */
    private void unlink(int slot) {
        if (ticks[slot] == NOWHERE) {
            return;
        }
        int after = next[slot];
        int before = previous[slot];
        if (before < NONE) {
            heads[-2 - before] = after;
        } else {
            next[before] = after;
        }
        if (after != NONE) {
            previous[after] = before;
        }
        ticks[slot] = NOWHERE;
    }

    private void grow(int capacity) {
        int before = ticks.length;
        ticks = Arrays.copyOf(ticks, capacity);
        next = Arrays.copyOf(next, capacity);
        previous = Arrays.copyOf(previous, capacity);
        Arrays.fill(ticks, before, capacity, NOWHERE);
    }
}
