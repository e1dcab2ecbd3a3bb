package io.jackfield.command;

import io.jackfield.command.conformance.Conformance;
import io.jackfield.command.conformance.Kit;
import io.jackfield.command.conformance.Soak;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "conformance",
        description = {
            "Play the same scenarios with every kit, as worker and as client, and print a table.",
            "The agents of C and Python that it needs are built from source first, in a distribution too;",
            "what that needs is installed where root or sudo allows it."
        },
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  jackfield conformance",
            "  jackfield conformance --kit python",
            "  jackfield conformance --soak --requests 100000"
        })
final class ConformanceCommand implements Callable<Integer> {

    @Option(
            names = "--kit",
            paramLabel = "KIT",
            defaultValue = "all",
            description = "c, python, java or all (default).")
    private String kit = "";

    @Option(
            names = "--scenario",
            paramLabel = "TEXT",
            defaultValue = "",
            description = "Only the scenarios whose names contain this.")
    private String scenario = "";

    @Option(
            names = "--soak",
            description = "Instead: many requests through a mix of workers of which one is killed every second.")
    private boolean soak;

    @Option(
            names = "--requests",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "Of the soak (default: ${DEFAULT-VALUE}).")
    private long requests;

    @Option(names = "--json", description = "Print JSON; what goes on is told on stderr.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Kit> kits = kits();
        if (requests < 1) {
            throw wrong("--requests: " + requests + " (expected: 1 or more)");
        }
        Path home = Path.of(System.getProperty("jackfield.home", "")).toAbsolutePath();
        Path folder = Files.createTempDirectory("jackfield-conformance");
        boolean held = soak ? soak(home, folder, kits) : scenarios(home, folder, kits);
        if (!held) {
            throw new Failure(ExitCode.FAILED, "NOT_HELD", "a scenario did not hold", "the logs are in " + folder);
        }
        Children.delete(folder);
        return ExitCode.OK;
    }

    private List<Kit> kits() {
        if (kit.equals("all")) {
            return List.of(Kit.values());
        }
        return Stream.of(Kit.values())
                .filter(one -> one.text().equals(kit))
                .findFirst()
                .map(List::of)
                .orElseThrow(() -> wrong("--kit: " + kit + " (expected: c, python, java or all)"));
    }

    private boolean scenarios(Path home, Path folder, List<Kit> kits) throws IOException, InterruptedException {
        Conformance conformance = new Conformance(home, folder, name -> name.contains(scenario), this::tell);
        conformance.run(kits);
        if (conformance.results().isEmpty()) {
            throw wrong("--scenario: " + scenario + " (expected: a part of a scenario's name)");
        }
        print(conformance.results(), table(conformance));
        return conformance.held();
    }

    private boolean soak(Path home, Path folder, List<Kit> kits) throws IOException, InterruptedException {
        Soak.Result result = new Soak(home, folder, kits, requests, this::tell).run();
        Table table = new Table(List.of(new Table.Heading("WHAT", false), new Table.Heading("COUNT", true)));
        table.add(List.of("requests", Long.toString(result.requests())));
        result.outcomes().forEach((name, count) -> table.add(List.of("ended: " + name, Long.toString(count))));
        table.add(List.of("ended, in all", Long.toString(result.ended())));
        table.add(List.of("ended twice", Long.toString(result.endedTwice())));
        table.add(List.of("with another request's answer", Long.toString(result.wrong())));
        table.add(List.of("lost although idempotent", Long.toString(result.lostAlthoughIdempotent())));
        table.add(List.of("workers killed", Long.toString(result.kills())));
        table.add(List.of("seconds", Long.toString(result.tookMs() / 1000)));
        print(result, table.text());
        return result.held();
    }

    private static String table(Conformance conformance) {
        List<String> columns = conformance.columnNames();
        List<Table.Heading> headings = new ArrayList<>(List.of(new Table.Heading("SCENARIO", false)));
        columns.forEach(column -> headings.add(new Table.Heading(column.toUpperCase(Locale.ROOT), false)));
        Table table = new Table(headings);
        conformance.results().forEach((scenario, row) -> {
            List<String> cells = new ArrayList<>(List.of(scenario));
            for (String column : columns) {
                Conformance.Result result = row.get(column);
                cells.add(result == null ? "-" : result.held() ? "ok" : "FAILED");
            }
            table.add(cells);
        });
        return table.text();
    }

    private void print(Object value, String table) {
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? Json.text(value) + '\n' : '\n' + table);
        out.flush();
    }

    private void tell(String line) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(Terminal.printable(line));
        err.flush();
    }

    private static Failure wrong(String what) {
        return new Failure(ExitCode.USAGE, "BAD_OPTION", what, "");
    }
}
