package io.jackfield.bench;

import java.util.HashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * What one round of one cell came to.
 *
 * @param rate replies a second
 * @param p50Us half of the replies came within that; {@code p99Us} and {@code p999Us} likewise
 * @param brokerCpuUs of the broker, user and system, for each reply; NaN where the process is not known
 * @param loadCpuShare of one processor that the load program took: near 1, and it is what was measured
 */
record Sample(double rate, double p50Us, double p99Us, double p999Us, double brokerCpuUs, double loadCpuShare) {

    private static final double NS_PER_S = 1e9;
    private static final double NS_PER_US = 1e3;

    /** The columns that are medians over rounds, by their name in JSON. */
    static final Map<String, ToDoubleFunction<Sample>> FIGURES = Map.of(
            "rate", Sample::rate,
            "p50Us", Sample::p50Us,
            "p99Us", Sample::p99Us,
            "p999Us", Sample::p999Us,
            "brokerCpuUs", Sample::brokerCpuUs,
            "loadCpuShare", Sample::loadCpuShare);

    /**
     * From the last line of the load program.
     *
     * @param brokerCpuNs what the broker's process took meanwhile, or NaN
     */
    static Sample parse(String line, double brokerCpuNs) {
        Map<String, Double> values = values(line);
        double replies = value(values, "replies", line);
        double timeNs = value(values, "time-ns", line);
        return new Sample(
                replies / timeNs * NS_PER_S,
                value(values, "p50-ns", line) / NS_PER_US,
                value(values, "p99-ns", line) / NS_PER_US,
                value(values, "p999-ns", line) / NS_PER_US,
                brokerCpuNs / Math.max(1, replies) / NS_PER_US,
                value(values, "load-cpu-ns", line) / timeNs);
    }

    /** The time in the line of a program that says nothing else. */
    static double seconds(String line) {
        return value(values(line), "time-ns", line) / NS_PER_S;
    }

    private static Map<String, Double> values(String line) {
        Map<String, Double> values = new HashMap<>();
        for (String word : line.split(" ", -1)) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                values.put(word.substring(0, equals), Double.parseDouble(word.substring(equals + 1)));
            }
        }
        return values;
    }

    private static double value(Map<String, Double> values, String name, String line) {
        Double value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException(name + " is missing in: " + line);
        }
        return value;
    }
}
