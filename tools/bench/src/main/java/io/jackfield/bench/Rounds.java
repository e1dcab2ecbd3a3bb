package io.jackfield.bench;

import io.jackfield.bench.Results.Row;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Carries out a plan on targets that are already running. One thread. */
final class Rounds {

    /** What starting and ending the load program takes beside the measurement, roughly. */
    private static final long BESIDE_MS = 20;

    private final Plan plan;
    private final List<Target> targets;
    private final LoadProgram load;
    private final Optional<IdlePeers> idle;

    /**
     * Measures nothing yet.
     *
     * @param targets the first is the broker that the idle peers, if any, connect to
     */
    Rounds(Plan plan, List<Target> targets, LoadProgram load, Optional<IdlePeers> idle) {
        this.plan = plan;
        this.targets = targets;
        this.load = load;
        this.idle = idle;
    }

    int steps() {
        long inOneRound = targets.stream().mapToLong(this::cells).sum();
        if (idle.isEmpty()) {
            return Math.toIntExact(inOneRound * (plan.rounds() + 1));
        }
        return Math.toIntExact((inOneRound + 1 + cells(targets.get(0))) * (plan.rounds() + 1) + 1);
    }

    private long cells(Target target) {
        return plan.cells().stream().filter(target::takes).count();
    }

    long stepMs() {
        return plan.warmUpMs() + plan.timeMs() + BESIDE_MS;
    }

    Results run(Progress progress) throws IOException, InterruptedException {
        Results results = new Results();
        if (idle.isPresent()) { // before any load: what they take later may be memory that load has left behind
            progress.begin("warm-up: connecting " + idle.get().count() + " idle peers");
            results.addFirst(idle.get().whileConnected(() -> {}));
        }
        round("warm-up", progress, new Results());
        for (int round = 1; round <= plan.rounds(); round++) {
            round("round " + round + " of " + plan.rounds(), progress, results);
        }
        progress.end();
        return results;
    }

    private void round(String name, Progress progress, Results results) throws IOException, InterruptedException {
        for (Cell cell : plan.cells()) {
            for (Target target : targets) {
                if (target.takes(cell)) {
                    progress.begin(name + ": " + target.name() + ", " + cell);
                    results.add(new Row(cell, target.name()), load.run(target, cell, plan));
                }
            }
        }
        if (idle.isPresent()) {
            withIdle(name, idle.get(), progress, results);
        }
    }

    private void withIdle(String name, IdlePeers peers, Progress progress, Results results)
            throws IOException, InterruptedException {
        Target broker = targets.get(0);
        progress.begin(name + ": connecting " + peers.count() + " idle peers");
        results.add(peers.whileConnected(() -> {
            for (Cell cell : plan.cells()) {
                if (broker.takes(cell)) {
                    Row row = new Row(cell, broker.name(), peers.count());
                    progress.begin(name + ": " + row.broker() + ", " + cell);
                    results.add(row, load.run(broker, cell, plan));
                }
            }
        }));
    }
}
