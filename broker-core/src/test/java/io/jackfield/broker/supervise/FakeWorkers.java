package io.jackfield.broker.supervise;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Workers that have as many requests as the test says; each has one connection, whose id the test chooses. */
final class FakeWorkers implements ConnectedWorkers {
    final Set<Long> withdrawn = new HashSet<>();
    private final Map<Long, Long> pidById = new HashMap<>();
    private final Map<Long, Integer> inFlightById = new HashMap<>();

    void has(long connectionId, long pid, int inFlight) {
        pidById.put(connectionId, pid);
        inFlightById.put(connectionId, inFlight);
    }

    @Override
    public Set<Long> withdraw(Connections connections) {
        Set<Long> those = pidById.keySet().stream()
                .filter(id -> connections.pids().contains(pidById.get(id)))
                .collect(Collectors.toSet());
        withdrawn.addAll(those);
        return those;
    }

    @Override
    public int inFlight(Set<Long> connectionIds) {
        return connectionIds.stream().mapToInt(inFlightById::get).sum();
    }
}
