package io.jackfield.bench;

import io.jackfield.command.Child;
import io.jackfield.command.Children;
import io.jackfield.command.ExitCode;
import io.jackfield.command.Failure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs {@code native/load.c}, once for each measurement. One thread. */
final class LoadProgram {

    /** Connecting, and what a busy machine adds; the program itself ends after 10 s without a reply. */
    private static final long GRACE_MS = 20_000;

    private static final String MEASURING = "measuring";

    private final Children children;
    private final Path program;

    LoadProgram(Children children, Path program) {
        this.children = children;
        this.program = program;
    }

    Sample run(Target target, Cell cell, Plan plan) throws IOException, InterruptedException {
        Child load = children.start("load", MEASURING, Map.of(), command(target, cell, plan));
        load.awaitReady(plan.warmUpMs() + GRACE_MS);
        double beginNs = target.process().cpuNs();
        int code = load.awaitExit(plan.timeMs() + GRACE_MS);
        double endNs = target.process().cpuNs();
        if (code != 0) {
            throw new Failure(
                    ExitCode.FAILED, "BENCH_FAILED", target.name() + ", " + cell + ": " + load.lastLine(), "");
        }
        return Sample.parse(load.lastLine(), endNs - beginNs);
    }

    private String[] command(Target target, Cell cell, Plan plan) {
        List<String> command = new ArrayList<>(List.of(
                program.toString(),
                "-c",
                String.valueOf(cell.shape().clients()),
                "-o",
                String.valueOf(cell.shape().outstanding()),
                "-s",
                String.valueOf(cell.shape().bytes()),
                "-w",
                String.valueOf(plan.warmUpMs()),
                "-t",
                String.valueOf(plan.timeMs())));
        command.addAll(target.ways().getOrDefault(cell.kind(), List.of()));
        return command.toArray(String[]::new);
    }
}
