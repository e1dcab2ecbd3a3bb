package io.jackfield.broker.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Counts what a dispatcher really has and compares it with its books. */
public final class Inspection {
    private final Dispatcher dispatcher;
    private final Map<WorkerSession, Integer> lastInHand = new HashMap<>();
    private long timesCreditWasUsedUp;
    private long timesAQueueWasFull;
    private int waiting;
    private int inHand;
    private int abandoned;
    private long bytes;

    public Inspection(Dispatcher dispatcher) {
        this.dispatcher = dispatcher;
    }

    /** What must hold between any two calls into the dispatcher. */
    public void check() {
        waiting = 0;
        inHand = 0;
        abandoned = 0;
        bytes = 0;
        dispatcher.services.all().forEach(this::check);
        Set<Long> tokens = new HashSet<>();
        for (WorkerSession session : dispatcher.sessions) {
            check(session, tokens);
        }
        AssignmentCensus census = dispatcher.census;
        assertEquals(inHand, dispatcher.table.inFlightCount(), "tokens against hands");
        assertEquals(waiting + inHand - abandoned, census.waitedFor(), "census: requests that have not ended");
        assertEquals(abandoned, census.abandonedCount(), "census: abandoned requests");
        assertEquals(bytes, census.bytes(), "census: bytes");
        assertTrue(census.count() <= dispatcher.limits.requestsMax(), "requests-max");
        assertTrue(census.bytes() <= dispatcher.limits.requestsBytesMax(), "requests-bytes-max");
        assertEquals(waiting + inHand, dispatcher.table.count(), "table");
    }

    /** What must hold once every request has ended and every worker has answered or gone. */
    public void checkQuiet() {
        assertTrue(dispatcher.isQuiet());
        assertEquals(0, waiting + inHand);
        assertEquals(0, dispatcher.census.count());
        assertEquals(0, dispatcher.census.bytes());
        assertEquals(0, dispatcher.table.count());
        for (Service service : dispatcher.services.all()) {
            ServiceCounters counters = service.counters;
            assertEquals(counters.accepted, counters.replied + counters.failed(), "ends of " + service.name());
        }
    }

    /** How often a worker was seen with as many requests as its credit allows. */
    public long timesCreditWasUsedUp() {
        return timesCreditWasUsedUp;
    }

    /** How often a queue was seen that was as long as it may be. */
    public long timesAQueueWasFull() {
        return timesAQueueWasFull;
    }

    private void check(Service service) {
        List<Assignment> queued = new ArrayList<>();
        service.queue.copyTo(queued);
        assertEquals(queued.size(), service.queue.count(), "queue of " + service.name());
        // What a lost worker had goes back in front, whatever the limits: it was admitted.
        List<Assignment> fresh =
                queued.stream().filter(next -> next.attempt == 0).toList();
        long freshBytes = fresh.stream().mapToLong(next -> next.bytes).sum();
        assertTrue(fresh.size() <= service.settings().queueLengthMax(), "queue-length-max of " + service.name());
        assertTrue(freshBytes <= service.settings().queueBytesMax(), "queue-bytes-max of " + service.name());
        if (fresh.size() == service.settings().queueLengthMax()) {
            timesAQueueWasFull++;
        }
        long queuedBytes = 0;
        for (Assignment next : queued) {
            assertEquals(Assignment.NO_TOKEN, next.token);
            assertSame(service, next.service);
            assertTrue(!next.envelope.ended(), "a request that has ended still waits");
            assertTrue(dispatcher.wheel.contains(next), "a request that waits has no deadline");
            assertTrue(next.attempt < Math.max(2, service.settings().attemptsMax()), "attempts-max");
            queuedBytes += next.bytes;
        }
        assertEquals(queuedBytes, service.queue.bytes(), "bytes of the queue of " + service.name());
        waiting += queued.size();
        bytes += queuedBytes;
        long ready = service.workers.stream().filter(WorkerSession::hasCredit).count();
        Placement placement = service.placement();
        List<WorkerSession> remote = placement.hasShares() ? side(service, false) : List.of();
        List<WorkerSession> inLine = placement.hasShares() ? side(service, true) : service.workers;
        assertEquals(
                ready - remote.stream().filter(WorkerSession::hasCredit).count(),
                service.available.count() + service.ramping.count(),
                "available workers of " + service.name());
        long steady = inLine.stream()
                .filter(session -> session.hasCredit() && !session.isRamping())
                .count();
        assertEquals(steady, service.available.count(), "available workers without a share of " + service.name());
        boolean inLineMay = !placement.hasShares() || placement.inProcessPercent() > 0 || remote.isEmpty();
        boolean remoteMay = placement.hasShares() && (placement.remotePercent() > 0 || inLine.isEmpty());
        boolean canTake = inLineMay && canTake(inLine);
        boolean remoteCanTake = remoteMay && remote.stream().anyMatch(WorkerSession::hasCredit);
        assertTrue(
                queued.isEmpty() || !(canTake || remoteCanTake),
                "requests of " + service.name() + " wait beside a worker with credit");
    }

    private static List<WorkerSession> side(Service service, boolean inProcess) {
        return service.workers.stream()
                .filter(session -> session.isInProcess() == inProcess)
                .toList();
    }

    /** Those with a share of their own are waited for, unless there are no others. */
    private static boolean canTake(List<WorkerSession> inLine) {
        boolean rampingOnly = inLine.stream().allMatch(WorkerSession::isRamping);
        return inLine.stream().anyMatch(session -> session.hasCredit() && (rampingOnly || !session.isRamping()));
    }

    private void check(WorkerSession session, Set<Long> tokens) {
        List<Assignment> held = new ArrayList<>();
        session.inHand.copyTo(held);
        assertEquals(held.size(), session.inHand.count());
        // A worker may declare less credit than it has in hand; it gets nothing more until it is below that.
        int before = lastInHand.getOrDefault(session, 0);
        assertTrue(
                held.size() <= Math.max(session.credit(), before), () -> "credit of " + session.worker.description());
        lastInHand.put(session, held.size());
        if (held.size() == session.credit()) {
            timesCreditWasUsedUp++;
        }
        for (Assignment next : held) {
            assertNotEquals(Assignment.NO_TOKEN, next.token);
            assertTrue(tokens.add(next.token), "two requests in flight have one token");
            assertSame(next, dispatcher.table.find(next.token));
            assertSame(session, next.session);
            inHand++;
            if (next.envelope.ended()) { // overdue, too, if it has no deadline: its worker was told to go
                abandoned++;
            } else {
                assertTrue(dispatcher.wheel.contains(next), "a request in hand has no deadline");
                bytes += next.bytes;
            }
        }
    }
}
