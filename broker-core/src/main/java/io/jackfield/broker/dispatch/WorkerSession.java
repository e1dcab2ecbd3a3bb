package io.jackfield.broker.dispatch;

import io.jackfield.broker.dispatch.AvailableWorkers.Place;
import io.jackfield.broker.model.Reply;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.ServiceDeclaration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A worker that has said READY, as the dispatcher sees it: its services, its credit and what it has in hand. The worker's side answers here.
 * Owned by the broker loop.
 */
public final class WorkerSession {
    final Worker worker;
    final AssignmentList inHand;
    final List<Place> places = new ArrayList<>();
    List<String> serviceNames = List.of();
    long replied;

    private static final int WHOLE = Share.WHOLE;

    private final Dispatcher dispatcher;
    private final boolean inProcess;
    private int credit;
    private int firstToGive;
    private int sharePercent = WHOLE;
    private boolean started;
    private boolean draining;
    private boolean gone;
    private @Nullable Runnable whenIdle;

    WorkerSession(Dispatcher dispatcher, Worker worker) {
        this.dispatcher = dispatcher;
        this.inHand = new AssignmentList(dispatcher.table);
        this.worker = worker;
        this.inProcess = worker.isInProcess();
    }

    /**
     * Requests may come from now on, the first perhaps before this returns. Called once the worker has been told that it is registered: until
     * then nothing is assigned to it.
     */
    public void start() {
        started = true;
        for (int i = 0; i < places.size(); i++) {
            places.get(i).service.lineOf(this).update(places.get(i));
        }
        creditReturned();
    }

    /** Replaces services and credit; what it has in hand stays. Nothing is assigned until {@link #start} is called again. */
    public void update(List<ServiceDeclaration> services, int newCredit) throws RefusedException {
        if (draining || gone) {
            throw new IllegalStateException("worker " + worker.description() + " has left (expected: a new session)");
        }
        dispatcher.update(this, services, newCredit);
    }

    /**
     * Gives it that many of 100 requests of each of its services, as long as workers without a share serve that too.
     *
     * @param percent 1 to 100; 100: as any other worker, which it is before this is called
     */
    public void share(int percent) {
        if (percent < 1 || percent > WHOLE) {
            throw new IllegalArgumentException("percent: " + percent + " (expected: 1 to " + WHOLE + ")");
        }
        for (Place place : places) {
            place.service.lineOf(this).remove(place);
        }
        sharePercent = percent;
        for (Place place : places) {
            place.service.sharesChanged();
        }
        refreshPlaces();
        creditReturned();
    }

    /** One of several replies; returns false, and drops it, if that token is not in this worker's hands any more. */
    public boolean partial(long token, Reply reply) {
        Assignment assignment = inHandWith(token);
        if (assignment == null || assignment.envelope.ended()) {
            return false;
        }
        assignment.answeredInPart = true;
        dispatcher.partial(assignment, reply);
        return true;
    }

    /**
     * One of several replies, which cannot be passed on: the request ends with the failure, while the worker, which goes on with it, keeps it
     * and its credit. Returns false as {@link #partial} does.
     */
    public boolean refusePartial(long token, Failure failure) {
        Assignment assignment = inHandWith(token);
        if (assignment == null || assignment.envelope.ended()) {
            return false;
        }
        dispatcher.cancel(assignment, failure);
        return true;
    }

    /** The final reply; gives the credit back. Returns false if it is late or unknown: nobody waits for it. */
    public boolean reply(long token, Reply reply) {
        Assignment assignment = inHandWith(token);
        return assignment != null && dispatcher.replied(assignment, reply);
    }

    /** The worker failed; gives the credit back. Returns false as {@link #reply} does. */
    public boolean fail(long token, Failure failure) {
        Assignment assignment = inHandWith(token);
        return assignment != null && dispatcher.failed(assignment, failure);
    }

    /** Takes so many requests at once from now on; the next answer brings what waits. */
    public void credit(int newCredit) {
        credit = Math.min(newCredit, dispatcher.limits.workerCreditMax());
        refreshPlaces();
    }

    /**
     * No more requests for this worker; what it has in hand may end.
     *
     * @param whenIdle runs once nothing is in hand, perhaps before this returns
     */
    public void drain(Runnable whenIdle) {
        draining = true;
        this.whenIdle = whenIdle;
        dispatcher.withdraw(this);
        dispatcher.turns.run();
        tellIfIdle();
    }

    /** The worker is gone; what it had in hand is given to others or fails. Does nothing the second time. */
    public void lost(String reason) {
        if (!gone) {
            gone = true;
            whenIdle = null;
            dispatcher.lost(this, reason);
        }
    }

    /** Requests it has and has not answered, those whose client gave up included. */
    public int inFlightCount() {
        return inHand.count();
    }

    /** Shows all requests that it has and has not answered, in the order in which it got them. */
    public void forEachInHand(Consumer<Assignment> seen) {
        List<Assignment> all = new ArrayList<>(inHand.count());
        inHand.copyTo(all);
        all.forEach(seen);
    }

    /** Requests it takes at once. */
    public int credit() {
        return credit;
    }

    /** True after {@link #drain}. */
    public boolean isDraining() {
        return draining;
    }

    /** True after {@link #lost}: the worker is not called any more. */
    boolean isGone() {
        return gone;
    }

    int sharePercent() {
        return sharePercent;
    }

    boolean isInProcess() {
        return inProcess;
    }

    /** Its place among the workers of a service that it serves. */
    Place placeIn(Service service) {
        for (Place place : places) {
            if (place.service == service) {
                return place;
            }
        }
        throw new IllegalStateException("worker " + worker.description() + " does not serve " + service.name());
    }

    boolean isRamping() {
        return sharePercent < WHOLE;
    }

    boolean hasCredit() {
        return started && !draining && !gone && inHand.count() < credit;
    }

    void renewed(List<String> names, int newCredit) {
        started = false;
        serviceNames = names;
        credit = newCredit;
    }

    void take(Assignment assignment) {
        assignment.session = this;
        inHand.addLast(assignment);
        refreshPlaces();
    }

    void letGo(Assignment assignment) {
        inHand.remove(assignment);
        assignment.session = null;
        assignment.mark = null;
        refreshPlaces();
    }

    /** Credit came back: its services take turns with it, beginning with another one each time. */
    void creditReturned() {
        int count = places.size();
        int next = firstToGive < count ? firstToGive : 0;
        firstToGive = next + 1;
        for (int i = 0; i < count; i++) {
            dispatcher.turns.add(places.get(next).service);
            next = next + 1 < count ? next + 1 : 0;
        }
        dispatcher.turns.run();
        tellIfIdle();
    }

    private void refreshPlaces() {
        for (int i = 0; i < places.size(); i++) {
            Place place = places.get(i);
            place.service.lineOf(this).update(place);
        }
    }

    private void tellIfIdle() {
        Runnable told = whenIdle;
        if (told != null && inHand.isEmpty()) {
            whenIdle = null;
            dispatcher.guard("what waits for worker " + worker.description() + " to be idle", told);
        }
    }

    private @Nullable Assignment inHandWith(long token) {
        Assignment assignment = dispatcher.table.find(token);
        return assignment != null && assignment.session == this ? assignment : null;
    }
}
