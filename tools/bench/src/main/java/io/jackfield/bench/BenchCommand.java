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
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "jackfield bench",
        description = "Measure a broker on this machine: one that it starts, or a running one."
                + " Load programs in C keep connections busy; each has so many requests without a reply at any time, and"
                + " asks again when one comes. Figures are medians over rounds; CPU is the broker's own, user and system,"
                + " for each request. Needs Linux and gcc; nothing else should run meanwhile.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  jackfield bench",
            "  jackfield bench --against libzmq,nats --rounds 7",
            "  jackfield bench --idle 10000 --only worker --shape 8x1x32",
            "  jackfield bench --only worker,inline --shape 1x1x32 --shape 8x64x1KiB --json",
            "  jackfield bench --endpoint tcp://127.0.0.1:5555 --service echo --http 127.0.0.1:8080"
        })
final class BenchCommand implements Callable<Integer> {

    private static final int ROUNDS_MAX = 1000;
    private static final long TIME_MS_MAX = 600_000;

    /** One address can make so many connections to another: Linux has 28,232 ports for that unless told otherwise. */
    private static final int IDLE_MAX = 25_000;

    /** What a broker has open beside connections: jars, its log, its own ports. */
    private static final int OTHER_FILES = 200;

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
            split = ",",
            paramLabel = "BROKER",
            description = "Measure these in the same rounds, too, and show ratios to each: libzmq (its zmq_proxy), nats"
                    + " (request/reply of a nats-server), with a worker in a process of its own.")
    private List<String> against = List.of();

    @Option(
            names = "--idle",
            paramLabel = "N",
            defaultValue = "0",
            description = "Connect N idle ZeroMQ peers to the broker in each round and measure it once more, and show"
                    + " ratios to the figures without them; how long they take to connect, and by how much the broker's"
                    + " resident memory grows (the first time: memory that load has left behind is used again).")
    private int idlePeers;

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
            List<Target> targets = targets(plan, new Targets(children, programs, folder, home()));
            Optional<IdlePeers> idle = plan.idlePeers() == 0
                    ? Optional.empty()
                    : Optional.of(new IdlePeers(folder, programs.idle(), targets.get(0), plan.idlePeers()));
            LoadProgram load = new LoadProgram(children, programs.load());
            Results results = measure(new Rounds(plan, targets, load, idle));
            print(plan, new Report(results, bases(plan)));
        }
        Children.delete(folder);
        return ExitCode.OK;
    }

    private Plan plan() throws IOException {
        between("--rounds", rounds, 1, ROUNDS_MAX);
        between("--time", timeMs, 1, TIME_MS_MAX);
        between("--warm-up", warmUpMs, 0, TIME_MS_MAX);
        between("--idle", idlePeers, 0, IDLE_MAX);
        List<Kind> possible = targetOptions.kinds();
        List<Kind> wanted = only.isEmpty()
                ? possible
                : only.stream().map(key -> kind(key, possible)).toList();
        List<Cell> cells = new ArrayList<>();
        for (Kind kind : wanted) {
            shapes(kind).forEach(shape -> cells.add(new Cell(kind, shape)));
        }
        List<Rival> rivals =
                against.stream().distinct().map(BenchCommand::rival).toList();
        Plan plan = new Plan(cells, rounds, timeMs, warmUpMs, idlePeers, rivals);
        if (idlePeers > 0) {
            OpenFiles.require(idlePeers, plan.clientsMax() + OTHER_FILES, OpenFiles.here());
        }
        return plan;
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

    private static Rival rival(String key) {
        return Stream.of(Rival.values())
                .filter(rival -> rival.key().equals(key))
                .findFirst()
                .orElseThrow(() -> wrong("--against: " + key + " (expected: of "
                        + String.join(
                                ", ", Stream.of(Rival.values()).map(Rival::key).toList()) + ")"));
    }

    /** Ours is the first of them, but the last to start: what the others lack is known sooner. */
    private List<Target> targets(Plan plan, Targets targets) throws IOException, InterruptedException {
        List<Target> all = new ArrayList<>();
        for (Rival rival : plan.rivals()) {
            all.add(targets.rival(rival));
        }
        all.add(0, targetOptions.running() ? targets.running(targetOptions) : targets.own(plan.idlePeers()));
        return all;
    }

    private static List<Base> bases(Plan plan) {
        List<Base> bases =
                new ArrayList<>(plan.rivals().stream().map(Base::rival).toList());
        if (plan.idlePeers() > 0) {
            bases.add(Base.withoutIdle());
        }
        return bases;
    }

    private Results measure(Rounds rounds) throws IOException, InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        Progress progress = new Progress(err, Terminal.errPresent(), rounds.steps(), rounds.stepMs());
        return rounds.run(progress);
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
            report.idle(plan).ifPresent(line -> out.println(System.lineSeparator() + line));
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
