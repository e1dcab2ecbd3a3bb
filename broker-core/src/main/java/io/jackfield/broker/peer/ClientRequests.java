package io.jackfield.broker.peer;

import io.jackfield.broker.dispatch.Dispatcher;
import io.jackfield.broker.model.Envelope;
import io.jackfield.broker.model.Frames;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one client that have not ended. Owned by the broker loop.
 *
 * <p>A client whose dialect numbers its requests is refused what is over its limit. One whose dialect does not could not tell what was
 * refused: it is not read from until half of its requests have ended, as ZeroMQ holds a sender back at the high-water mark.
 */
final class ClientRequests {
    private static final int RETRY_AFTER_MS = 100;

    private final Peer peer;
    private final boolean numbered;
    private final Dispatcher dispatcher;
    private final int countMax;
    private final int bodyBytesMax;
    private @Nullable ClientRequest first;
    private int count;
    private boolean heldBack;

    /** @param numbered answers say which request they are for */
    ClientRequests(Peer peer, boolean numbered) {
        this.peer = peer;
        this.numbered = numbered;
        this.dispatcher = peer.dispatcher();
        this.countMax = peer.limits().clientRequestsMax();
        this.bodyBytesMax = peer.limits().bodyBytesMax();
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
        if (!numbered && count >= countMax) {
            heldBack = true;
            peer.connection().reading(false);
        }
        dispatcher.accept(envelope);
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
        if (heldBack && count <= countMax / 2) {
            heldBack = false;
            peer.connection().reading(true);
        }
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
        if (count >= countMax) {
            return new Failure(
                    ErrorCode.OVERLOADED,
                    "the client has " + count + " requests that have not ended, its limit (client-requests-max)",
                    "wait for replies, or use more connections",
                    RETRY_AFTER_MS);
        }
        return BodyLimit.breach(body, bodyBytesMax);
    }
}
