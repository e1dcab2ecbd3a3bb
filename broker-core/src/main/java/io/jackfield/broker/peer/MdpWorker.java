package io.jackfield.broker.peer;

import io.jackfield.broker.dispatch.Assignment;
import io.jackfield.broker.dispatch.RefusedException;
import io.jackfield.broker.model.Frames;
import io.jackfield.broker.model.Reply;
import io.jackfield.protocol.ProtocolException;
import io.jackfield.protocol.ServiceName;

/**
 * An MDP 0.1 worker (PROTOCOL.md 3). Owned by the broker loop. It is a stranger until it has said READY, and again after a DISCONNECT in
 * either direction.
 *
 * <pre>
 *   all begin with   [empty] "MDPW01" [command, 1 byte]
 *   READY            [service]
 *   REQUEST, REPLY   [token] [empty] [body]+
 * </pre>
 */
final class MdpWorker extends PeerWorker implements Conversation {
    private static final byte[] REQUEST_FRAME = {Mdp.REQUEST};

    /** Frames before the body of a REPLY, from the header on. */
    private static final int REPLY_HEAD_FRAMES = 4;

    private final Peer peer;
    private final Prefix prefix;
    private long beatNs;
    private boolean ticked;
    private boolean wasRegistered;

    MdpWorker(Peer peer, Prefix prefix) {
        super(peer);
        this.peer = peer;
        this.prefix = prefix;
    }

    @Override
    public void message(Frames message) {
        int header = message.count() > 1 && FrameMatch.isEmpty(message, 0) ? 1 : 0;
        int frames = message.count() - header;
        if (frames < 2 || !FrameMatch.is(message, header, Mdp.WORKER) || message.partBytes(header + 1) != 1) {
            malformed(message);
            return;
        }
        switch (FrameMatch.byteAt(message, header + 1, 0)) {
            case Mdp.READY -> ready(message, header);
            case Mdp.REPLY -> reply(message, header);
            case Mdp.HEARTBEAT -> heartbeat(message, frames);
            case Mdp.DISCONNECT -> lost("it sent DISCONNECT");
            default -> malformed(message);
        }
    }

    @Override
    public void ended(String reason) {
        wasRegistered = isRegistered();
        lost(reason);
    }

    @Override
    public void tick(long nowNs) {
        PeerLimits limits = peer.limits();
        if (!isRegistered()) {
            return;
        }
        if (inFlight() == 0 && peer.silentNs(nowNs) > limits.heartbeatIntervalNs() * limits.heartbeatLiveness()) {
            peer.add(PeerEvent.WORKER_SILENT);
            peer.close("the idle worker was silent for " + limits.heartbeatLiveness() + " heartbeats");
            return;
        }
        if (!ticked || nowNs - beatNs >= limits.heartbeatIntervalNs()) {
            // The first beat after READY only sets the pace.
            if (ticked) {
                Mdp.heartbeat(peer.connection(), prefix);
            }
            ticked = true;
            beatNs = nowNs;
        }
    }

    @Override
    public void goodbye() {
        if (wasRegistered) {
            Mdp.disconnect(peer.connection(), prefix);
        }
    }

    @Override
    public String description() {
        return peer.describe(dialect());
    }

    @Override
    public String dialect() {
        return "mdp";
    }

    @Override
    public String side() {
        return "worker";
    }

    @Override
    void write(Assignment assignment) {
        prefix.begin(peer.connection())
                .frame(Mdp.WORKER)
                .frame(REQUEST_FRAME)
                .frame(assignment.token())
                .empty()
                .end(assignment.envelope().body());
    }

    private void ready(Frames message, int header) {
        if (message.count() != header + 3) {
            malformed(message);
        } else if (isRegistered()) {
            dismiss("it sent a second READY");
        } else {
            join(message, header + 2);
        }
    }

    private void join(Frames message, int service) {
        try {
            String name = ServiceName.parse(message.part(service));
            register(name, 1);
            ticked = false;
            start();
        } catch (ProtocolException e) {
            peer.add(PeerEvent.WORKER_REFUSED);
            dismiss(e.message());
        } catch (RefusedException e) {
            dismiss(e.failure().cause());
        }
    }

    private void reply(Frames message, int header) {
        boolean wellFormed = message.count() > header + REPLY_HEAD_FRAMES && FrameMatch.isEmpty(message, header + 3);
        if (!wellFormed) {
            malformed(message);
        } else if (!isRegistered()) {
            dismiss("it sent REPLY before READY");
        } else if (message.partBytes(header + 2) != Long.BYTES) {
            strayReply();
        } else {
            reply(FrameMatch.number(message, header + 2), Reply.of(message.tail(header + REPLY_HEAD_FRAMES)));
        }
    }

    private void heartbeat(Frames message, int frames) {
        if (frames != 2) {
            malformed(message);
        } else if (!isRegistered()) {
            dismiss("it sent HEARTBEAT before READY");
        }
    }

    /** The peer said something at the wrong time: it is a stranger from now on. */
    private void dismiss(String reason) {
        peer.complain("gets DISCONNECT: " + reason);
        Mdp.disconnect(peer.connection(), prefix);
        lost(reason);
    }

    private void malformed(Frames message) {
        peer.bad("MDP worker message of " + message.count()
                + " frames that is none of READY, REPLY, HEARTBEAT, DISCONNECT");
    }
}
