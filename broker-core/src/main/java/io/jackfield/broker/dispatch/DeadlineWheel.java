package io.jackfield.broker.dispatch;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Deadlines of assignments in a hashed wheel: adding and removing take constant time, and an assignment is told late by at most one slot
 * plus the time between two calls of {@link #expire}, never early.
 */
final class DeadlineWheel {
    static final int NOWHERE = -1;

    /** 8.4 ms: a number of nanoseconds is of the slot of its upper bits. */
    private static final int SLOT_BITS = 23;

    private static final int SLOTS = 1024;

    /** The slot behind all others: what is due and has not been handed over. */
    private static final int DUE = SLOTS;

    private final @Nullable Assignment[] heads = new @Nullable Assignment[SLOTS + 1];
    private long expiredSlot;
    private int count;

    DeadlineWheel(long nowNs) {
        expiredSlot = nowNs >> SLOT_BITS;
        Arrays.fill(heads, null);
    }

    int count() {
        return count;
    }

    void add(Assignment assignment) {
        long slotNumber = Math.max((assignment.wheelDeadlineNs >> SLOT_BITS) + 1, expiredSlot + 1);
        put(assignment, (int) (slotNumber & (SLOTS - 1)));
    }

    private void put(Assignment assignment, int slot) {
        Assignment head = heads[slot];
        assignment.wheelSlot = slot;
        assignment.wheelPrevious = null;
        assignment.wheelNext = head;
        if (head != null) {
            head.wheelPrevious = assignment;
        }
        heads[slot] = assignment;
        count++;
    }

    /** Does nothing for an assignment that is not in the wheel. */
    void remove(Assignment assignment) {
        int slot = assignment.wheelSlot;
        if (slot == NOWHERE) {
            return;
        }
        Assignment next = assignment.wheelNext;
        Assignment previous = assignment.wheelPrevious;
        if (previous == null) {
            heads[slot] = next;
        } else {
            previous.wheelNext = next;
        }
        if (next != null) {
            next.wheelPrevious = previous;
        }
        assignment.wheelNext = null;
        assignment.wheelPrevious = null;
        assignment.wheelSlot = NOWHERE;
        count--;
    }

    /**
     * Removes every assignment whose deadline has passed and hands it over. The consumer may add and remove others; after a long pause no
     * slot is visited twice.
     */
    void expire(long nowNs, Consumer<Assignment> expired) {
        long nowSlot = nowNs >> SLOT_BITS;
        long from = Math.max(expiredSlot + 1, nowSlot - SLOTS + 1);
        for (long slotNumber = from; slotNumber <= nowSlot; slotNumber++) {
            expiredSlot = slotNumber;
            takeDue((int) (slotNumber & (SLOTS - 1)), nowNs);
            handOver(expired);
        }
    }

    /** One pass, however many there are that are not due yet. */
    private void takeDue(int slot, long nowNs) {
        Assignment candidate = heads[slot];
        while (candidate != null) {
            Assignment next = candidate.wheelNext;
            if (candidate.wheelDeadlineNs - nowNs <= 0) {
                remove(candidate);
                put(candidate, DUE);
            }
            candidate = next;
        }
    }

    /** Begins anew each time, since handing over one assignment may end others that are due. */
    private void handOver(Consumer<Assignment> expired) {
        for (Assignment due = heads[DUE]; due != null; due = heads[DUE]) {
            remove(due);
            expired.accept(due);
        }
    }
}
