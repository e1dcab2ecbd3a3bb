package io.jackfield.broker.dispatch;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The one table of what was admitted: an assignment has a slot from its admission until nobody has it any more, and lists, deadlines and
 * tokens name it by that number. References from one to the next would cost a write barrier of the garbage collector each; numbers cost
 * nothing, and those of a few hundred requests are all in the processor's first cache.
 *
 * <p>While a worker has it, it has a token: {@code generation << 32 | slot}, generations from 1, hence never 0 and never negative. A token
 * of the past finds nothing.
 */
final class AssignmentTable {
    /** No slot: slots are numbered from 0. */
    static final int NONE = -1;

    private static final int FIRST_CAPACITY = 256;

    /** Of the list in which the assignment of a slot stands: the slots of its neighbours, or {@link #NONE}. */
    int[] next = new int[FIRST_CAPACITY];

    int[] previous = new int[FIRST_CAPACITY];

    private @Nullable Assignment[] slots = new @Nullable Assignment[FIRST_CAPACITY];
    private int[] generations = new int[FIRST_CAPACITY];
    private int[] free = new int[FIRST_CAPACITY];
    private int freeCount;
    private int inFlight;

    AssignmentTable() {
        offerSlots(0, FIRST_CAPACITY);
    }

    /** How many slots there are now: all numbers of slots are below that. */
    int capacity() {
        return slots.length;
    }

    /** Those that have a slot. */
    int count() {
        return slots.length - freeCount;
    }

    /** Those that have a token. */
    int inFlightCount() {
        return inFlight;
    }

    /** Gives the assignment a slot. The table grows with need: how many there may be is limited where requests are admitted. */
    void add(Assignment assignment) {
        if (freeCount == 0) {
            grow();
        }
        int slot = free[--freeCount];
        slots[slot] = assignment;
        assignment.slot = slot;
    }

    /** Takes the slot back from an assignment that is in no list and has no token. */
    void remove(Assignment assignment) {
        int slot = assignment.slot;
        assignment.slot = NONE;
        slots[slot] = null;
        free[freeCount++] = slot;
    }

    /** The assignment of a slot that is taken. */
    Assignment at(int slot) {
        return requireNonNull(slots[slot]);
    }

    /** Likewise, or null if the slot is free. */
    @Nullable
    Assignment atOrNull(int slot) {
        return slots[slot];
    }

    /** Gives the assignment a token of its own, and another one each time. */
    void giveToken(Assignment assignment) {
        int slot = assignment.slot;
        int generation = generations[slot] == Integer.MAX_VALUE ? 1 : generations[slot] + 1;
        generations[slot] = generation;
        assignment.token = (long) generation << 32 | slot;
        inFlight++;
    }

    /** Its token means nothing any more. */
    void takeToken(Assignment assignment) {
        assignment.token = Assignment.NO_TOKEN;
        inFlight--;
    }

    /** What has that token now; null for a token of the past or of nobody. */
    @Nullable
    Assignment find(long token) {
        int slot = (int) token;
        if (slot < 0 || slot >= slots.length) {
            return null;
        }
        Assignment found = slots[slot];
        return found != null && found.token == token ? found : null;
    }

    private void grow() {
        int before = slots.length;
        slots = Arrays.copyOf(slots, before * 2);
        next = Arrays.copyOf(next, before * 2);
        previous = Arrays.copyOf(previous, before * 2);
        generations = Arrays.copyOf(generations, before * 2);
        free = Arrays.copyOf(free, before * 2);
        offerSlots(before, before * 2);
    }

    private void offerSlots(int from, int to) {
        for (int slot = to - 1; slot >= from; slot--) {
            free[freeCount++] = slot;
        }
    }
}
