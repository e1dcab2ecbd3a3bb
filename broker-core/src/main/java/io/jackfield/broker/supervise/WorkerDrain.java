package io.jackfield.broker.supervise;

import io.jackfield.broker.supervise.Processes.Child;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time between the wish to end a process and the signal: its workers get nothing more, and finish what they have. For programs that know
 * of no signal. Owned by the broker loop.
 */
final class WorkerDrain {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerDrain.class);
    private static final long MS = 1_000_000;

    private final String name;
    private final ConnectedWorkers workers;
    private final long drainMs;
    private final long endNs;
    private final Set<Long> connectionIds = new HashSet<>();
    private boolean looking;
    private boolean unseenTold;
    private boolean over;

    /** @param name of the process, for the log */
    WorkerDrain(String name, ConnectedWorkers workers, long drainMs, long nowNs) {
        this.name = name;
        this.workers = workers;
        this.drainMs = drainMs;
        this.endNs = nowNs + drainMs * MS;
    }

    void begin(Child process) {
        looking = true;
        process.look();
    }

    /** It is over once everybody has answered and a look finds nobody who came meanwhile. */
    void found(Connections connections) {
        looking = false;
        boolean more = connectionIds.addAll(workers.withdraw(connections));
        over = !more && inFlight() == 0;
        if (!unseenTold && !connections.unseen().isEmpty()) {
            unseenTold = true;
            LOG.warn(
                    "worker {}: the broker cannot tell whether it knows all connections of the process ({}): on others, requests are"
                            + " lost unless the program finishes them itself when it gets SIGTERM",
                    name,
                    connections.unseen());
        }
    }

    void tick(Child process, long nowNs) {
        if (over) {
            return;
        }
        int inFlight = inFlight();
        if (nowNs - endNs >= 0) {
            LOG.warn("worker {} still has {} requests after {} ms (drain-timeout)", name, inFlight, drainMs);
            over = true;
        } else if (!looking && inFlight == 0) {
            begin(process);
        }
    }

    boolean isOver() {
        return over;
    }

    /** Requests that it has. */
    int inFlight() {
        return workers.inFlight(connectionIds);
    }
}
