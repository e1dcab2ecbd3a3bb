package io.jackfield.bench;

import java.util.List;

/**
 * How it is measured. Every target runs every cell once in each round, so that a slow minute of the machine hits all alike.
 *
 * @param rounds that count; one that does not count goes before, in which a JVM compiles what is hot
 * @param timeMs of a measurement
 * @param warmUpMs before each, with the same load
 */
record Plan(List<Cell> cells, int rounds, long timeMs, long warmUpMs) {}
