package io.jackfield.bench;

import io.jackfield.protocol.HostAndPort;
import java.util.List;
import java.util.Map;

/**
 * A broker that is measured.
 *
 * @param name as it stands in the table
 * @param endpoint that its clients connect to
 * @param ways how the load program reaches each kind of answerer: its options for that
 */
record Target(String name, BrokerProcess process, HostAndPort endpoint, Map<Kind, List<String>> ways) {

    boolean takes(Cell cell) {
        return ways.containsKey(cell.kind());
    }
}
