package io.jackfield.broker.dispatch;

import io.jackfield.protocol.ErrorCode;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/** How requests of one service ended. Owned by the broker loop. */
final class ServiceCounters {
    long accepted;
    long refused;
    long replied;
    long retried;
    long late;
    private final Map<ErrorCode, long[]> failedByCode = new EnumMap<>(ErrorCode.class);

    void failed(ErrorCode code) {
        failedByCode.computeIfAbsent(code, any -> new long[1])[0]++;
    }

    long failed() {
        return failedByCode.values().stream().mapToLong(count -> count[0]).sum();
    }

    Map<String, Long> failedByCode() {
        Map<String, Long> byName = new TreeMap<>();
        failedByCode.forEach((code, count) -> byName.put(code.name(), count[0]));
        return byName;
    }
}
