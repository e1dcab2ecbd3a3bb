package io.jackfield.broker.peer;

import io.jackfield.broker.model.Envelope;
import io.jackfield.broker.model.Frames;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;
import org.jspecify.annotations.Nullable;

/** The requests of one client that have not ended. Owned by the broker loop. */
final class ClientRequests {
    private static final int RETRY_AFTER_MS = 100;

    private final Peer peer;
    private @Nullable ClientRequest first;
    private int count;

    ClientRequests(Peer peer) {
        this.peer = peer;
    }

    Peer peer() {
        return peer;
    }

    int count() {
        return count;
    }

    /** Sends a request on its way, or ends it at once if the client is over a limit. */
    void begin(ClientRequest request, String service, Headers headers, Frames body, Envelope.Traits traits) {
        Failure refusal = refusal(body);
        if (refusal != null) {
            peer.add(PeerEvent.REQUEST_REFUSED);
            request.writeFailure(refusal);
            return;
        }
        Envelope envelope = new Envelope(service, headers, body, traits, request);
        request.begun(envelope);
        add(request);
        peer.dispatcher().accept(envelope);
    }

    /** Cancels all: the client is gone or leaves. */
    void cancelAll(String reason) {
        Failure why = Failure.of(ErrorCode.CANCELLED, reason, "");
        for (ClientRequest request = first; request != null; request = first) {
            // Out of the list first: what happens next may lead back here, and must find fewer.
            remove(request);
            request.cancel(why);
        }
    }

    void remove(ClientRequest request) {
        if (!request.isListed()) {
            return;
        }
        ClientRequest next = request.next;
        ClientRequest previous = request.previous;
        if (previous == null) {
            first = next;
        } else {
            previous.next = next;
        }
        if (next != null) {
            next.previous = previous;
        }
        request.next = null;
        request.previous = null;
        count--;
        request.list(false);
    }

    private void add(ClientRequest request) {
        ClientRequest head = first;
        request.next = head;
        if (head != null) {
            head.previous = request;
        }
        first = request;
        count++;
        request.list(true);
    }

    private @Nullable Failure refusal(Frames body) {
        PeerLimits limits = peer.limits();
        if (count >= limits.clientRequestsMax()) {
            return new Failure(
                    ErrorCode.OVERLOADED,
                    "the client has " + count + " requests that have not ended, its limit (client-requests-max)",
                    "wait for replies, or use more connections",
                    RETRY_AFTER_MS);
        }
        return BodyLimit.breach(body, limits.bodyBytesMax());
    }
}
