package io.jackfield.broker.simulation;

import java.util.EnumMap;
import java.util.Map;

/** What happened in simulated worlds, counted: a fault that never occurs proves nothing. */
final class Tally {
    private final Map<Kind, Long> counts = new EnumMap<>(Kind.class);

    /** One line of the summary. */
    enum Kind {
        ASKED,
        REPLIED,
        RETRIED,
        CONNECTION_CUT,
        WORKER_CRASHED_BUSY,
        WORKER_LEFT_BUSY,
        WORKER_FROZEN,
        WORKER_SILENT,
        WORKER_EXPELLED,
        WORKER_DRAINED,
        WORKER_IDLE,
        WORKER_UPDATED,
        WORKER_REFUSED,
        WORKER_THREW,
        RAMPED,
        TOOK_OVER,
        ROLLED_BACK,
        PLACED,
        PLACEMENT_REFUSED,
        ANSWERED_IN_ASSIGN,
        ANSWERED_IN_CANCEL,
        LOST_IN_ASSIGN,
        ASKED_IN_REPLY,
        CANCELLED_IN_REPLY,
        ROUTE_THREW,
        PARTIAL,
        HANDLER_FAILED,
        LATE,
        STRAY_REPLY,
        BAD_MESSAGE,
        DUPLICATE_ID,
        CANCELLED,
        DEADLINE_EXCEEDED,
        WORKER_LOST,
        OVERLOADED,
        NO_SUCH_SERVICE,
        TOO_MANY_SERVICES,
        TOO_LARGE,
        DRAINING,
        CREDIT_USED_UP,
        QUEUE_FULL
    }

    void add(Kind kind) {
        add(kind, 1);
    }

    void add(Kind kind, long times) {
        counts.merge(kind, times, Long::sum);
    }

    void add(Tally other) {
        other.counts.forEach(this::add);
    }

    long count(Kind kind) {
        return counts.getOrDefault(kind, 0L);
    }

    @Override
    public String toString() {
        return counts.toString();
    }
}
