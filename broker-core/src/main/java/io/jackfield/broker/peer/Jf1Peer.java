package io.jackfield.broker.peer;

import io.jackfield.broker.model.Frames;
import io.jackfield.broker.peer.EndpointSettings.Role;
import io.jackfield.broker.transport.SocketType;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Framing;
import io.jackfield.protocol.Jf1Message;
import io.jackfield.protocol.KryoFraming;
import io.jackfield.protocol.Limits;
import io.jackfield.protocol.ProtocolException;
import io.jackfield.protocol.RawFraming;

/**
 * A JF1 peer, in either framing: client, worker, or both on one connection (PROTOCOL.md 4). Owned by the broker loop.
 *
 * <p>A REQ peer hears nothing that it did not ask for: its socket would take a DRAIN or DISCONNECT for the answer to its next request.
 */
final class Jf1Peer implements Conversation {
    /** Fixed header, service, headers. */
    private static final int RAW_HEAD_FRAMES = 3;

    private final Peer peer;
    private final SocketType socketType;
    private final Jf1Output output;
    private final Jf1Client client;
    private final Jf1Worker worker;

    /** What stood before the message that is being answered; of a DEALER peer always the same. */
    private Prefix prefix;

    Jf1Peer(Peer peer, Framing framing, Prefix prefix) {
        this.peer = peer;
        this.socketType = peer.socketType();
        this.output = new Jf1Output(peer, framing);
        this.prefix = prefix;
        this.client = new Jf1Client(peer, output);
        this.worker = new Jf1Worker(peer, output, prefix);
    }

    @Override
    public void message(Frames message) {
        Prefix before = Prefix.of(socketType, message);
        if (before == null) {
            peer.bad("message without an empty frame and something behind it (expected: [request id] [empty] ...)");
            return;
        }
        if (socketType == SocketType.REQ) {
            prefix = before;
        }
        Frames frames = message.tail(before.count());
        try {
            take(decode(frames), frames);
        } catch (ProtocolException e) {
            refuse(e.requestId(), e);
        }
    }

    @Override
    public void ended(String reason) {
        // The client's side first: a request of this peer to itself must not be tried again.
        client.cancelAll(reason);
        worker.lost(reason);
    }

    @Override
    public void tick(long nowNs) {
        if (worker.isSilent(nowNs)) {
            peer.add(PeerEvent.WORKER_SILENT);
            peer.close("the idle worker was silent for too long");
        }
    }

    @Override
    public void drain() {
        if (socketType != SocketType.REQ) {
            sendDrain();
        }
    }

    @Override
    public void withdraw() {
        worker.withdraw();
    }

    @Override
    public void goodbye() {
        if (socketType != SocketType.REQ) {
            output.send(prefix, Jf1Message.disconnect(0));
        }
    }

    @Override
    public String dialect() {
        return output.dialect();
    }

    @Override
    public String side() {
        if (worker.isRegistered()) {
            return client.isKnown() ? "client+worker" : "worker";
        }
        return client.isKnown() ? "client" : "undecided";
    }

    @Override
    public int outstanding() {
        return client.count();
    }

    @Override
    public int inFlight() {
        return worker.inFlight();
    }

    private Jf1Message decode(Frames frames) throws ProtocolException {
        return output.framing() == Framing.RAW ? RawFraming.decode(frames.parts()) : KryoFraming.decode(frames.parts());
    }

    private void take(Jf1Message message, Frames frames) {
        switch (message.command()) {
            case READY -> ready(message);
            case REQUEST -> request(message, frames);
            case REPLY -> reply(message, frames);
            case FAILURE -> failure(message);
            case CANCEL -> client.cancel(message.id());
            case HEARTBEAT -> heartbeat(message);
            case DRAIN -> drainWorker();
            case DISCONNECT -> ended("the peer sent DISCONNECT");
            case WELCOME -> refuse(message, "command: WELCOME (expected: one that a peer may send)");
        }
    }

    private void ready(Jf1Message message) {
        if (socketType == SocketType.REQ || peer.endpoint().role() == Role.CLIENTS) {
            refuse(message, "command: READY (expected: from a DEALER, on an endpoint whose role is any or workers)");
        } else {
            worker.ready(message);
        }
    }

    private void request(Jf1Message message, Frames frames) {
        if (peer.endpoint().role() == Role.WORKERS) {
            refuse(message, "command: REQUEST (expected: on an endpoint whose role is any or clients)");
        } else if (message.header().count() != 0) {
            refuse(message, "count of REQUEST: " + message.header().count() + " (expected: 0 from a client)");
        } else {
            client.request(message, body(message, frames), prefix);
        }
    }

    private void reply(Jf1Message message, Frames frames) {
        if (worker.isRegistered()) {
            worker.reply(message, body(message, frames));
        } else {
            notReady(message);
        }
    }

    private void failure(Jf1Message message) {
        if (message.id() == 0) {
            // The peer says that we broke its rules. An answer could be answered in turn, without end.
            peer.add(PeerEvent.COMPLAINT);
            peer.complain("says: " + message.failure().errorLine());
        } else if (worker.isRegistered()) {
            worker.failed(message);
        } else {
            notReady(message);
        }
    }

    private void heartbeat(Jf1Message message) {
        if (!worker.isRegistered() && !client.isKnown()) {
            notReady(message);
        } else if (message.header().count() == 1) {
            output.send(prefix, Jf1Message.heartbeat(false));
        }
    }

    private void drainWorker() {
        if (worker.isRegistered()) {
            worker.drain();
        } else {
            fail(0, notReady("DRAIN"));
        }
    }

    private void notReady(Jf1Message message) {
        fail(0, notReady(message.command().name()));
    }

    private void sendDrain() {
        int inFlight = client.count() + worker.inFlight();
        output.send(prefix, Jf1Message.drain(Math.min(inFlight, Limits.U16_MAX)));
    }

    private void fail(long id, Failure failure) {
        output.send(prefix, Jf1Message.failure(id, failure));
    }

    /** The body as frames of their own: in raw framing they are that already. */
    private Frames body(Jf1Message message, Frames frames) {
        return output.framing() == Framing.RAW ? frames.tail(RAW_HEAD_FRAMES) : Frames.of(message.body());
    }

    private void refuse(Jf1Message message, String cause) {
        refuse(message.id(), new ProtocolException(ErrorCode.BAD_MESSAGE, cause));
    }

    private void refuse(long id, ProtocolException breach) {
        fail(id, breach.failure());
        peer.bad(breach.message());
    }

    private static Failure notReady(String command) {
        return Failure.of(
                ErrorCode.NOT_READY,
                command + " on a connection that has not sent "
                        + (command.equals("HEARTBEAT") ? "READY or REQUEST" : "READY"),
                "send READY: the connection is a new one to the broker");
    }
}
