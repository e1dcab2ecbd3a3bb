package io.jackfield.broker.peer;

import io.jackfield.broker.model.Envelope.Traits;
import io.jackfield.broker.model.Frames;
import io.jackfield.broker.model.Reply;
import io.jackfield.broker.transport.MessageWriter;
import io.jackfield.broker.transport.SocketType;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.ServiceName;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * An MDP client (PROTOCOL.md 3). Owned by the broker loop.
 *
 * <pre>
 *   0.1, both ways   [what a REQ or DEALER socket puts before] "MDPC01" [service] [body]+
 *   0.2, both ways   [the same]                                "MDPC02" [command, 1 byte] [service] [body]+
 * </pre>
 */
final class MdpClient implements Conversation {
    private final Peer peer;
    private final Mdp version;
    private final SocketType socketType;
    private final ClientRequests requests;
    private @Nullable AskedService asked;

    MdpClient(Peer peer, Mdp version) {
        this.peer = peer;
        this.version = version;
        this.socketType = peer.socketType();
        this.requests = new ClientRequests(peer, false);
    }

    @Override
    public void message(Frames message) {
        Prefix prefix = Prefix.of(socketType, message);
        int header = prefix == null ? 0 : prefix.count();
        if (prefix == null || !isRequest(message, header)) {
            peer.bad("MDP client message of " + message.count() + " frames (expected: "
                    + (version.hasPartials() ? "MDPC02 0x01" : "[empty] MDPC01") + " [service] [body]+)");
            return;
        }
        int bodyFrom = header + version.clientHeadFrames();
        AskedService service = asked(message, bodyFrom - 1);
        Request request = new Request(requests, version, prefix, service);
        Frames body = message.tail(bodyFrom);
        Failure refusal = service.failure();
        if (refusal != null) {
            peer.add(PeerEvent.REQUEST_REFUSED);
            request.writeFailure(refusal);
        } else if (service.name().startsWith(Mmi.PREFIX)) {
            request.writeReply(Reply.of(Mmi.answer(service.name(), body, peer.dispatcher())));
        } else {
            requests.begin(request, service.name(), Headers.EMPTY, body, traits(service.name()));
        }
    }

    @Override
    public void ended(String reason) {
        requests.cancelAll(reason);
    }

    @Override
    public String dialect() {
        return version.dialect();
    }

    @Override
    public String side() {
        return "client";
    }

    @Override
    public int outstanding() {
        return requests.count();
    }

    private boolean isRequest(Frames message, int header) {
        if (message.count() <= header + version.clientHeadFrames()
                || !FrameMatch.is(message, header, version.clientHeader())) {
            return false;
        }
        return !version.hasPartials()
                || (message.partBytes(header + 1) == 1
                        && FrameMatch.byteAt(message, header + 1, 0) == Mdp.CLIENT_REQUEST);
    }

    private AskedService asked(Frames message, int index) {
        AskedService last = asked;
        if (last == null || !last.is(message, index)) {
            last = AskedService.of(message, index);
            // A name that is not allowed may be as long as a message, and is not kept.
            asked = last.failure() == null ? last : null;
        }
        return last;
    }

    /** The broker's own services are there or not; a client's question brings none of them into existence. */
    private static Traits traits(String service) {
        return ServiceName.isReserved(service) ? Traits.NONE : Traits.PLAIN;
    }

    private static final class Request extends ClientRequest {
        private final Peer peer;
        private final Mdp version;
        private final Prefix prefix;
        private final AskedService service;

        Request(ClientRequests requests, Mdp version, Prefix prefix, AskedService service) {
            super(requests);
            this.peer = requests.peer();
            this.version = version;
            this.prefix = prefix;
            this.service = service;
        }

        /** A REQ socket, which RFC 18 does not allow, hears one message for each request, and must not take a part for the whole. */
        @Override
        void writePartial(Reply reply) {
            if (version.hasPartials() && peer.socketType() != SocketType.REQ) {
                begin(true).end(reply.body());
            } else {
                super.writePartial(reply);
            }
        }

        @Override
        void writeReply(Reply reply) {
            begin(false).end(reply.body());
        }

        @Override
        void writeFailure(Failure failure) {
            if (peer.endpoint().onFailure() == EndpointSettings.OnFailure.ERROR_BODY) {
                begin(false).end(failure.errorLine().getBytes(StandardCharsets.UTF_8));
            }
        }

        private MessageWriter begin(boolean partial) {
            return version.toClient(peer.connection(), prefix, service.bytes(), partial);
        }
    }
}
