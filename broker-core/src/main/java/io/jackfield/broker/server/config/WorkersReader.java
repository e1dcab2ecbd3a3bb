package io.jackfield.broker.server.config;

import io.jackfield.broker.supervise.WorkerProgram;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The programs under {@code workers}: what the broker runs itself. */
final class WorkersReader {
    private static final long HOUR_MS = 3_600_000;
    private static final int STARTS_MAX = 1_000_000;
    private static final String NAME_FORM = "a name: 1 to 64 of a-z, A-Z, 0-9, - and _";
    private static final String COMMAND = "command";

    private final YamlMap workers;
    private final Path base;

    /** @param base what relative paths begin at */
    WorkersReader(YamlMap workers, Path base) {
        this.workers = workers;
        this.base = base;
    }

    List<WorkerProgram> read() {
        List<WorkerProgram> programs = new ArrayList<>();
        for (String name : workers.keys()) {
            if (!name.matches("[A-Za-z0-9_-]{1,64}")) {
                workers.wrong(name, name, NAME_FORM);
            }
            programs.add(program(name, workers.map(name)));
        }
        return programs;
    }

    private WorkerProgram program(String name, YamlMap map) {
        WorkerProgram program = new WorkerProgram(
                name,
                command(map),
                base.resolve(map.text("dir", "")).toString(),
                env(map.map("env")),
                map.count("count", 1, WorkerProgram.COUNT_MAX),
                limits(map),
                map.texts("watch").orElse(List.of()).stream()
                        .map(file -> base.resolve(file).toString())
                        .toList());
        map.end();
        return program;
    }

    /** A program without a slash is looked for in PATH; one with it is a path like any other in the file. */
    private List<String> command(YamlMap map) {
        List<String> command = new ArrayList<>(map.texts(COMMAND).orElse(List.of()));
        if (command.isEmpty() || command.get(0).isBlank()) {
            map.wrong(COMMAND, "missing", "a list: the program and its arguments");
            return command;
        }
        if (command.get(0).contains("/")) {
            command.set(0, base.resolve(command.get(0)).toString());
        }
        return command;
    }

    private static Map<String, String> env(YamlMap map) {
        Map<String, String> env = new LinkedHashMap<>();
        for (String key : map.keys()) {
            env.put(key, map.text(key, ""));
            if (!key.matches("[A-Za-z_][A-Za-z0-9_]*")) {
                map.wrong(key, "not the name of a variable", "letters, digits and _");
            }
        }
        return env;
    }

    private static WorkerProgram.Limits limits(YamlMap map) {
        WorkerProgram.Limits byDefault = WorkerProgram.Limits.DEFAULT;
        long min = map.millis("restart-delay-min", HOUR_MS).orElse(byDefault.restartMsMin());
        long max = map.millis("restart-delay-max", HOUR_MS).orElse(Math.max(min, byDefault.restartMsMax()));
        if (max < min) {
            map.wrong("restart-delay-max", max + "ms", "not less than restart-delay-min (" + min + "ms)");
        }
        return new WorkerProgram.Limits(
                min,
                max,
                map.millis("healthy-time", HOUR_MS).orElse(byDefault.healthyMs()),
                map.count("starts-max", byDefault.startsMax(), STARTS_MAX),
                map.millis("drain-timeout", HOUR_MS).orElse(byDefault.drainMs()),
                map.millis("stop-timeout", HOUR_MS).orElse(byDefault.stopMs()),
                map.bytes("memory-bytes-max", byDefault.memoryBytesMax(), 1L << 40));
    }
}
