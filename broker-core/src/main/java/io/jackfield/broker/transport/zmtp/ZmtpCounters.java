package io.jackfield.broker.transport.zmtp;

import java.util.EnumMap;
import java.util.Map;

/** What happened on one ZMTP transport since it began. Owned by the broker loop: read it there. */
public final class ZmtpCounters {
    private final Map<Refusal, Long> refusals = new EnumMap<>(Refusal.class);
    private long accepted;
    private long acceptFailures;
    private long opened;
    private long messagesIn;
    private long messagesOut;

    ZmtpCounters() {}

    /** Connections taken from the operating system. */
    public long accepted() {
        return accepted;
    }

    /** How often the operating system had no room for another connection. */
    public long acceptFailures() {
        return acceptFailures;
    }

    /** Peers that completed the handshake. */
    public long opened() {
        return opened;
    }

    /** Messages that peers sent. */
    public long messagesIn() {
        return messagesIn;
    }

    /** Messages written to peers. */
    public long messagesOut() {
        return messagesOut;
    }

    /** Connections ended for that reason. */
    public long refused(Refusal refusal) {
        return refusals.getOrDefault(refusal, 0L);
    }

    /** All reasons that occurred, with how often. */
    public Map<Refusal, Long> refused() {
        return Map.copyOf(refusals);
    }

    void countAccepted() {
        accepted++;
    }

    void countAcceptFailure() {
        acceptFailures++;
    }

    void countOpened() {
        opened++;
    }

    void countMessageIn() {
        messagesIn++;
    }

    void countMessageOut() {
        messagesOut++;
    }

    void count(Refusal refusal) {
        refusals.merge(refusal, 1L, Long::sum);
    }
}
