package io.jackfield.broker.peer;

import io.jackfield.broker.model.Envelope;
import io.jackfield.broker.model.Frames;
import io.jackfield.broker.model.Reply;
import io.jackfield.broker.transport.SocketType;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;
import java.nio.charset.StandardCharsets;

/** A client that knows no protocol: every message is a request to the endpoint's service (PROTOCOL.md 2). Owned by the broker loop. */
final class PlainClient implements Conversation {
    private final Peer peer;
    private final SocketType socketType;
    private final String service;
    private final ClientRequests requests;

    PlainClient(Peer peer) {
        this.peer = peer;
        this.socketType = peer.socketType();
        this.service = peer.endpoint().service();
        this.requests = new ClientRequests(peer, false);
    }

    @Override
    public void message(Frames message) {
        Prefix prefix = Prefix.of(socketType, message);
        if (prefix == null) {
            peer.bad("plain request without an empty frame and a body (expected: [request id] [empty] [body]+)");
            return;
        }
        Request request = new Request(requests, prefix);
        requests.begin(request, service, Headers.EMPTY, message.tail(prefix.count()), Envelope.Traits.PLAIN);
    }

    @Override
    public void ended(String reason) {
        requests.cancelAll(reason);
    }

    @Override
    public String dialect() {
        return "plain";
    }

    @Override
    public String side() {
        return "client";
    }

    @Override
    public int outstanding() {
        return requests.count();
    }

    private static final class Request extends ClientRequest {
        private final Peer peer;
        private final Prefix prefix;

        Request(ClientRequests requests, Prefix prefix) {
            super(requests);
            this.peer = requests.peer();
            this.prefix = prefix;
        }

        @Override
        void writeReply(Reply reply) {
            prefix.begin(peer.connection()).end(reply.body());
        }

        @Override
        void writeFailure(Failure failure) {
            if (peer.endpoint().onFailure() == EndpointSettings.OnFailure.ERROR_BODY) {
                prefix.begin(peer.connection()).end(failure.errorLine().getBytes(StandardCharsets.UTF_8));
            }
        }
    }
}
