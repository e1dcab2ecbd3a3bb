package io.jackfield.broker.peer;

import io.jackfield.broker.dispatch.Assignment;
import io.jackfield.broker.dispatch.RefusedException;
import io.jackfield.broker.dispatch.Worker;
import io.jackfield.broker.dispatch.WorkerSession;
import io.jackfield.broker.model.Reply;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.ServiceDeclaration;
import io.jackfield.protocol.ServiceName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A remote worker, as far as it is the same in every dialect: its session, and the way of replies into it. Owned by the broker loop. */
abstract class PeerWorker implements Worker {
    private final Peer peer;
    private final int bodyBytesMax;
    private @Nullable WorkerSession session;
    private boolean toldOfCut;

    PeerWorker(Peer peer) {
        this.peer = peer;
        this.bodyBytesMax = peer.limits().bodyBytesMax();
    }

    /** Writes the request to the worker. */
    abstract void write(Assignment assignment);

    /** True if the worker can open an object (PROTOCOL.md 4.5). */
    boolean carriesObjects() {
        return false;
    }

    /** Registers it for one service of which it declares nothing but the name; {@link #start} must follow. */
    final void register(String service, int credit) throws RefusedException {
        refuseReserved(service);
        try {
            session = peer.dispatcher().register(this, service, credit);
            tellIfCut(credit, session.credit());
        } catch (RefusedException e) {
            throw counted(e);
        }
    }

    /** Registers it, or replaces what it is registered for; {@link #start} must follow. */
    final void register(List<ServiceDeclaration> services, int credit) throws RefusedException {
        for (ServiceDeclaration service : services) {
            refuseReserved(service.name());
        }
        try {
            if (session == null) {
                session = peer.dispatcher().register(this, services, credit);
            } else {
                session.update(services, credit);
            }
            tellIfCut(credit, session.credit());
        } catch (RefusedException e) {
            throw counted(e);
        }
    }

    /** Told once a connection: a peer that says READY on and on fills no log. Not as a complaint, which is told the first time only. */
    private void tellIfCut(int asked, int given) {
        if (given < asked && !toldOfCut) {
            toldOfCut = true;
            peer.tell(description() + ": its credit of " + asked + " is cut to " + given
                    + ", all that limits.worker-credit-max allows: set that to " + asked
                    + " if it is to have so many requests at a time");
        }
    }

    private void refuseReserved(String service) throws RefusedException {
        if (ServiceName.isReserved(service)) {
            throw counted(new RefusedException(Failure.of(
                    ErrorCode.BAD_SERVICE_NAME,
                    "service name: " + service + " (expected: not one of the broker's own)",
                    "choose a name that begins neither with jf. nor with mmi.")));
        }
    }

    private RefusedException counted(RefusedException refused) {
        peer.add(PeerEvent.WORKER_REFUSED);
        return refused;
    }

    /** Lets requests through to the worker, unless it is to end. */
    final void start() {
        if (peer.isWithdrawn()) {
            withdraw();
        } else if (session != null) {
            session.start();
        }
    }

    /** It gets nothing more; what it has in hand may end. */
    public final void withdraw() {
        if (session != null && !session.isDraining()) {
            session.drain(() -> {});
        }
    }

    final boolean isRegistered() {
        return session != null;
    }

    final @Nullable WorkerSession session() {
        return session;
    }

    /** Requests it has. */
    public final int inFlight() {
        return session == null ? 0 : session.inFlightCount();
    }

    /** The worker is gone, or has left: what it had in hand is given to others or fails. */
    final void lost(String reason) {
        WorkerSession left = session;
        session = null;
        if (left != null) {
            left.lost(reason);
        }
    }

    /** The worker's final reply, if the request of that token is in its hands. */
    final void reply(long token, Reply reply) {
        WorkerSession current = session;
        if (current == null || !deliver(current, token, reply)) {
            strayReply();
        }
    }

    /** One of several replies. */
    final void partial(long token, Reply reply) {
        WorkerSession current = session;
        Failure breach = breach(reply);
        boolean delivered = current != null
                && (breach == null ? current.partial(token, reply) : current.refusePartial(token, breach));
        if (!delivered) {
            strayReply();
        }
    }

    final void strayReply() {
        peer.stray("reply to a request that is not in flight here: late, cancelled or invented");
    }

    private boolean deliver(WorkerSession current, long token, Reply reply) {
        Failure breach = breach(reply);
        return breach == null ? current.reply(token, reply) : current.fail(token, breach);
    }

    private @Nullable Failure breach(Reply reply) {
        return BodyLimit.breach(reply.body(), bodyBytesMax);
    }

    @Override
    public final void assign(Assignment assignment) {
        if (assignment.envelope().traits().object() && !carriesObjects() && session != null) {
            session.fail(assignment.token(), unsupportedBody());
        } else {
            write(assignment);
        }
    }

    @Override
    public void cancel(Assignment assignment) {
        // Most dialects have no word for it: the worker's reply will be a stray one.
    }

    @Override
    public void expel(Assignment assignment, String reason) {
        peer.close(reason);
    }

    private Failure unsupportedBody() {
        return Failure.of(
                ErrorCode.UNSUPPORTED_BODY,
                "the body is an object that worker " + description() + " cannot open",
                "send bytes, or connect a worker in Kryo framing");
    }
}
