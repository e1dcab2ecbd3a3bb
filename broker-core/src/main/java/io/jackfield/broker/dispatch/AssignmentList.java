package io.jackfield.broker.dispatch;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Assignments in the order they came, each removable in constant time. An assignment stands in one such list at a time: its service's queue
 * or its worker's work in hand.
 */
final class AssignmentList {
    private @Nullable Assignment first;
    private @Nullable Assignment last;
    private int count;
    private long bytes;

    int count() {
        return count;
    }

    long bytes() {
        return bytes;
    }

    /** Those of one service; looks at all. */
    int count(Service service) {
        int found = 0;
        for (Assignment next = first; next != null; next = next.listNext) {
            found += next.service == service ? 1 : 0;
        }
        return found;
    }

    boolean isEmpty() {
        return count == 0;
    }

    @Nullable
    Assignment first() {
        return first;
    }

    @Nullable
    Assignment last() {
        return last;
    }

    void addLast(Assignment assignment) {
        assignment.listPrevious = last;
        if (last == null) {
            first = assignment;
        } else {
            last.listNext = assignment;
        }
        last = assignment;
        charge(assignment);
    }

    void addFirst(Assignment assignment) {
        assignment.listNext = first;
        if (first == null) {
            last = assignment;
        } else {
            first.listPrevious = assignment;
        }
        first = assignment;
        charge(assignment);
    }

    void remove(Assignment assignment) {
        Assignment next = assignment.listNext;
        Assignment previous = assignment.listPrevious;
        if (previous == null) {
            first = next;
        } else {
            previous.listNext = next;
        }
        if (next == null) {
            last = previous;
        } else {
            next.listPrevious = previous;
        }
        assignment.listNext = null;
        assignment.listPrevious = null;
        count--;
        bytes -= assignment.bytes;
    }

    void copyTo(Collection<Assignment> all) {
        for (Assignment next = first; next != null; next = next.listNext) {
            all.add(next);
        }
    }

    private void charge(Assignment assignment) {
        count++;
        bytes += assignment.bytes;
    }
}
