package io.jackfield.broker.plugin;

import io.jackfield.broker.loop.Timers.Timer;
import io.jackfield.broker.plugin.Plugins.BrokerLoop;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A new generation beside the former one, as long as the ramp lasts: gives it its share, counts how both do, and tells the end. Begun and
 * stopped on the plugin thread; everything else happens on the broker loop.
 */
final class Replacement {
    private static final long LOOK_MS = 20;

    private final RampPlan plan;
    private final LocalGeneration fresh;
    private final List<LocalGeneration> formers;
    private final BrokerLoop loop;
    private final CallWatch freshWatch;
    private final CallWatch formerWatch;
    private volatile int percent;
    private volatile boolean stopped;

    Replacement(RampPlan plan, LocalGeneration fresh, List<LocalGeneration> formers, BrokerLoop loop) {
        this.plan = plan;
        this.fresh = fresh;
        this.formers = List.copyOf(formers);
        this.loop = loop;
        this.freshWatch = new CallWatch(plan.bounds().latencyMsMax());
        this.formerWatch = new CallWatch(plan.bounds().latencyMsMax());
        this.percent = plan.percents().get(0);
    }

    /** The share that it has now. Any thread. */
    int percent() {
        return percent;
    }

    /**
     * Begins; the new generation serves already, with its first share.
     *
     * @param stepped told on the loop that the share has changed
     * @param ended told on the loop, once, unless it was stopped: why the former one is to take back; empty: the new one is to stay
     */
    void begin(Runnable stepped, Consumer<Optional<String>> ended) {
        loop.mailbox().post(() -> {
            fresh.watch(freshWatch);
            formers.forEach(former -> former.watch(formerWatch));
            Ramp ramp = new Ramp(plan, loop.clock().nowNs());
            Timer[] timer = new Timer[1];
            timer[0] = loop.timers().every(LOOK_MS, () -> look(ramp, timer[0], stepped, ended));
        });
    }

    /** Nothing more is decided. */
    void stop() {
        stopped = true;
    }

    private void look(Ramp ramp, Timer timer, Runnable stepped, Consumer<Optional<String>> ended) {
        if (stopped) {
            timer.close();
            unwatch();
            return;
        }
        ramp.look(loop.clock().nowNs(), freshWatch.counts(), formerWatch.counts());
        if (ramp.isOver()) {
            stopped = true;
            timer.close();
            unwatch();
            ended.accept(ramp.fault());
        } else if (ramp.percent() != percent) {
            percent = ramp.percent();
            fresh.share(percent);
            stepped.run();
        }
    }

    /** A later replacement may count there already. */
    private void unwatch() {
        fresh.unwatch(freshWatch);
        formers.forEach(former -> former.unwatch(formerWatch));
    }
}
