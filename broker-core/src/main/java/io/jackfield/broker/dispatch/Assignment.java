package io.jackfield.broker.dispatch;

import io.jackfield.broker.model.Envelope;
import io.jackfield.protocol.Failure;
import org.jspecify.annotations.Nullable;

/**
 * An envelope that the dispatcher has admitted, with what must be known of it until nobody has it any more. Owned by the broker loop; what
 * workers may use is public.
 */
public final class Assignment implements Envelope.Holder {
    final Envelope envelope;
    final Service service;
    final long deadlineNs;

    /** Bytes that this request is charged to every byte limit. */
    final int bytes;

    /** Set while a worker has it, also after the client's side has ended. */
    @Nullable
    WorkerSession session;

    /** The client has seen part of an answer: no other worker may begin anew. */
    boolean answeredInPart;

    /** When the worker got it. */
    long assignedNs;

    int attempt;

    /** Decided when the worker got it, for the body is kept only then: if this worker is lost, another may have it. */
    boolean mayRetry;

    long token = NO_TOKEN;

    /** Its number in the table, from its admission until nobody has it any more. */
    int slot = AssignmentTable.NONE;

    /** The request's deadline; once that has passed, the time by which its worker must have let go of it. */
    long wheelDeadlineNs;

    static final long NO_TOKEN = -1;

    /** See {@link #mark()}. */
    @Nullable
    Object mark;

    private final Dispatcher dispatcher;

    Assignment(Dispatcher dispatcher, Service service, Envelope envelope, int bytes, long deadlineNs) {
        this.dispatcher = dispatcher;
        this.service = service;
        this.envelope = envelope;
        this.deadlineNs = deadlineNs;
        this.wheelDeadlineNs = deadlineNs;
        this.bytes = bytes;
    }

    /** What a request holds while it is here: its body and its headers. */
    static int charged(Envelope envelope) {
        return envelope.body().wireBytes() + envelope.headers().encodedBytes();
    }

    /** What the worker is asked. */
    public Envelope envelope() {
        return envelope;
    }

    /** Names this request at this worker: unique among all in flight, never -1, and never used again for another soon. */
    public long token() {
        return token;
    }

    /** 1 for the first worker that gets it. */
    public int attempt() {
        return attempt;
    }

    /** When its time is over, on the dispatcher's clock. */
    public long deadlineNs() {
        return deadlineNs;
    }

    /** Milliseconds left to its deadline, at least 1. */
    public long remainingMs() {
        return Math.max(1, (deadlineNs - dispatcher.nowNs()) / 1_000_000);
    }

    /** What the worker that has it wants to find with it: its own, and gone once it has it no more. */
    public @Nullable Object mark() {
        return mark;
    }

    /** Sets {@link #mark()}. */
    public void mark(Object newMark) {
        mark = newMark;
    }

    @Override
    public void cancel(Envelope cancelled, Failure why) {
        dispatcher.cancel(this, why);
    }
}
