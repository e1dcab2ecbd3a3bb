package io.jackfield.bench;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A broker that is measured.
 *
 * @param name as it stands in the table
 * @param pid of its process, for its CPU time; empty: not known
 * @param ways how the load program reaches each kind of answerer: its options for that
 */
record Target(String name, OptionalLong pid, Map<Kind, List<String>> ways) {

    boolean takes(Cell cell) {
        return ways.containsKey(cell.kind());
    }
}
