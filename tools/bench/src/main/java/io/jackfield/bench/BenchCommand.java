package io.jackfield.bench;

import io.jackfield.command.Children;
import io.jackfield.command.ExitCode;
import io.jackfield.command.Failure;
import io.jackfield.command.Terminal;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "jackfield bench",
        description = {
            "Measure a broker on this machine: one that it starts, or a running one.",
            "Load programs in C keep connections busy; each has so many requests without a reply at any time, and asks",
            "again when one comes. Figures are medians over rounds; CPU is the broker's own, user and system, for each",
            "request. Needs Linux and gcc; nothing else should run meanwhile."
        },
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  jackfield bench",
            "  jackfield bench --against libzmq --rounds 7",
            "  jackfield bench --only worker,inline --shape 1x1x32 --shape 8x64x1KiB --json",
            "  jackfield bench --endpoint tcp://127.0.0.1:5555 --service echo --http 127.0.0.1:8080"
        })
final class BenchCommand implements Callable<Integer> {

    private static final String LIBZMQ = "libzmq";
    private static final int ROUNDS_MAX = 1000;
    private static final long TIME_MS_MAX = 600_000;

    @Mixin
    private final TargetOptions targetOptions = new TargetOptions();

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "KIND",
            description = "Only these: worker (a process of its own), inline (a handler on the broker loop), threads"
                    + " (a handler on threads), http (inline, over HTTP).")
    private List<String> only = List.of();

    @Option(
            names = "--shape",
            paramLabel = "CxOxB",
            description = "Clients, requests outstanding on each, and bytes of a body, for all kinds; may be given"
                    + " several times. Default: up to six for each kind.")
    private List<String> shapes = List.of();

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "5",
            description = "Rounds that count, after one that does not (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--time",
            paramLabel = "MS",
            defaultValue = "1000",
            description = "Milliseconds of each measurement (default: ${DEFAULT-VALUE}).")
    private long timeMs;

    @Option(
            names = "--warm-up",
            paramLabel = "MS",
            defaultValue = "300",
            description = "Milliseconds of load before each (default: ${DEFAULT-VALUE}).")
    private long warmUpMs;

    @Option(
            names = "--against",
            paramLabel = "libzmq",
            description = "Measure libzmq's zmq_proxy in the same rounds, and show ratios to it.")
    private Optional<String> against = Optional.empty();

    @Option(names = "--json", description = "Print JSON; a failure is one JSON line on stderr.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Plan plan = plan();
        Path folder = Files.createTempDirectory("jackfield-bench");
        try (Children children = new Children(folder)) {
            NativePrograms programs = new NativePrograms(children, sources(), folder);
            LoadProgram load = new LoadProgram(children, programs.load());
            Results results = measure(plan, targets(children, programs, folder), load);
            print(plan, new Report(results, against));
        }
        Children.delete(folder);
        return ExitCode.OK;
    }

    private Plan plan() {
        between("--rounds", rounds, 1, ROUNDS_MAX);
        between("--time", timeMs, 1, TIME_MS_MAX);
        between("--warm-up", warmUpMs, 0, TIME_MS_MAX);
        if (against.isPresent() && !against.get().equals(LIBZMQ)) {
            throw wrong("--against: " + against.get() + " (expected: libzmq)");
        }
        List<Kind> possible = targetOptions.kinds();
        List<Kind> wanted = only.isEmpty()
                ? possible
                : only.stream().map(key -> kind(key, possible)).toList();
        List<Cell> cells = new ArrayList<>();
        for (Kind kind : wanted) {
            shapes(kind).forEach(shape -> cells.add(new Cell(kind, shape)));
        }
        return new Plan(cells, rounds, timeMs, warmUpMs);
    }

    private List<Shape> shapes(Kind kind) {
        if (!shapes.isEmpty()) {
            try {
                return shapes.stream().map(Shape::parse).toList();
            } catch (IllegalArgumentException e) {
                throw wrong("--shape: " + e.getMessage());
            }
        }
        return switch (kind) {
            case WORKER, SERVICE -> Shape.REQUEST_REPLY;
            case INLINE, THREADS -> Shape.HANDLER;
            case HTTP -> Shape.HTTP;
        };
    }

    private static Kind kind(String key, List<Kind> possible) {
        return possible.stream()
                .filter(kind -> kind.key().equals(key))
                .findFirst()
                .orElseThrow(() -> wrong("--only: " + key + " (expected: of "
                        + String.join(", ", possible.stream().map(Kind::key).toList()) + ")"));
    }

    private static void between(String option, long value, long min, long max) {
        if (value < min || value > max) {
            throw wrong(option + ": " + value + " (expected: " + min + " to " + max + ")");
        }
    }

    private static Failure wrong(String cause) {
        return new Failure(ExitCode.USAGE, "BAD_OPTION", cause, "see jackfield bench --help");
    }

    private List<Target> targets(Children children, NativePrograms programs, Path folder)
            throws IOException, InterruptedException {
        Targets targets = new Targets(children, programs, folder, home());
        List<Target> all = new ArrayList<>();
        all.add(targetOptions.running() ? targets.running(targetOptions) : targets.own());
        if (against.isPresent()) {
            all.add(targets.libzmq());
        }
        return all;
    }

    private Results measure(Plan plan, List<Target> targets, LoadProgram load)
            throws IOException, InterruptedException {
        Rounds all = new Rounds(plan, targets, load);
        PrintWriter err = spec.commandLine().getErr();
        Progress progress = new Progress(err, Terminal.errPresent(), all.steps(), all.stepMs());
        return all.run(progress);
    }

    private void print(Plan plan, Report report) {
        PrintWriter out = spec.commandLine().getOut();
        Machine machine = Machine.here();
        if (json) {
            out.println(report.json(machine, plan));
        } else {
            out.println(machine.text());
            out.println(plan.rounds() + " rounds of " + plan.timeMs() + " ms; medians; CLIENTS: connections x requests"
                    + " outstanding on each; CPU: of the broker, per request");
            out.println();
            out.print(report.table());
        }
        out.flush();
    }

    private static Path sources() {
        return home().resolve("tools/bench/native");
    }

    private static Path home() {
        return Path.of(System.getProperty("jackfield.home", "."));
    }
}
