package io.jackfield.broker.peer;

import io.jackfield.broker.dispatch.Assignment;
import io.jackfield.broker.dispatch.RefusedException;
import io.jackfield.broker.dispatch.WorkerSession;
import io.jackfield.broker.model.Envelope;
import io.jackfield.broker.model.Frames;
import io.jackfield.broker.model.Reply;
import io.jackfield.protocol.Command;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.FixedHeader;
import io.jackfield.protocol.Flags;
import io.jackfield.protocol.Framing;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Jf1Message;
import io.jackfield.protocol.Limits;
import io.jackfield.protocol.ServiceDeclaration;
import java.util.List;

/** The worker's side of a JF1 peer (PROTOCOL.md 4.2). Owned by the broker loop. */
final class Jf1Worker extends PeerWorker {
    private static final long NS_PER_MS = 1_000_000;

    private final Peer peer;
    private final Jf1Output output;
    private final Prefix prefix;
    private Headers about = Headers.EMPTY;
    private long heartbeatIntervalNs;

    Jf1Worker(Peer peer, Jf1Output output, Prefix prefix) {
        super(peer);
        this.peer = peer;
        this.output = output;
        this.prefix = prefix;
    }

    /** Registers it and says WELCOME, or FAILURE with the reason. */
    void ready(Jf1Message message) {
        List<ServiceDeclaration> services = message.declarations();
        try {
            endDrained();
            about = message.headers();
            register(services, message.header().count());
        } catch (RefusedException e) {
            output.send(prefix, Jf1Message.failure(0, e.failure()));
            peer.complain("cannot be a worker: " + e.failure().cause());
            return;
        }
        keepPace(message.header().timeMs());
        output.send(prefix, welcome(services.size()));
        start();
    }

    void reply(Jf1Message message, Frames body) {
        boolean partial = message.header().has(Flags.PARTIAL);
        Reply reply = new Reply(
                message.headers(), body, message.isObject(), message.header().has(Flags.EARLY_EXIT));
        if (partial) {
            partial(message.id(), reply);
        } else {
            reply(message.id(), reply);
        }
    }

    void failed(Jf1Message message) {
        WorkerSession session = session();
        if (session == null || !session.fail(message.id(), message.failure())) {
            strayReply();
        }
    }

    /** No more requests for it; it finishes what it has and then sends DISCONNECT. */
    void drain() {
        WorkerSession session = session();
        if (session != null) {
            session.drain(() -> {});
            output.send(prefix, Jf1Message.drain(Math.min(session.inFlightCount(), Limits.U16_MAX)));
        }
    }

    /** Idle, and not heard of for longer than it promised. */
    boolean isSilent(long nowNs) {
        long silenceNsMax = heartbeatIntervalNs * peer.limits().heartbeatLiveness();
        return isRegistered() && inFlight() == 0 && peer.silentNs(nowNs) > silenceNsMax;
    }

    @Override
    boolean carriesObjects() {
        return output.framing() == Framing.KRYO;
    }

    @Override
    void write(Assignment assignment) {
        Envelope envelope = assignment.envelope();
        int flags = (envelope.traits().idempotent() ? Flags.IDEMPOTENT : Flags.NONE)
                | (envelope.traits().object() ? Flags.OBJECT : Flags.NONE);
        FixedHeader header = new FixedHeader(
                Command.REQUEST,
                flags,
                0,
                assignment.token(),
                Math.min(assignment.remainingMs(), Limits.U32_MAX),
                Math.min(assignment.attempt(), Limits.U16_MAX));
        output.send(prefix, header, envelope.service(), envelope.headers(), envelope.body());
    }

    @Override
    public void cancel(Assignment assignment) {
        output.send(prefix, Jf1Message.cancel(assignment.token()));
    }

    @Override
    public String description() {
        String described = peer.describe(output.dialect());
        return about.value(Headers.WORKER_ID)
                .filter(id -> !id.isEmpty())
                .map(id -> described + " " + id)
                .orElse(described);
    }

    @Override
    public Headers about() {
        return about;
    }

    /** READY after DRAIN: the same program begins anew, once it has nothing in hand. */
    private void endDrained() throws RefusedException {
        WorkerSession session = session();
        if (session == null || !session.isDraining()) {
            return;
        }
        if (session.inFlightCount() > 0) {
            throw new RefusedException(Failure.of(
                    ErrorCode.BAD_MESSAGE,
                    "READY after DRAIN with " + session.inFlightCount() + " requests in flight (expected: none)",
                    "finish them, or say DISCONNECT, before joining again"));
        }
        lost("it drained, and sent READY again");
    }

    /** An interval of 0 says nothing: then the broker's own counts. */
    private void keepPace(long intervalMs) {
        heartbeatIntervalNs = intervalMs == 0 ? peer.limits().heartbeatIntervalNs() : intervalMs * NS_PER_MS;
    }

    private Jf1Message welcome(int services) {
        Headers headers = Headers.of(
                Headers.BROKER_ID,
                Headers.fit(peer.brokerId()),
                Headers.BODY_BYTES_MAX,
                Integer.toString(peer.limits().bodyBytesMax()));
        long intervalMs = Math.min(peer.limits().heartbeatIntervalMs(), Limits.U32_MAX);
        return Jf1Message.welcome(intervalMs, services, headers);
    }
}
