package io.jackfield.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The samples of every cell and target, a sample for each round. Not for several threads. */
final class Results {

    /** One line of the table. */
    record Row(Cell cell, String target) {}

    private final Map<Row, List<Sample>> samples = new LinkedHashMap<>();

    void add(Row row, Sample sample) {
        samples.computeIfAbsent(row, r -> new ArrayList<>()).add(sample);
    }

    List<Row> rows() {
        return List.copyOf(samples.keySet());
    }

    List<Sample> of(Row row) {
        return List.copyOf(samples.getOrDefault(row, List.of()));
    }

    Spread figure(Row row, ToDoubleFunction<Sample> figure) {
        return Spread.of(of(row).stream().map(figure::applyAsDouble).toList());
    }

    /**
     * The figure divided by that of another row, in each round, and then over the rounds: what disturbs a round disturbs both. NaN where
     * there is no such row.
     */
    Spread ratio(Row row, Row base, ToDoubleFunction<Sample> figure) {
        List<Sample> above = of(row);
        List<Sample> below = of(base);
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < Math.min(above.size(), below.size()); round++) {
            ratios.add(figure.applyAsDouble(above.get(round)) / figure.applyAsDouble(below.get(round)));
        }
        return Spread.of(ratios);
    }
}
