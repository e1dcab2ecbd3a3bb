package io.jackfield.command.conformance;

import io.jackfield.command.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Plays every scenario with every kit, first as the worker, then as the client; the other side is the Java kit. One thread. */
public final class Conformance {
    private final Path home;
    private final Path folder;
    private final Predicate<String> chosen;
    private final Consumer<String> progress;
    private final Map<String, Map<String, Result>> results = new LinkedHashMap<>();

    /**
     * Nothing is played before {@link #run}.
     *
     * @param chosen which scenarios are played, by name
     * @param progress told of each scenario when it has been played
     */
    public Conformance(Path home, Path folder, Predicate<String> chosen, Consumer<String> progress) {
        this.home = home;
        this.folder = folder;
        this.chosen = chosen;
        this.progress = progress;
    }

    /**
     * What came of one scenario.
     *
     * @param failure what was seen and what was expected; empty: it held
     */
    public record Result(String column, String scenario, String failure, long tookMs) {
        public boolean held() {
            return failure.isEmpty();
        }
    }

    /** One of the table's columns: who is asked to show what it can. */
    private record Column(String name, Kit client, Kit worker) {}

    /** Plays everything with these kits. */
    public void run(List<Kit> kits) throws IOException, InterruptedException {
        for (Kit kit : kits) {
            for (Column column : columns(kit)) {
                playAll(column);
            }
        }
    }

    /** By scenario, then by column, in the order of playing. */
    public Map<String, Map<String, Result>> results() {
        return results;
    }

    /** True if every scenario held. */
    public boolean held() {
        return results.values().stream().allMatch(row -> row.values().stream().allMatch(Result::held));
    }

    private static List<Column> columns(Kit kit) {
        return kit == Kit.JAVA
                ? List.of(new Column("java", Kit.JAVA, Kit.JAVA))
                : List.of(
                        new Column(kit.text() + " worker", Kit.JAVA, kit),
                        new Column(kit.text() + " client", kit, Kit.JAVA));
    }

    private void playAll(Column column) throws IOException, InterruptedException {
        List<Scenario> shared = chosen(QuietScenarios.all());
        if (!shared.isEmpty()) {
            playTogether(column, shared);
        }
        for (Scenario scenario : chosen(LossScenarios.all())) {
            try (Pair pair = pair(column, scenario.name().replaceAll("[^a-z]+", "-"))) {
                play(column, scenario, pair);
            }
        }
    }

    private List<Scenario> chosen(List<Scenario> all) {
        return all.stream().filter(scenario -> chosen.test(scenario.name())).toList();
    }

    private void playTogether(Column column, List<Scenario> shared) throws IOException, InterruptedException {
        try (Pair pair = pair(column, "together")) {
            Scenario.Play begin = started -> {
                started.broker();
                started.worker(4);
                started.client();
            };
            if (play(column, new Scenario("connect", begin), pair)) {
                for (Scenario scenario : shared) {
                    play(column, scenario, pair);
                }
            }
        }
    }

    private Pair pair(Column column, String name) throws IOException {
        Path own = folder.resolve(column.name().replace(' ', '-')).resolve(name);
        return new Pair(home, Files.createDirectories(own), column.client(), column.worker());
    }

    private boolean play(Column column, Scenario scenario, Pair pair) throws InterruptedException {
        long begunNs = System.nanoTime();
        String failure = "";
        try {
            scenario.play().run(pair);
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            failure = e instanceof Broken || e instanceof Failure ? String.valueOf(e.getMessage()) : e.toString();
        }
        long tookMs = (System.nanoTime() - begunNs) / 1_000_000;
        Result result = new Result(column.name(), scenario.name(), failure, tookMs);
        results.computeIfAbsent(scenario.name(), name -> new LinkedHashMap<>()).put(column.name(), result);
        progress.accept(String.format(
                "%-14s %-38s %6d ms  %s", column.name(), scenario.name(), tookMs, result.held() ? "ok" : failure));
        return result.held();
    }

    /** The names of the columns, in the order of playing. */
    public List<String> columnNames() {
        List<String> names = new ArrayList<>();
        results.values().forEach(row -> row.keySet().forEach(name -> {
            if (!names.contains(name)) {
                names.add(name);
            }
        }));
        return names;
    }
}
