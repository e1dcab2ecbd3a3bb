package io.jackfield.broker.dispatch;

import io.jackfield.broker.dispatch.AvailableWorkers.Place;
import io.jackfield.broker.model.Envelope;
import io.jackfield.broker.model.Reply;
import io.jackfield.broker.model.RequestSink;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.ServiceDeclaration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Matches requests to workers. Owned by the broker loop; time comes in by {@link #tick}.
 *
 * <p>Every request that is admitted ends exactly once: by its worker's final reply or failure, its deadline, its client's cancel, the loss
 * of its worker, or the end of the broker. A request that ended for its client while a worker still has it is <em>abandoned</em>: it keeps
 * the worker's credit until the worker answers, is lost, or is overdue.
 */
public final class Dispatcher implements RequestSink {
    final Turns turns = new Turns();

    final DispatchLimits limits;
    private final DispatchLog log;
    final Services services;
    final List<WorkerSession> sessions = new ArrayList<>();
    final AssignmentTable table = new AssignmentTable();
    final DeadlineWheel wheel;
    final AssignmentCensus census = new AssignmentCensus();
    private long nowNs;
    private final Admission admission;

    /**
     * @param configured settings by service name; these services exist from the start
     * @param nowNs the time now, as later in {@link #tick}
     */
    public Dispatcher(DispatchLimits limits, Map<String, ServiceSettings> configured, long nowNs) {
        this(limits, configured, nowNs, DispatchLog.toLogger());
    }

    /** The same with a log of its own. */
    public Dispatcher(DispatchLimits limits, Map<String, ServiceSettings> configured, long nowNs, DispatchLog log) {
        this.limits = limits;
        this.log = log;
        this.admission = new Admission(limits, census);
        this.wheel = new DeadlineWheel(table, nowNs);
        this.nowNs = nowNs;
        this.services = new Services(this, configured, limits.servicesMax());
    }

    /** Other sinks than services are added here. */
    public RouteTable routes() {
        return services.routes();
    }

    /** The time of the last tick, in nanoseconds. */
    public long nowNs() {
        return nowNs;
    }

    /** Lets time pass: requests whose deadline is over end now. */
    public void tick(long newNowNs) {
        nowNs = newNowNs;
        wheel.expire(newNowNs, this::deadlinePassed);
    }

    @Override
    public void accept(Envelope envelope) {
        RequestSink sink = services.sinkFor(envelope);
        if (sink == null) {
            envelope.fail(
                    envelope.traits().createsService()
                            ? DispatchFailures.tooManyInventedServices(services.count())
                            : DispatchFailures.noSuchService(envelope));
            return;
        }
        sink.accept(envelope);
    }

    /** The service of that name, which comes into existence if it has not yet: an endpoint or a plugin names it. */
    public Service open(String name) throws RefusedException {
        return services.open(name);
    }

    /** How many requests may wait for a service, unless the configuration names it: there that is said. */
    public void boundQueue(String service, int lengthMax) {
        services.boundQueue(service, lengthMax);
    }

    /** True if a worker or plugin serves the name now, or it is one of the broker's own. */
    public boolean isServed(String name) {
        return services.isServed(name);
    }

    /** A worker has said READY; it gets nothing before {@link WorkerSession#start}. */
    public WorkerSession register(Worker worker, List<ServiceDeclaration> declarations, int credit)
            throws RefusedException {
        WorkerSession session = new WorkerSession(this, worker);
        update(session, declarations, credit);
        sessions.add(session);
        return session;
    }

    /** The same for a worker whose dialect has no words to declare a service with: it settles nothing but that the service exists. */
    public WorkerSession register(Worker worker, String service, int credit) throws RefusedException {
        WorkerSession session = new WorkerSession(this, worker);
        place(session, List.of(open(service)), credit);
        sessions.add(session);
        return session;
    }

    /** Refuses new requests with DRAINING; those admitted go on. */
    public void drain() {
        admission.drain();
    }

    /** True when no admitted request is waiting or in flight, abandoned ones aside. */
    public boolean isQuiet() {
        return census.waitedFor() == 0;
    }

    /** Ends every request that is admitted now with the failure: the time for draining is over. */
    public void failAll(Failure failure) {
        List<Assignment> all = new ArrayList<>();
        services.all().forEach(service -> service.queue.copyTo(all));
        sessions.forEach(session -> session.inHand.copyTo(all));
        all.forEach(assignment -> end(assignment, failure));
    }

    /** What there is now, for people. */
    public DispatchSnapshot snapshot() {
        return DispatchSnapshot.of(services.all(), sessions, table.inFlightCount(), census, nowNs);
    }

    void admit(Service service, Envelope envelope) {
        int bytes = Assignment.charged(envelope);
        WorkerSession best = service.nextForNew();
        Failure refusal = admission.refusal(service, bytes, best == null);
        if (refusal != null) {
            service.counters.refused++;
            envelope.fail(refusal);
            return;
        }
        long timeoutNs = envelope.traits().timeoutNs();
        long effectiveNs = timeoutNs > 0 ? timeoutNs : service.timeoutNs();
        Assignment assignment = new Assignment(this, service, envelope, bytes, nowNs + effectiveNs);
        envelope.heldBy(assignment);
        table.add(assignment);
        wheel.add(assignment);
        census.admitted(bytes);
        service.counters.accepted++;
        service.offer(assignment, best);
    }

    void assign(Assignment assignment, WorkerSession session) {
        assignment.attempt++;
        assignment.assignedNs = nowNs;
        assignment.mayRetry = mayRetry(assignment);
        table.giveToken(assignment);
        session.take(assignment);
        long token = assignment.token;
        try {
            session.worker.assign(assignment);
        } catch (RuntimeException bug) {
            log.error("worker " + session.worker.description() + " threw when it was given a request", bug);
            session.fail(token, DispatchFailures.notTaken(session));
        }
        if (assignment.mayRetry && !assignment.envelope.ended()) { // only now: who answers at once needs no copy
            assignment.envelope.keepBody();
        }
    }

    /** The worker that has the request of that token; null if nobody has. For workers whose replies come in on another connection. */
    public @Nullable Worker workerWith(long token) {
        Assignment assignment = table.find(token);
        return assignment == null || assignment.session == null ? null : assignment.session.worker;
    }

    void partial(Assignment assignment, Reply reply) {
        try {
            assignment.envelope.partial(reply);
        } catch (RuntimeException bug) {
            log.error(routeThrew(assignment), bug);
        }
    }

    boolean replied(Assignment assignment, Reply reply) {
        WorkerSession session = comeBack(assignment);
        boolean wanted = !assignment.envelope.ended();
        if (wanted) {
            session.replied++;
            assignment.service.counters.replied++;
            leave(assignment);
            complete(assignment, reply);
        } else {
            forget(assignment);
        }
        session.creditReturned();
        return wanted;
    }

    boolean failed(Assignment assignment, Failure failure) {
        WorkerSession session = comeBack(assignment);
        boolean wanted = !assignment.envelope.ended();
        if (wanted) {
            failAndLeave(assignment, failure);
        } else {
            forget(assignment);
        }
        session.creditReturned();
        return wanted;
    }

    void cancel(Assignment assignment, Failure why) {
        end(assignment, why);
    }

    void update(WorkerSession session, List<ServiceDeclaration> declarations, int credit) throws RefusedException {
        place(session, services.declare(declarations), credit);
    }

    private void place(WorkerSession session, List<Service> served, int credit) {
        withdraw(session);
        session.renewed(served.stream().map(Service::name).toList(), Math.min(credit, limits.workerCreditMax()));
        for (Service service : served) {
            Place place = new Place(service, session);
            session.places.add(place);
            service.workers.add(session);
            service.sharesChanged();
        }
    }

    /** The worker gets nothing more. */
    void withdraw(WorkerSession session) {
        for (Place place : session.places) {
            place.service.lineOf(session).remove(place);
            place.service.workers.remove(session);
            place.service.sharesChanged();
            // Without it, what waits may be for those that had a share only.
            turns.add(place.service);
        }
        session.places.clear();
    }

    /**
     * What may be tried again goes back into its queue first, so that every request has its place before any client is told: who is told
     * may cancel others.
     */
    void lost(WorkerSession session, String reason) {
        withdraw(session);
        sessions.remove(session);
        requeue(session);
        for (Assignment next = session.inHand.first(); next != null; next = session.inHand.first()) {
            Failure failure = DispatchFailures.workerLost(next, session, reason);
            comeBack(next);
            if (next.envelope.ended()) {
                forget(next);
            } else {
                failAndLeave(next, failure);
            }
        }
        turns.run();
    }

    /** Services of which some worker has a request in hand. */
    Set<Service> servicesInHand() {
        List<Assignment> inHand = new ArrayList<>();
        sessions.forEach(session -> session.inHand.copyTo(inHand));
        return inHand.stream().map(assignment -> assignment.service).collect(Collectors.toSet());
    }

    /** In their old order, before those that came later. */
    private void requeue(WorkerSession session) {
        Assignment previous;
        for (Assignment next = session.inHand.last(); next != null; next = previous) {
            previous = session.inHand.before(next);
            if (next.mayRetry && !next.answeredInPart && !next.envelope.ended()) {
                comeBack(next);
                next.envelope.keepBody(); // the worker may be lost while it is given the request
                next.service.counters.retried++;
                next.service.queue.addFirst(next);
                turns.add(next.service);
            }
        }
    }

    private static boolean mayRetry(Assignment assignment) {
        ServiceSettings settings = assignment.service.settings();
        boolean idempotent = assignment.service.isIdempotent()
                || assignment.envelope.traits().idempotent();
        return idempotent && assignment.attempt < settings.attemptsMax();
    }

    private void deadlinePassed(Assignment assignment) {
        WorkerSession session = assignment.session;
        if (assignment.envelope.ended() && session != null) {
            guard(
                    "worker " + session.worker.description(),
                    () -> session.worker.expel(
                            assignment, "a request is overdue since " + limits.workerOverdueMs() + " ms"));
            return;
        }
        end(assignment, DispatchFailures.deadlineExceeded(assignment));
    }

    /** Ends a request for its client, wherever it is. A worker that has it keeps it as an abandoned one. */
    private void end(Assignment assignment, Failure failure) {
        if (assignment.envelope.ended()) {
            return;
        }
        WorkerSession session = assignment.session;
        if (session == null) {
            assignment.service.queue.remove(assignment);
            failAndLeave(assignment, failure);
            return;
        }
        census.left(assignment.bytes);
        census.abandoned();
        assignment.wheelDeadlineNs = nowNs + limits.workerOverdueMs() * 1_000_000;
        wheel.add(assignment);
        long token = assignment.token;
        fail(assignment, failure);
        // The worker may be gone, or going: a client that is told of a loss may cancel others from there.
        if (assignment.token == token && !session.isGone()) {
            guard("worker " + session.worker.description(), () -> session.worker.cancel(assignment));
        }
    }

    private void failAndLeave(Assignment assignment, Failure failure) {
        leave(assignment);
        fail(assignment, failure);
    }

    private void complete(Assignment assignment, Reply reply) {
        try {
            assignment.envelope.complete(reply);
        } catch (RuntimeException bug) {
            log.error(routeThrew(assignment), bug);
        }
    }

    private void fail(Assignment assignment, Failure failure) {
        assignment.service.counters.failed(failure.code());
        try {
            assignment.envelope.fail(failure);
        } catch (RuntimeException bug) {
            log.error(routeThrew(assignment), bug);
        }
    }

    private static String routeThrew(Assignment assignment) {
        return "the reply route of a request to " + assignment.service.name() + " threw";
    }

    /** Calls somebody whose bug must not be the end of what others wait for. */
    void guard(String whose, Runnable call) {
        try {
            call.run();
        } catch (RuntimeException bug) {
            log.error(whose + " threw", bug);
        }
    }

    /** Out of the worker's hands. */
    private WorkerSession comeBack(Assignment assignment) {
        WorkerSession session = assignment.session;
        if (session == null) {
            throw new IllegalStateException("no worker has the request to " + assignment.service.name());
        }
        session.letGo(assignment);
        table.takeToken(assignment);
        return session;
    }

    private void leave(Assignment assignment) {
        table.remove(assignment);
        census.left(assignment.bytes);
    }

    private void forget(Assignment assignment) {
        assignment.service.counters.late++;
        table.remove(assignment);
        census.forgotten();
    }
}
