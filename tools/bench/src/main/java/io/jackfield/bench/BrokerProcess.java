package io.jackfield.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What the system says of a broker's process. NaN where it does not say.
 *
 * @param pid empty: not known
 */
record BrokerProcess(OptionalLong pid) {

    private static final double BYTES_PER_KB = 1024; // of /proc
    private static final String RESIDENT = "VmRSS:";

    static BrokerProcess of(long pid) {
        return new BrokerProcess(OptionalLong.of(pid));
    }

    /** User and system, since it was started. */
    double cpuNs() {
        return pid.isEmpty()
                ? Double.NaN
                : ProcessHandle.of(pid.getAsLong())
                        .flatMap(process -> process.info().totalCpuDuration())
                        .map(Duration::toNanos)
                        .map(Long::doubleValue)
                        .orElse(Double.NaN);
    }

    double residentBytes() {
        if (pid.isEmpty()) {
            return Double.NaN;
        }
        try (Stream<String> lines = Files.lines(proc("status"))) {
            return lines.filter(line -> line.startsWith(RESIDENT))
                    .map(line ->
                            line.substring(RESIDENT.length()).replace("kB", "").strip())
                    .mapToDouble(kb -> Double.parseDouble(kb) * BYTES_PER_KB)
                    .findFirst()
                    .orElse(Double.NaN);
        } catch (IOException e) {
            return Double.NaN; // it has ended, or was never there
        }
    }

    /** Connections among them. Only root and its own user may ask. */
    double openFiles() {
        if (pid.isEmpty()) {
            return Double.NaN;
        }
        try (Stream<Path> files = Files.list(proc("fd"))) {
            return files.count();
        } catch (IOException e) {
            return Double.NaN;
        }
    }

    private Path proc(String file) {
        return Path.of("/proc", String.valueOf(pid.orElseThrow()), file);
    }
}
