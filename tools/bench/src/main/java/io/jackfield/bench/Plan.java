package io.jackfield.bench;

import java.util.List;

/**
 * How it is measured. Every target runs every cell once in each round, so that a slow minute of the machine hits all alike.
 *
 * @param rounds that count; one that does not count goes before, in which a JVM compiles what is hot
 * @param timeMs of a measurement
 * @param warmUpMs before each, with the same load
 * @param idlePeers with which the broker is measured once more in each round; 0: not that
 * @param rivals that are measured in the same rounds
 */
record Plan(List<Cell> cells, int rounds, long timeMs, long warmUpMs, int idlePeers, List<Rival> rivals) {

    /** Connections of the load program, at most. */
    int clientsMax() {
        return cells.stream().mapToInt(cell -> cell.shape().clients()).max().orElse(0);
    }
}
