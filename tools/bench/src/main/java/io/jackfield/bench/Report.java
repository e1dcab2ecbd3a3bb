package io.jackfield.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jackfield.bench.Results.Row;
import io.jackfield.command.Table;
import io.jackfield.command.Table.Heading;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** Shows results, as a table for a person and as JSON for a program. */
final class Report {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double THOUSAND = 1000;
    private static final double MILLION = 1e6;

    private final Results results;
    private final Optional<String> base;

    /**
     * Nothing is computed before it is asked for.
     *
     * @param base the target that ratios are to, always its worker in a process of its own
     */
    Report(Results results, Optional<String> base) {
        this.results = results;
        this.base = base;
    }

    String table() {
        List<Heading> headings = new ArrayList<>(List.of(
                new Heading("ANSWERS", false),
                new Heading("CLIENTS", true),
                new Heading("BODY", true),
                new Heading("BROKER", false),
                new Heading("RATE/S", true),
                new Heading("LEAST..MOST", true),
                new Heading("P50 US", true),
                new Heading("P99 US", true),
                new Heading("P99.9 US", true),
                new Heading("CPU US", true)));
        base.ifPresent(name -> {
            headings.add(new Heading("RATE : " + name, true));
            headings.add(new Heading("CPU : " + name, true));
        });
        Table table = new Table(headings);
        results.rows().forEach(row -> table.add(cells(row)));
        return table.text();
    }

    private List<String> cells(Row row) {
        Spread rate = results.figure(row, Sample::rate);
        List<String> cells = new ArrayList<>(List.of(
                row.cell().kind().shown(),
                row.cell().shape().load(),
                row.cell().shape().body(),
                row.target(),
                rate(rate.median()),
                rate(rate.min()) + ".." + rate(rate.max()),
                micros(results.figure(row, Sample::p50Us).median()),
                micros(results.figure(row, Sample::p99Us).median()),
                micros(results.figure(row, Sample::p999Us).median()),
                decimals(results.figure(row, Sample::brokerCpuUs).median())));
        base.ifPresent(name -> {
            cells.add(decimals(ratio(row, name, Sample::rate).median()));
            cells.add(decimals(ratio(row, name, Sample::brokerCpuUs).median()));
        });
        return cells;
    }

    private Spread ratio(Row row, String name, ToDoubleFunction<Sample> figure) {
        return results.ratio(row, new Row(new Cell(Kind.WORKER, row.cell().shape()), name), figure);
    }

    String json(Machine machine, Plan plan) {
        ObjectNode top = JSON.createObjectNode();
        top.putObject("machine")
                .put("processors", machine.processors())
                .put("processor", machine.processor())
                .put("system", machine.system())
                .put("java", machine.java());
        top.putObject("plan")
                .put("rounds", plan.rounds())
                .put("timeMs", plan.timeMs())
                .put("warmUpMs", plan.warmUpMs());
        ArrayNode rows = top.putArray("rows");
        results.rows().forEach(row -> put(rows.addObject(), row));
        return top.toPrettyString();
    }

    private void put(ObjectNode object, Row row) {
        object.put("answers", row.cell().kind().key())
                .put("clients", row.cell().shape().clients())
                .put("outstanding", row.cell().shape().outstanding())
                .put("bytes", row.cell().shape().bytes())
                .put("broker", row.target());
        new TreeMap<>(Sample.FIGURES).forEach((name, figure) -> put(object, name, results.figure(row, figure)));
        base.ifPresent(name -> {
            put(object, "rateRatio", ratio(row, name, Sample::rate));
            put(object, "cpuRatio", ratio(row, name, Sample::brokerCpuUs));
        });
    }

    /** JSON has no NaN: what was not measured is not there. */
    private static void put(ObjectNode object, String name, Spread spread) {
        if (!Double.isNaN(spread.median())) {
            JsonNode value = JSON.createObjectNode()
                    .put("median", spread.median())
                    .put("min", spread.min())
                    .put("max", spread.max());
            object.set(name, value);
        }
    }

    /** Three digits that count, as 940, 9.4k, 94k, 940k, 9.40M: more is noise. */
    static String rate(double rate) {
        if (Double.isNaN(rate)) {
            return "-";
        }
        if (rate < THOUSAND) {
            return format("%.0f", rate);
        }
        if (rate < MILLION) {
            return format(rate < 100 * THOUSAND ? "%.1fk" : "%.0fk", rate / THOUSAND);
        }
        return format("%.2fM", rate / MILLION);
    }

    private static String micros(double micros) {
        return Double.isNaN(micros) ? "-" : format("%.0f", micros);
    }

    private static String decimals(double value) {
        return Double.isNaN(value) ? "-" : format("%.2f", value);
    }

    private static String format(String form, double value) {
        return String.format(Locale.ROOT, form, value);
    }
}
