package io.jackfield.broker.dispatch;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The one table of what workers hold. A token is a slot's number and its generation, so a token of the past finds nothing: {@code
 * generation << 32 | slot}, generations from 1, hence never 0 and never negative.
 */
final class InFlightTable {
    private static final int FIRST_CAPACITY = 256;

    private @Nullable Assignment[] slots = new @Nullable Assignment[FIRST_CAPACITY];
    private int[] generations = new int[FIRST_CAPACITY];
    private int[] free = new int[FIRST_CAPACITY];
    private int freeCount;
    private int count;

    InFlightTable() {
        offerSlots(0, FIRST_CAPACITY);
    }

    int count() {
        return count;
    }

    /** Gives the assignment a token. The table grows with need: how many there may be is limited where requests are admitted. */
    void add(Assignment assignment) {
        if (freeCount == 0) {
            grow();
        }
        int slot = free[--freeCount];
        generations[slot] = generations[slot] == Integer.MAX_VALUE ? 1 : generations[slot] + 1;
        slots[slot] = assignment;
        assignment.token = (long) generations[slot] << 32 | slot;
        count++;
    }

    /** What has that token now; null for a token of the past or of nobody. */
    @Nullable
    Assignment find(long token) {
        int slot = (int) token;
        if (slot < 0 || slot >= slots.length || generations[slot] != (int) (token >> 32)) {
            return null;
        }
        return slots[slot];
    }

    void remove(Assignment assignment) {
        int slot = (int) assignment.token;
        slots[slot] = null;
        free[freeCount++] = slot;
        assignment.token = Assignment.NO_TOKEN;
        count--;
    }

    private void grow() {
        int before = slots.length;
        slots = Arrays.copyOf(slots, before * 2);
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
