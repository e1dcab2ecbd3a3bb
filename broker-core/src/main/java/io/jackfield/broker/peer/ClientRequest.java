package io.jackfield.broker.peer;

import io.jackfield.broker.model.Envelope;
import io.jackfield.broker.model.Reply;
import io.jackfield.broker.model.ReplyRoute;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import org.jspecify.annotations.Nullable;

/**
 * A client's request that has not ended: how its answers are written in the client's dialect, and its place among the client's requests.
 * Owned by the broker loop.
 */
abstract class ClientRequest implements ReplyRoute {
    private final ClientRequests requests;
    private @Nullable Envelope envelope;

    @Nullable
    ClientRequest next;

    @Nullable
    ClientRequest previous;

    private boolean counted;

    ClientRequest(ClientRequests requests) {
        this.requests = requests;
    }

    /** True if the client can open an object (PROTOCOL.md 4.5). */
    boolean carriesObjects() {
        return false;
    }

    abstract void writeReply(Reply reply);

    abstract void writeFailure(Failure failure);

    /** Writes one of several replies; most dialects know only one reply. */
    void writePartial(Reply reply) {
        requests.peer().add(PeerEvent.PARTIAL_DROPPED);
    }

    /** It counts among the client's requests from now on. */
    void listed() {}

    /** It does not count any more. */
    void unlisted() {}

    final boolean isListed() {
        return counted;
    }

    final void list(boolean counts) {
        counted = counts;
        if (counts) {
            listed();
        } else {
            unlisted();
        }
    }

    @Override
    public final void partial(Reply reply) {
        if (reply.object() && !carriesObjects()) {
            cancel(unsupportedBody());
            return;
        }
        writePartial(reply);
    }

    @Override
    public final void complete(Reply reply) {
        requests.remove(this);
        if (reply.object() && !carriesObjects()) {
            writeFailure(unsupportedBody());
            return;
        }
        writeReply(reply);
    }

    @Override
    public final void fail(Failure failure) {
        requests.remove(this);
        writeFailure(failure);
    }

    void begun(Envelope newEnvelope) {
        envelope = newEnvelope;
    }

    /** The client gave up. */
    void cancel(Failure why) {
        if (envelope != null) {
            envelope.cancel(why);
        }
    }

    private static Failure unsupportedBody() {
        return Failure.of(
                ErrorCode.UNSUPPORTED_BODY,
                "the reply is an object that only JF1 peers in Kryo framing open",
                "ask with a Kryo client, or have the service reply with bytes");
    }
}
