package io.jackfield.broker.plugin;

import io.jackfield.broker.plugin.CallWatch.Counts;
import io.jackfield.broker.plugin.RampPlan.Bounds;
import java.util.Locale;
import java.util.Optional;

/**
 * Decides how much a new generation gets, and whether it may stay. Pure: time and counts are told to it, and a test steps it. Both counts
 * begin with the ramp.
 */
final class Ramp {
    private static final int SLOW_PERCENT_MAX = 5;

    private final RampPlan plan;
    private int step;
    private long stepBegunNs;
    private long endedBefore;
    private boolean over;
    private Optional<String> fault = Optional.empty();

    Ramp(RampPlan plan, long nowNs) {
        this.plan = plan;
        this.stepBegunNs = nowNs;
    }

    /** Of 100 requests, those that the new generation is to get now. */
    int percent() {
        return plan.percents().get(step);
    }

    /** The last step is over, and all was well; or {@link #fault} says what was not. */
    boolean isOver() {
        return over;
    }

    /** Why the former generation takes back. */
    Optional<String> fault() {
        return fault;
    }

    /** Looks at what has happened so far; does nothing once it is over. */
    void look(long nowNs, Counts fresh, Counts former) {
        if (over) {
            return;
        }
        boolean stepOver = isStepOver(nowNs, fresh);
        if (fresh.ended() >= plan.bounds().requestsMin() || (stepOver && fresh.ended() > 0)) {
            fault = complaint(fresh, former);
        }
        if (fault.isPresent()) {
            over = true;
        } else if (stepOver) {
            next(nowNs, fresh);
        }
    }

    private void next(long nowNs, Counts fresh) {
        over = step == plan.percents().size() - 1;
        step = over ? step : step + 1;
        stepBegunNs = nowNs;
        endedBefore = fresh.ended();
    }

    private boolean isStepOver(long nowNs, Counts fresh) {
        boolean byTime = plan.stepMs() > 0 && nowNs - stepBegunNs >= plan.stepMs() * 1_000_000;
        boolean byRequests = plan.stepRequests() > 0 && fresh.ended() - endedBefore >= plan.stepRequests();
        return byTime || byRequests;
    }

    private Optional<String> complaint(Counts fresh, Counts former) {
        Bounds bounds = plan.bounds();
        double errors = percent(fresh.failed(), fresh.ended());
        double formerErrors = percent(former.failed(), former.ended());
        if (errors > formerErrors + bounds.errorsPercentMax()) {
            return Optional.of(String.format(
                    Locale.ROOT,
                    "%d of %d requests failed, %.1f %% (expected: at most %.1f %%; of the former generation %.1f %% failed)",
                    fresh.failed(),
                    fresh.ended(),
                    errors,
                    formerErrors + bounds.errorsPercentMax(),
                    formerErrors));
        }
        if (percent(fresh.slow(), fresh.ended()) > SLOW_PERCENT_MAX) {
            return Optional.of(String.format(
                    Locale.ROOT,
                    "%d of %d requests took more than %d ms (expected: at most %d %%)",
                    fresh.slow(),
                    fresh.ended(),
                    bounds.latencyMsMax(),
                    SLOW_PERCENT_MAX));
        }
        return Optional.empty();
    }

    private static double percent(long part, long whole) {
        return whole == 0 ? 0 : 100.0 * part / whole;
    }
}
