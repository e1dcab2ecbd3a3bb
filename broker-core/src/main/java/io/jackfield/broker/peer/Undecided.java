package io.jackfield.broker.peer;

import io.jackfield.broker.model.Frames;
import io.jackfield.broker.peer.EndpointSettings.Role;
import io.jackfield.broker.transport.SocketType;
import io.jackfield.protocol.Detection;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Framing;
import io.jackfield.protocol.Jf1Message;
import org.jspecify.annotations.Nullable;

/**
 * A REQ or DEALER peer that has not yet said what it speaks (PROTOCOL.md 1). Owned by the broker loop.
 *
 * <p>A DEALER on an endpoint for workers is a plain worker already, and may have requests before it speaks. If it then turns out to speak
 * MDP or JF1, it could not have understood them: that plain worker is lost, and its requests go the way of all whose worker is lost: an
 * idempotent one to another worker (perhaps this very peer, once it has said READY), any other ends with {@code WORKER_LOST}. An endpoint
 * whose dialect is fixed, or whose role is {@code any}, gives nothing before the first message.
 */
final class Undecided implements Conversation {
    private final Peer peer;
    private final @Nullable PlainWorker provisional;

    private Undecided(Peer peer, @Nullable PlainWorker provisional) {
        this.peer = peer;
        this.provisional = provisional;
    }

    /** Begins the first conversation with a new peer. */
    static void first(Peer peer) {
        boolean dealer = peer.socketType() == SocketType.DEALER;
        if (!dealer && peer.socketType() != SocketType.REQ) {
            PlainWorker worker = new PlainWorker(peer);
            peer.become(worker);
            worker.join();
        } else if (dealer && isPlainWorker(peer)) {
            PlainWorker worker = new PlainWorker(peer);
            peer.become(new Undecided(peer, worker));
            worker.join();
        } else {
            peer.become(new Undecided(peer, null));
        }
    }

    @Override
    public void message(Frames message) {
        if (peer.socketType() == SocketType.DEALER && message.count() == 1 && FrameMatch.isEmpty(message, 0)) {
            peer.add(PeerEvent.PROBE);
            return;
        }
        Prefix prefix = Prefix.of(peer.socketType(), message);
        if (prefix == null) {
            peer.bad("request without an empty frame and something behind it (expected: [request id] [empty] ...)");
            return;
        }
        switch (Detection.of(message.part(prefix.count()))) {
            case MDP_01_CLIENT -> mdpClient(Mdp.V01, message);
            case MDP_02_CLIENT -> mdpClient(Mdp.V02, message);
            case MDP_01_WORKER -> mdpWorker(Mdp.V01, prefix, message);
            case MDP_02_WORKER -> mdpWorker(Mdp.V02, prefix, message);
            case JF1_RAW -> jf1(Framing.RAW, prefix, message);
            case JF1_KRYO -> jf1(Framing.KRYO, prefix, message);
            case UNKNOWN_JF_VERSION -> unknownVersion(prefix, message);
            case PLAIN -> plain(prefix, message);
        }
    }

    @Override
    public void ended(String reason) {
        if (provisional != null) {
            provisional.ended(reason);
        }
    }

    @Override
    public void withdraw() {
        if (provisional != null) {
            provisional.withdraw();
        }
    }

    @Override
    public String dialect() {
        return "undecided";
    }

    @Override
    public String side() {
        return provisional == null ? "undecided" : provisional.side();
    }

    @Override
    public int inFlight() {
        return provisional == null ? 0 : provisional.inFlight();
    }

    private void mdpClient(Mdp version, Frames message) {
        if (!speaks(Dialect.MDP)) {
            plain(Prefix.NONE, message);
        } else if (peer.endpoint().role() == Role.WORKERS) {
            peer.bad("MDP client on an endpoint for workers (expected: an endpoint whose role is any or clients)");
        } else {
            goOn(new MdpClient(peer, version), message);
        }
    }

    private void mdpWorker(Mdp version, Prefix prefix, Frames message) {
        if (!speaks(Dialect.MDP)) {
            plain(prefix, message);
        } else if (peer.socketType() == SocketType.REQ || peer.endpoint().role() == Role.CLIENTS) {
            version.tell(peer.connection(), prefix, Mdp.WorkerCommand.DISCONNECT);
            peer.bad("MDP worker where only clients may be (expected: a DEALER on an endpoint for any or workers)");
        } else {
            goOn(new MdpWorker(peer, version, prefix), message);
        }
    }

    private void jf1(Framing framing, Prefix prefix, Frames message) {
        if (speaks(Dialect.JF1)) {
            goOn(new Jf1Peer(peer, framing, prefix), message);
        } else {
            plain(prefix, message);
        }
    }

    private void unknownVersion(Prefix prefix, Frames message) {
        if (speaks(Dialect.JF1)) {
            refuse(prefix, ErrorCode.UNSUPPORTED_VERSION, "protocol version: not 1 (expected: JF1)");
        } else {
            plain(prefix, message);
        }
    }

    private void plain(Prefix prefix, Frames message) {
        if (speaks(Dialect.PLAIN)) {
            goOnPlain(message);
        } else if (speaks(Dialect.JF1)) {
            refuse(
                    prefix,
                    ErrorCode.BAD_MESSAGE,
                    "first frame: no JF1 header (expected: JF1, which this endpoint is for)");
        } else {
            peer.bad("first frame: not MDP (expected: MDPC01, MDPC02, MDPW01 or MDPW02, which this endpoint is for)");
        }
    }

    private void goOnPlain(Frames message) {
        if (provisional == null) {
            goOn(new PlainClient(peer), message);
            return;
        }
        peer.become(provisional, message);
    }

    private void goOn(Conversation next, Frames message) {
        if (provisional != null) {
            provisional.ended("it was taken for a plain worker, and speaks " + next.dialect());
        }
        peer.become(next, message);
    }

    /** Nothing is known of the peer's framing: raw is what anybody can read. */
    private void refuse(Prefix prefix, ErrorCode code, String cause) {
        Failure failure = Failure.of(code, cause, "compare the peer with docs/PROTOCOL.md");
        new Jf1Output(peer, Framing.RAW).send(prefix, Jf1Message.failure(0, failure));
        peer.bad(cause);
    }

    private boolean speaks(Dialect dialect) {
        return peer.endpoint().speaks(dialect);
    }

    private static boolean isPlainWorker(Peer peer) {
        EndpointSettings endpoint = peer.endpoint();
        return endpoint.role() == Role.WORKERS && endpoint.speaks(Dialect.PLAIN);
    }
}
