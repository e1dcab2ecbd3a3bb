package io.jackfield.broker.peer;

import io.jackfield.broker.dispatch.Assignment;
import io.jackfield.broker.dispatch.RefusedException;
import io.jackfield.broker.model.Frames;
import io.jackfield.broker.model.Reply;
import io.jackfield.broker.peer.Mdp.WorkerCommand;
import io.jackfield.protocol.ProtocolException;
import io.jackfield.protocol.ServiceName;
import org.jspecify.annotations.Nullable;

/**
 * An MDP worker (PROTOCOL.md 3). Owned by the broker loop. It is a stranger until it has said READY, and again after a DISCONNECT in
 * either direction.
 *
 * <pre>
 *   all begin with            0.1: [empty] "MDPW01" [command, 1 byte]   0.2: "MDPW02" [command, 1 byte]
 *   READY                     [service]
 *   REQUEST, PARTIAL, FINAL   [token] [empty] [body]+
 * </pre>
 */
final class MdpWorker extends PeerWorker implements Conversation {
    /** Frames before the body of a reply, from the header on. */
    private static final int REPLY_HEAD_FRAMES = 4;

    private final Peer peer;
    private final Mdp version;
    private final Prefix prefix;
    private long beatNs;
    private boolean ticked;
    private boolean wasRegistered;

    MdpWorker(Peer peer, Mdp version, Prefix prefix) {
        super(peer);
        this.peer = peer;
        this.version = version;
        this.prefix = prefix;
    }

    @Override
    public void message(Frames message) {
        int header = message.count() > 1 && FrameMatch.isEmpty(message, 0) ? 1 : 0;
        int frames = message.count() - header;
        WorkerCommand command = frames < 2 ? null : command(message, header);
        if (command == null) {
            malformed(message);
            return;
        }
        switch (command) {
            case READY -> ready(message, header);
            case PARTIAL, FINAL -> reply(command, message, header);
            case HEARTBEAT -> heartbeat(message, frames);
            case DISCONNECT -> lost("it sent DISCONNECT");
            case REQUEST -> malformed(message);
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
                version.tell(peer.connection(), prefix, WorkerCommand.HEARTBEAT);
            }
            ticked = true;
            beatNs = nowNs;
        }
    }

    @Override
    public void goodbye() {
        if (wasRegistered) {
            version.tell(peer.connection(), prefix, WorkerCommand.DISCONNECT);
        }
    }

    @Override
    public String description() {
        return peer.describe(dialect());
    }

    @Override
    public String dialect() {
        return version.dialect();
    }

    @Override
    public String side() {
        return "worker";
    }

    @Override
    void write(Assignment assignment) {
        version.toWorker(peer.connection(), prefix, WorkerCommand.REQUEST)
                .frame(assignment.token())
                .empty()
                .end(assignment.envelope().body());
    }

    private @Nullable WorkerCommand command(Frames message, int header) {
        boolean one = FrameMatch.is(message, header, version.workerHeader()) && message.partBytes(header + 1) == 1;
        return one ? version.command(FrameMatch.byteAt(message, header + 1, 0)) : null;
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

    private void reply(WorkerCommand command, Frames message, int header) {
        boolean wellFormed = message.count() > header + REPLY_HEAD_FRAMES && FrameMatch.isEmpty(message, header + 3);
        if (!wellFormed) {
            malformed(message);
        } else if (!isRegistered()) {
            dismiss("it sent a reply before READY");
        } else if (message.partBytes(header + 2) != Long.BYTES) {
            strayReply();
        } else {
            long token = FrameMatch.number(message, header + 2);
            Reply reply = Reply.of(message.tail(header + REPLY_HEAD_FRAMES));
            if (command == WorkerCommand.PARTIAL) {
                partial(token, reply);
            } else {
                reply(token, reply);
            }
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
        version.tell(peer.connection(), prefix, WorkerCommand.DISCONNECT);
        lost(reason);
    }

    private void malformed(Frames message) {
        peer.bad("MDP worker message of " + message.count()
                + " frames that is none of READY, "
                + (version.hasPartials() ? "PARTIAL, FINAL" : "REPLY") + ", HEARTBEAT, DISCONNECT");
    }
}
