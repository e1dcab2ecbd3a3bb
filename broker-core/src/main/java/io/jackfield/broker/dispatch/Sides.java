package io.jackfield.broker.dispatch;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The two sides of a service whose placement gives them shares: where the next request goes. Owned by the broker loop.
 *
 * <p>The shares hold while both sides have credit. A side without credit leaves its requests to the other, unless that one has no share; a side
 * without any worker leaves it everything.
 */
final class Sides {
    /** Remote workers with credit; those in this process stand in the lines of the service. */
    final AvailableWorkers remote = new AvailableWorkers();

    private final Placement placement;
    private final Share remoteShare = new Share();
    private boolean inProcessMay;
    private boolean remoteMay;

    Sides(Placement placement) {
        this.placement = placement;
        remoteShare.percent(placement.remotePercent());
    }

    void workersChanged(List<WorkerSession> workers) {
        int remoteCount = 0;
        for (int i = 0; i < workers.size(); i++) {
            remoteCount += workers.get(i).isInProcess() ? 0 : 1;
        }
        inProcessMay = placement.inProcessPercent() > 0 || remoteCount == 0;
        remoteMay = placement.remotePercent() > 0 || remoteCount == workers.size();
    }

    /** @param inProcess the best in this process; null if none has credit */
    @Nullable
    WorkerSession choose(@Nullable WorkerSession inProcess) {
        WorkerSession here = inProcessMay ? inProcess : null;
        WorkerSession there = remoteMay ? remote.first() : null;
        if (here == null || there == null) {
            return here == null ? there : here;
        }
        return remoteShare.isDue() ? there : here;
    }

    void count(WorkerSession session) {
        remoteShare.count(!session.isInProcess());
    }
}
