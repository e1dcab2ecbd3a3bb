package io.jackfield.broker.transport.jeromq;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What happened on one JeroMQ transport since it began. Counted on several threads, read on any. */
public final class JeromqCounters {
    private final Map<Refusal, LongAdder> refusals = new EnumMap<>(Refusal.class);
    private final LongAdder libraryFailures = new LongAdder();

    JeromqCounters() {
        for (Refusal refusal : Refusal.values()) {
            refusals.put(refusal, new LongAdder());
        }
    }

    /** Peers cut off for that reason. */
    public long refused(Refusal refusal) {
        LongAdder count = refusals.get(refusal);
        return count == null ? 0 : count.sum();
    }

    /** Exceptions inside JeroMQ that it survived; its log line has the exception. */
    public long libraryFailures() {
        return libraryFailures.sum();
    }

    void count(Refusal refusal) {
        LongAdder count = refusals.get(refusal);
        if (count != null) {
            count.increment();
        }
    }

    void countLibraryFailure() {
        libraryFailures.increment();
    }
}
