package io.jackfield.bench;

import java.util.List;

/** Several measurements of the same: the middle one, the least and the most. All NaN where nothing was measured. */
record Spread(double median, double min, double max) {

    static final Spread NONE = new Spread(Double.NaN, Double.NaN, Double.NaN);

    /** Leaves out what is no number: a ratio to nothing, the CPU of an unknown process. */
    static Spread of(List<Double> values) {
        double[] sorted = values.stream()
                .filter(Double::isFinite)
                .mapToDouble(Double::doubleValue)
                .sorted()
                .toArray();
        if (sorted.length == 0) {
            return NONE;
        }
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1]);
    }
}
