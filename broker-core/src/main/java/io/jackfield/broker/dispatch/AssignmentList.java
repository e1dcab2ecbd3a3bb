package io.jackfield.broker.dispatch;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Assignments in the order they came, each removable in constant time. An assignment stands in one such list at a time: its service's queue
 * or its worker's work in hand.
 */
final class AssignmentList {
    private static final int NONE = AssignmentTable.NONE;

    private final AssignmentTable table;
    private int first = NONE;
    private int last = NONE;
    private int count;
    private long bytes;

    AssignmentList(AssignmentTable table) {
        this.table = table;
    }

    int count() {
        return count;
    }

    long bytes() {
        return bytes;
    }

    /** Those of one service; looks at all. */
    int count(Service service) {
        int found = 0;
        for (int slot = first; slot != NONE; slot = table.next[slot]) {
            found += table.at(slot).service == service ? 1 : 0;
        }
        return found;
    }

    boolean isEmpty() {
        return count == 0;
    }

    @Nullable
    Assignment first() {
        return first == NONE ? null : table.at(first);
    }

    @Nullable
    Assignment last() {
        return last == NONE ? null : table.at(last);
    }

    /** The one in front of it; null for the first. */
    @Nullable
    Assignment before(Assignment assignment) {
        int slot = table.previous[assignment.slot];
        return slot == NONE ? null : table.at(slot);
    }

    void addLast(Assignment assignment) {
        int slot = assignment.slot;
        table.previous[slot] = last;
        table.next[slot] = NONE;
        if (last == NONE) {
            first = slot;
        } else {
            table.next[last] = slot;
        }
        last = slot;
        charge(assignment);
    }

    void addFirst(Assignment assignment) {
        int slot = assignment.slot;
        table.next[slot] = first;
        table.previous[slot] = NONE;
        if (first == NONE) {
            last = slot;
        } else {
            table.previous[first] = slot;
        }
        first = slot;
        charge(assignment);
    }

    void remove(Assignment assignment) {
        int after = table.next[assignment.slot];
        int before = table.previous[assignment.slot];
        if (before == NONE) {
            first = after;
        } else {
            table.next[before] = after;
        }
        if (after == NONE) {
            last = before;
        } else {
            table.previous[after] = before;
        }
        count--;
        bytes -= assignment.bytes;
    }

    void copyTo(Collection<Assignment> all) {
        for (int slot = first; slot != NONE; slot = table.next[slot]) {
            all.add(table.at(slot));
        }
    }

    private void charge(Assignment assignment) {
        count++;
        bytes += assignment.bytes;
    }
}
