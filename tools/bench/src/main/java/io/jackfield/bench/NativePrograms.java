package io.jackfield.bench;

import io.jackfield.command.Child;
import io.jackfield.command.Children;
import io.jackfield.command.ExitCode;
import io.jackfield.command.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Compiles the programs of the folder {@code native} when they are needed: half a second each. */
final class NativePrograms {

    private static final long TIMEOUT_MS = 60_000;
    private static final String ZMQ_HEADER = "zmq.h";

    private final Children children;
    private final Path sources;
    private final Path target;

    /**
     * Compiles nothing yet.
     *
     * @param sources the folder {@code native}
     * @param target where the programs go
     */
    NativePrograms(Children children, Path sources, Path target) {
        this.children = children;
        this.sources = sources;
        this.target = target;
    }

    Path load() throws IOException, InterruptedException {
        return compile("load", "connection", "zmtp", "http", "nats", "histogram");
    }

    Path echo() throws IOException, InterruptedException {
        return compile("echo", "connection", "zmtp", "nats");
    }

    Path idle() throws IOException, InterruptedException {
        return compile("idle", "connection", "zmtp");
    }

    /** libzmq's broker. */
    Path proxy() throws IOException, InterruptedException {
        requireZmq();
        return compile("proxy");
    }

    private Path compile(String program, String... parts) throws IOException, InterruptedException {
        Path built = target.resolve(program);
        List<String> command =
                new ArrayList<>(List.of("gcc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-o", built.toString()));
        command.add(sources.resolve(program + ".c").toString());
        for (String part : parts) {
            command.add(sources.resolve(part + ".c").toString());
        }
        if (program.equals("proxy")) {
            command.add("-lzmq");
        }
        Child gcc = start("gcc-" + program, command);
        if (gcc.awaitExit(TIMEOUT_MS) != 0) {
            throw new Failure(
                    ExitCode.FAILED,
                    "BENCH_FAILED",
                    sources.resolve(program + ".c") + " does not compile: " + gcc.lastLine(),
                    "");
        }
        return built;
    }

    private Child start(String name, List<String> command) throws IOException {
        Path unused = Installed.require("gcc", "to build the load programs", "gcc libc6-dev");
        return children.start(name, "", Map.of(), command.toArray(String[]::new));
    }

    /** The compiler knows best where headers may lie. */
    private void requireZmq() throws IOException, InterruptedException {
        Path probe = Files.writeString(target.resolve("probe.c"), "#include <" + ZMQ_HEADER + ">\n");
        Child gcc = start("gcc-probe", List.of("gcc", "-fsyntax-only", probe.toString()));
        if (gcc.awaitExit(TIMEOUT_MS) != 0) {
            throw Installed.missing(ZMQ_HEADER + " of libzmq is needed for --against libzmq", "libzmq3-dev");
        }
    }
}
