package io.jackfield.broker.dispatch;

import io.jackfield.broker.model.Envelope;
import io.jackfield.broker.model.RequestSink;
import io.jackfield.protocol.ServiceDeclaration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A name that can be asked: a bounded queue, and the workers that serve it. Owned by the broker loop. */
public final class Service implements RequestSink {
    final AssignmentList queue;
    final AvailableWorkers available = new AvailableWorkers();

    /** Those that get a share of the requests only, as long as there are others. */
    final AvailableWorkers ramping = new AvailableWorkers();

    final List<WorkerSession> workers = new ArrayList<>();
    final ServiceCounters counters = new ServiceCounters();

    private final Dispatcher dispatcher;
    private final String name;
    private ServiceSettings settings;
    private long timeoutNs;
    private boolean idempotent;
    private String version = "";
    private boolean declared;

    /** It stands in the line of those that have something to give. */
    boolean inLine;

    /** What the ramping workers get. */
    private final Share ramp = new Share();

    private Placement placement;

    /** Null where the placement prefers no side: then all workers stand in the same lines. */
    private @Nullable Sides sides;

    /** A request is on its way to a worker: what comes from inside waits behind it. */
    private boolean giving;

    Service(Dispatcher dispatcher, String name, ServiceSettings settings) {
        this.dispatcher = dispatcher;
        this.queue = new AssignmentList(dispatcher.table);
        this.name = name;
        this.placement = settings.placement();
        this.sides = sidesOf(placement);
        settle(settings);
    }

    /** As clients write it. */
    public String name() {
        return name;
    }

    /** Of its first declaration; empty before that. */
    public String version() {
        return version;
    }

    /** With what its first declaration settled. */
    public ServiceSettings settings() {
        return settings;
    }

    /** Workers that are not draining, with credit or without. */
    public int workerCount() {
        return workers.size();
    }

    /** Of those, handlers in this process. */
    int inProcessWorkerCount() {
        return (int) workers.stream().filter(WorkerSession::isInProcess).count();
    }

    Placement placement() {
        return placement;
    }

    /** For the requests that have not been given to a worker yet. */
    void place(Placement newPlacement) {
        if (newPlacement.equals(placement)) {
            return;
        }
        workers.forEach(session -> lineOf(session).remove(session.placeIn(this)));
        placement = newPlacement;
        sides = sidesOf(newPlacement);
        sharesChanged();
        workers.forEach(session -> lineOf(session).update(session.placeIn(this)));
        dispatcher.turns.add(this);
        dispatcher.turns.run();
    }

    private static @Nullable Sides sidesOf(Placement placement) {
        return placement.hasShares() ? new Sides(placement) : null;
    }

    @Override
    public void accept(Envelope envelope) {
        dispatcher.admit(this, envelope);
    }

    void declaredAs(ServiceDeclaration declaration) {
        if (!declared) {
            declared = true;
            version = declaration.version();
            settle(settings.completedBy(declaration));
        }
    }

    /** What waits already stays. */
    void queueAtMost(int lengthMax) {
        settle(settings.withQueueLengthMax(lengthMax));
    }

    /** What each request asks for is kept at hand. */
    private void settle(ServiceSettings settled) {
        settings = settled;
        timeoutNs = settled.effectiveTimeoutMs() * 1_000_000;
        idempotent = settled.idempotent().orElse(false);
    }

    /** Time that a request may take which does not say itself. */
    long timeoutNs() {
        return timeoutNs;
    }

    boolean isIdempotent() {
        return idempotent;
    }

    /** True if a request of that size can wait. */
    boolean hasRoomFor(int bytes) {
        return queue.count() < settings.queueLengthMax() && queue.bytes() + bytes <= settings.queueBytesMax();
    }

    /** To the worker that {@link #nextForNew} has just told; into the queue, if it told none. */
    void offer(Assignment assignment, @Nullable WorkerSession best) {
        if (best == null) {
            assignment.envelope.keepBody();
            queue.addLast(assignment);
            return;
        }
        give(assignment, best);
        dispatcher.turns.add(this);
        dispatcher.turns.run();
    }

    boolean canGive() {
        return !queue.isEmpty() && next() != null;
    }

    /** Gives the first that waits to the best worker, if there are both. */
    void giveOne() {
        Assignment next = queue.first();
        WorkerSession best = next();
        if (next != null && best != null) {
            queue.remove(next);
            give(next, best);
        }
    }

    /** Why a request did not reach any worker, for the failure's hint. */
    String hintWhenStarved() {
        return workers.isEmpty() ? "no worker or plugin serves " + name + " now" : "all workers are busy: add one";
    }

    /** The worker that a request which comes now goes to: the best that has credit, if nobody is before it; null if it has to wait. */
    @Nullable
    WorkerSession nextForNew() {
        return queue.isEmpty() && !giving ? next() : null;
    }

    /** Where the worker stands while it has credit. */
    AvailableWorkers lineOf(WorkerSession session) {
        Sides placed = sides;
        if (placed != null && !session.isInProcess()) {
            return placed.remote;
        }
        return session.isRamping() ? ramping : available;
    }

    /** Its workers, or the share of one of them, have changed. */
    void sharesChanged() {
        int percent = 0;
        for (int i = 0; i < workers.size(); i++) {
            percent += workers.get(i).isRamping() ? workers.get(i).sharePercent() : 0;
        }
        ramp.percent(Math.min(percent, Share.WHOLE - 1));
        if (sides != null) {
            sides.workersChanged(workers);
        }
    }

    /** The worker that the next request goes to; null if it has to wait. */
    @Nullable
    WorkerSession next() {
        Sides placed = sides;
        return placed == null ? nextInLine() : placed.choose(nextInLine());
    }

    /** Ramping workers never get more than their share: where the others have no credit, requests wait for those. */
    private @Nullable WorkerSession nextInLine() {
        WorkerSession steady = available.first();
        if (ramping.count() == 0) {
            return steady;
        }
        if (ramp.isDue() || (steady == null && isRampingOnly())) {
            return ramping.first();
        }
        return steady;
    }

    private boolean isRampingOnly() {
        for (int i = 0; i < workers.size(); i++) {
            WorkerSession worker = workers.get(i);
            if (!worker.isRamping() && (sides == null || worker.isInProcess())) {
                return false;
            }
        }
        return true;
    }

    private void count(WorkerSession session) {
        Sides placed = sides;
        if (placed != null) {
            placed.count(session);
        }
        if (placed == null || session.isInProcess()) {
            ramp.count(session.isRamping());
        }
    }

    private void give(Assignment assignment, WorkerSession session) {
        count(session);
        boolean outer = giving;
        giving = true;
        try {
            dispatcher.assign(assignment, session);
        } finally {
            giving = outer;
        }
    }
}
