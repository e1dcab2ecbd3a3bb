package io.jackfield.broker.server.config;

import io.jackfield.broker.plugin.RampPlan;
import io.jackfield.broker.plugin.RampPlan.Bounds;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The keys {@code ramp*} of one plugin: how a new generation of it takes over. */
final class RampReader {
    private static final String FORM = "rising percentages that end with 100%, for example 1%, 10%, 50%, 100%";
    private static final long DAY_MS = 86_400_000;
    private static final long STEP_MS = 10_000;
    private static final int WHOLE = 100;

    private final YamlMap map;

    RampReader(YamlMap map) {
        this.map = map;
    }

    Optional<RampPlan> read() {
        Optional<List<Integer>> percents = map.scalar("ramp", FORM, RampReader::percents);
        Optional<Long> stepMs = map.millis("ramp-step-time", DAY_MS);
        int requests = map.count("ramp-step-requests", Integer.MAX_VALUE, Integer.MAX_VALUE);
        boolean byRequests = map.keys().contains("ramp-step-requests");
        Bounds bounds = new Bounds(
                map.scalar("ramp-errors-max", "a percentage, for example 5%", RampReader::percent)
                        .orElse(Bounds.DEFAULT.errorsPercentMax()),
                map.millis("ramp-latency-max", DAY_MS).orElse(Bounds.DEFAULT.latencyMsMax()),
                map.count("ramp-requests-min", Bounds.DEFAULT.requestsMin(), 1_000_000));
        return percents.map(steps ->
                new RampPlan(steps, stepMs.orElse(byRequests ? 0 : STEP_MS), byRequests ? requests : 0, bounds));
    }

    private static Optional<List<Integer>> percents(String text) {
        List<Integer> percents = new ArrayList<>();
        for (String one : text.split(",", -1)) {
            Optional<Integer> percent = percent(one.strip());
            int before = percents.isEmpty() ? 0 : percents.get(percents.size() - 1);
            if (percent.isEmpty() || percent.get() <= before) {
                return Optional.empty();
            }
            percents.add(percent.get());
        }
        return percents.get(percents.size() - 1) == WHOLE ? Optional.of(List.copyOf(percents)) : Optional.empty();
    }

    private static Optional<Integer> percent(String text) {
        if (!text.matches("[0-9]{1,3}%")) {
            return Optional.empty();
        }
        int percent = Integer.parseInt(text.substring(0, text.length() - 1));
        return percent <= WHOLE ? Optional.of(percent) : Optional.empty();
    }
}
