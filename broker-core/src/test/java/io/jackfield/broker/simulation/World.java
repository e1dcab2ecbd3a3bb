package io.jackfield.broker.simulation;

import io.jackfield.broker.dispatch.DispatchLimits;
import io.jackfield.broker.dispatch.DispatchSnapshot;
import io.jackfield.broker.dispatch.DispatchSnapshot.ServiceView;
import io.jackfield.broker.dispatch.Dispatcher;
import io.jackfield.broker.dispatch.Inspection;
import io.jackfield.broker.dispatch.Placement;
import io.jackfield.broker.dispatch.Placements;
import io.jackfield.broker.dispatch.RefusedException;
import io.jackfield.broker.dispatch.ServiceSettings;
import io.jackfield.broker.peer.EndpointPeers;
import io.jackfield.broker.peer.EndpointSettings;
import io.jackfield.broker.peer.EndpointSettings.OnFailure;
import io.jackfield.broker.peer.EndpointSettings.Role;
import io.jackfield.broker.peer.PeerEvent;
import io.jackfield.broker.peer.PeerLimits;
import io.jackfield.broker.peer.PeerLog;
import io.jackfield.broker.peer.PeerRegistry;
import io.jackfield.broker.simulation.Tally.Kind;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;

/** A real dispatcher and real peers among simulated programs, on one thread, with one clock and one source of chance: the seed. */
final class World {
    static final long NS_PER_MS = 1_000_000;
    static final int ATTEMPTS_MAX = 3;
    static final int TIMEOUT_MS = 300;
    static final int CREDIT_MAX = 3;
    static final int BODY_BYTES_MAX = 300;
    static final int BAD_MESSAGES_MAX = 3;
    static final int CLIENT_REQUESTS_MAX = 5;

    /** Requests of plain peers: tried twice. */
    static final String DEFAULT = EndpointSettings.SERVICE_DEFAULT;

    static final String SAFE = "safe";
    static final String ONCE = "once";

    /** Comes into existence when the first worker registers for it. */
    static final String OPEN = "open";

    static final EndpointSettings ANY = endpoint("any", Role.ANY);
    static final EndpointSettings CLIENTS = endpoint("clients", Role.CLIENTS);
    static final EndpointSettings WORKERS = endpoint("workers", Role.WORKERS);

    private static final int TICK_MS = 10;
    private static final int OVERDUE_MS = 200;
    private static final DispatchLimits LIMITS = new DispatchLimits(30, 2500, 5, CREDIT_MAX, OVERDUE_MS);
    private static final PeerLimits PEER_LIMITS =
            new PeerLimits(CLIENT_REQUESTS_MAX, BAD_MESSAGES_MAX, BODY_BYTES_MAX, 100, 3);
    private static final Map<String, ServiceSettings> SERVICES = Map.of(
            DEFAULT,
            settings(true, 2, 5, 400),
            SAFE,
            settings(true, ATTEMPTS_MAX, 6, 500),
            ONCE,
            settings(false, 3, 4, 300));

    final Random random;
    final Tally tally = new Tally();
    final Ledger ledger = new Ledger(Map.of(DEFAULT, 2, SAFE, ATTEMPTS_MAX), tally, this::nowNs);
    final Dispatcher dispatcher;
    private final Placements placements;
    private final PeerRegistry registry;
    private final Inspection inspection;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final List<String> trace = new ArrayList<>();
    private final boolean tracing;
    private long nowNs;
    private long eventCount;
    private long linkCount;
    private boolean calm;
    private boolean over;

    World(long seed, boolean tracing) {
        this.random = new Random(seed);
        this.tracing = tracing;
        this.nowNs = random.nextLong() >> 2;
        this.dispatcher = new Dispatcher(LIMITS, SERVICES, nowNs, World::bug);
        this.placements = new Placements(dispatcher);
        this.registry = new PeerRegistry(dispatcher, PEER_LIMITS, "simulated", new Log(), nowNs);
        this.inspection = new Inspection(dispatcher);
        in(TICK_MS, this::tick);
    }

    /** Thrown on purpose inside a route or a worker. */
    static final class PlantedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        PlantedException() {
            super("planted", null, false, false);
        }
    }

    long nowNs() {
        return nowNs;
    }

    /** Nothing goes wrong any more, and nobody asks. */
    boolean isCalm() {
        return calm;
    }

    /** The broker is gone: nobody comes back. */
    boolean isOver() {
        return over;
    }

    void calmDown() {
        trace("calm");
        calm = true;
    }

    /** True in so many of 100 cases, while things may go wrong. */
    boolean chance(int percent) {
        return random.nextInt(100) < percent && !calm;
    }

    void in(int ms, Runnable action) {
        at(nowNs + ms * NS_PER_MS, action);
    }

    void at(long timeNs, Runnable action) {
        events.add(new Event(timeNs, eventCount++, action));
    }

    Link link(Program program, EndpointSettings endpoint) {
        Link link = new Link(this, program, ++linkCount);
        link.opened(new EndpointPeers(endpoint, registry).opened(link));
        return link;
    }

    /** Moves a service to one side or the other, now and then. */
    void moveServices() {
        if (isCalm()) {
            return;
        }
        List<String> names = List.of(DEFAULT, SAFE, ONCE, OPEN);
        String name = names.get(random.nextInt(names.size()));
        Placement placement = random.nextInt(4) == 0 ? Placement.BOTH : new Placement(random.nextInt(5) * 25);
        try {
            placements.place(name, placement, chance(70));
            trace(name + " is placed " + placement.text());
            tally.add(Kind.PLACED);
        } catch (RefusedException refused) {
            tally.add(Kind.PLACEMENT_REFUSED);
        }
        in(1 + random.nextInt(100), this::moveServices);
    }

    /** Lets so much time pass, event by event, and looks at the books after each. */
    void run(int ms) {
        long endNs = nowNs + ms * NS_PER_MS;
        for (Event next = events.peek(); next != null && next.timeNs <= endNs; next = events.peek()) {
            events.remove();
            nowNs = Math.max(nowNs, next.timeNs);
            next.action.run();
            inspection.check();
        }
        nowNs = endNs;
    }

    /** The broker stops: what has not ended after a while is failed. */
    void stop() {
        over = true;
        trace("drain");
        dispatcher.drain();
        registry.drain();
        run(100);
        dispatcher.failAll(Failure.of(ErrorCode.DRAINING, "the time for draining is over", ""));
        if (!dispatcher.isQuiet()) {
            throw new AssertionError("failAll left requests that have not ended");
        }
        registry.disconnect("the broker stops");
        tally.add(Kind.WORKER_DRAINED);
    }

    /** Every request has ended, every worker has answered or gone. */
    void checkQuiet() {
        inspection.check();
        inspection.checkQuiet();
        ledger.checkAllEnded();
        DispatchSnapshot snapshot = dispatcher.snapshot();
        tally.add(
                Kind.RETRIED,
                snapshot.services().stream().mapToLong(ServiceView::retried).sum());
        tally.add(
                Kind.LATE,
                snapshot.services().stream().mapToLong(ServiceView::late).sum());
        tally.add(Kind.STRAY_REPLY, registry.counters().count(PeerEvent.STRAY_REPLY));
        tally.add(Kind.BAD_MESSAGE, registry.counters().count(PeerEvent.BAD_MESSAGE));
        tally.add(Kind.WORKER_SILENT, registry.counters().count(PeerEvent.WORKER_SILENT));
        tally.add(Kind.CREDIT_USED_UP, inspection.timesCreditWasUsedUp());
        tally.add(Kind.QUEUE_FULL, inspection.timesAQueueWasFull());
    }

    void trace(String line) {
        if (tracing) {
            trace.add(nowNs / NS_PER_MS + " " + line);
        }
    }

    /** What happened last, the latest below. */
    String lastLines() {
        return String.join("\n", trace.subList(Math.max(0, trace.size() - 80), trace.size()));
    }

    private void tick() {
        dispatcher.tick(nowNs);
        registry.tick(nowNs);
        // Now and then the broker has a pause.
        in(chance(1) ? 10 * TICK_MS : TICK_MS, this::tick);
    }

    private static void bug(String line, RuntimeException cause) {
        if (!(cause instanceof PlantedException)) {
            throw new AssertionError(line, cause);
        }
    }

    private static EndpointSettings endpoint(String name, Role role) {
        return new EndpointSettings(name, role, DEFAULT, 2, Optional.empty(), OnFailure.ERROR_BODY);
    }

    private static ServiceSettings settings(boolean idempotent, int attemptsMax, int lengthMax, long bytesMax) {
        return new ServiceSettings(
                Optional.of((long) TIMEOUT_MS), Optional.of(idempotent), attemptsMax, lengthMax, bytesMax);
    }

    private record Event(long timeNs, long number, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(timeNs, other.timeNs);
            return byTime == 0 ? Long.compare(number, other.number) : byTime;
        }
    }

    private final class Log implements PeerLog {
        @Override
        public void warn(String line) {
            trace("broker: " + line);
        }

        @Override
        public void error(String line, RuntimeException cause) {
            throw new AssertionError(line, cause);
        }
    }
}
