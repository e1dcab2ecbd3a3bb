package io.jackfield.broker.peer;

import io.jackfield.broker.model.Envelope.Traits;
import io.jackfield.broker.model.Frames;
import io.jackfield.broker.model.Reply;
import io.jackfield.broker.transport.SocketType;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.ServiceName;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * An MDP 0.1 client (PROTOCOL.md 3). Owned by the broker loop.
 *
 * <pre>
 *   both ways   [what a REQ or DEALER socket puts before] "MDPC01" [service] [body]+
 * </pre>
 */
final class MdpClient implements Conversation {
    /** Header and service. */
    private static final int HEAD_FRAMES = 2;

    private final Peer peer;
    private final SocketType socketType;
    private final ClientRequests requests;
    private @Nullable AskedService asked;

    MdpClient(Peer peer) {
        this.peer = peer;
        this.socketType = peer.socketType();
        this.requests = new ClientRequests(peer);
    }

    @Override
    public void message(Frames message) {
        Prefix prefix = Prefix.of(socketType, message);
        int header = prefix == null ? 0 : prefix.count();
        if (prefix == null || message.count() <= header + HEAD_FRAMES || !FrameMatch.is(message, header, Mdp.CLIENT)) {
            peer.bad("MDP client message of " + message.count()
                    + " frames (expected: [empty] MDPC01 [service] [body]+)");
            return;
        }
        AskedService service = asked(message, header + 1);
        Request request = new Request(requests, prefix, service);
        Frames body = message.tail(header + HEAD_FRAMES);
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
        return "mdp";
    }

    @Override
    public String side() {
        return "client";
    }

    @Override
    public int outstanding() {
        return requests.count();
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
        private final Prefix prefix;
        private final AskedService service;

        Request(ClientRequests requests, Prefix prefix, AskedService service) {
            super(requests);
            this.peer = requests.peer();
            this.prefix = prefix;
            this.service = service;
        }

        @Override
        void writeReply(Reply reply) {
            prefix.begin(peer.connection())
                    .frame(Mdp.CLIENT)
                    .frame(service.bytes())
                    .end(reply.body());
        }

        @Override
        void writeFailure(Failure failure) {
            if (peer.endpoint().onFailure() == EndpointSettings.OnFailure.ERROR_BODY) {
                byte[] line = failure.errorLine().getBytes(StandardCharsets.UTF_8);
                prefix.begin(peer.connection())
                        .frame(Mdp.CLIENT)
                        .frame(service.bytes())
                        .end(line);
            }
        }
    }
}
