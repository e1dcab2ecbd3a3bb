package io.jackfield.broker.peer;

import io.jackfield.broker.model.Envelope.Traits;
import io.jackfield.broker.model.Frames;
import io.jackfield.broker.model.Reply;
import io.jackfield.protocol.Command;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.FixedHeader;
import io.jackfield.protocol.Flags;
import io.jackfield.protocol.Framing;
import io.jackfield.protocol.Jf1Message;
import java.util.HashMap;
import java.util.Map;

/** The client's side of a JF1 peer (PROTOCOL.md 4.2). Owned by the broker loop. */
final class Jf1Client {
    private static final long NS_PER_MS = 1_000_000;

    private final Peer peer;
    private final Jf1Output output;
    private final ClientRequests requests;
    private final Map<Long, Request> byId = new HashMap<>();
    private boolean known;

    Jf1Client(Peer peer, Jf1Output output) {
        this.peer = peer;
        this.output = output;
        this.requests = new ClientRequests(peer, true);
    }

    /** True once it has asked something. */
    boolean isKnown() {
        return known;
    }

    int count() {
        return requests.count();
    }

    void request(Jf1Message message, Frames body, Prefix prefix) {
        known = true;
        Request request = new Request(message.id(), prefix);
        if (byId.containsKey(message.id())) {
            peer.add(PeerEvent.REQUEST_REFUSED);
            request.writeFailure(Failure.of(
                    ErrorCode.DUPLICATE_REQUEST_ID,
                    "request id: " + Long.toUnsignedString(message.id()) + " (expected: one that is not in flight)",
                    "count ids up"));
            return;
        }
        FixedHeader header = message.header();
        Traits traits = new Traits(
                header.timeMs() * NS_PER_MS,
                header.has(Flags.IDEMPOTENT),
                message.isObject(),
                false,
                peer.endpoint().admin());
        requests.begin(request, message.service(), message.headers(), body, traits);
    }

    /** An id that is not in flight is none of an error: the reply and the CANCEL crossed. */
    void cancel(long id) {
        Request request = byId.get(id);
        if (request != null) {
            request.cancel(Failure.of(ErrorCode.CANCELLED, "the client cancelled the request", ""));
        }
    }

    void cancelAll(String reason) {
        requests.cancelAll(reason);
        known = false;
    }

    private final class Request extends ClientRequest {
        private final long id;
        private final Prefix prefix;

        Request(long id, Prefix prefix) {
            super(requests);
            this.id = id;
            this.prefix = prefix;
        }

        @Override
        void listed() {
            byId.put(id, this);
        }

        @Override
        void unlisted() {
            byId.remove(id);
        }

        @Override
        boolean carriesObjects() {
            return output.framing() == Framing.KRYO;
        }

        @Override
        void writePartial(Reply reply) {
            write(reply, Flags.PARTIAL);
        }

        @Override
        void writeReply(Reply reply) {
            write(reply, reply.earlyExit() ? Flags.EARLY_EXIT : Flags.NONE);
        }

        @Override
        void writeFailure(Failure failure) {
            output.send(prefix, Jf1Message.failure(id, failure));
        }

        private void write(Reply reply, int flags) {
            int all = reply.object() ? flags | Flags.OBJECT : flags;
            output.send(prefix, new FixedHeader(Command.REPLY, all, 0, id, 0, 0), "", reply.headers(), reply.body());
        }
    }
}
