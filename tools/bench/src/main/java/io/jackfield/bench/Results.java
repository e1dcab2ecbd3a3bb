package io.jackfield.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** The samples of every cell and target, a sample for each round; and of idle peers. Not for several threads. */
final class Results {

    /**
     * One line of the table.
     *
     * @param idlePeers that were connected to it meanwhile
     */
    record Row(Cell cell, String target, int idlePeers) {

        Row(Cell cell, String target) {
            this(cell, target, 0);
        }

        /** As it is shown. */
        String broker() {
            return idlePeers == 0 ? target : target + ", " + idlePeers + " idle";
        }
    }

    private final Map<Row, List<Sample>> samples = new LinkedHashMap<>();
    private final List<Connecting> connectings = new ArrayList<>();
    private Optional<Connecting> first = Optional.empty();

    void add(Row row, Sample sample) {
        samples.computeIfAbsent(row, r -> new ArrayList<>()).add(sample);
    }

    void add(Connecting connecting) {
        connectings.add(connecting);
    }

    void addFirst(Connecting connecting) {
        first = Optional.of(connecting);
    }

    /** How idle peers connected to a broker that had had no load yet. */
    Optional<Connecting> first() {
        return first;
    }

    /** How long idle peers took to connect, in each round. */
    Spread connectSeconds() {
        return Spread.of(connectings.stream().map(Connecting::seconds).toList());
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
