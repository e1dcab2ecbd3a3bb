package io.jackfield.bench;

import io.jackfield.bench.Results.Row;
import java.io.IOException;
import java.util.List;

/** Carries out a plan on targets that are already running. One thread. */
final class Rounds {

    /** What starting and ending the load program takes beside the measurement, roughly. */
    private static final long BESIDE_MS = 20;

    private final Plan plan;
    private final List<Target> targets;
    private final LoadProgram load;

    Rounds(Plan plan, List<Target> targets, LoadProgram load) {
        this.plan = plan;
        this.targets = targets;
        this.load = load;
    }

    int steps() {
        long inOneRound = plan.cells().stream()
                .mapToLong(cell ->
                        targets.stream().filter(target -> target.takes(cell)).count())
                .sum();
        return Math.toIntExact(inOneRound * (plan.rounds() + 1));
    }

    long stepMs() {
        return plan.warmUpMs() + plan.timeMs() + BESIDE_MS;
    }

    Results run(Progress progress) throws IOException, InterruptedException {
        Results unused = new Results();
        round("warm-up", progress, unused);
        Results results = new Results();
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
    }
}
