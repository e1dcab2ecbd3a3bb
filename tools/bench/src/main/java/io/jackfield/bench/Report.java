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
    private final List<Base> bases;

    /**
     * Nothing is computed before it is asked for.
     *
     * @param bases what ratios are to
     */
    Report(Results results, List<Base> bases) {
        this.results = results;
        this.bases = bases;
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
        for (Base base : bases) {
            headings.add(new Heading("RATE : " + base.name(), true));
            headings.add(new Heading("CPU : " + base.name(), true));
        }
        Table table = new Table(headings);
        results.rows().forEach(row -> table.add(cells(row)));
        return table.text();
    }

    private List<String> cells(Row row) {
        Spread rate = results.figure(row, Sample::rate);
        List<String> cells = new ArrayList<>(List.of(
                row.cell().kind().key(),
                row.cell().shape().load(),
                row.cell().shape().body(),
                row.broker(),
                rate(rate.median()),
                rate(rate.min()) + ".." + rate(rate.max()),
                micros(results.figure(row, Sample::p50Us).median()),
                micros(results.figure(row, Sample::p99Us).median()),
                micros(results.figure(row, Sample::p999Us).median()),
                decimals(results.figure(row, Sample::brokerCpuUs).median())));
        for (Base base : bases) {
            cells.add(decimals(ratio(row, base, Sample::rate).median()));
            cells.add(decimals(ratio(row, base, Sample::brokerCpuUs).median()));
        }
        return cells;
    }

    private Spread ratio(Row row, Base base, ToDoubleFunction<Sample> figure) {
        return results.ratio(row, base.of().apply(row), figure);
    }

    /** What the table has no column for: how the idle peers connected. Empty if there were none. */
    Optional<String> idle(Plan plan) {
        return results.first().map(first -> {
            Spread seconds = results.connectSeconds();
            return format(
                    "%d idle peers: connected within %.2f s (%.2f..%.2f; the first time %.2f), memory of the broker for each: %s",
                    plan.idlePeers(),
                    seconds.median(),
                    seconds.min(),
                    seconds.max(),
                    first.seconds(),
                    memory(first.bytesPerPeer()));
        });
    }

    private static String memory(double bytes) {
        return Double.isNaN(bytes) ? "not known" : format("%.1f kB", bytes / THOUSAND);
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
                .put("warmUpMs", plan.warmUpMs())
                .put("idlePeers", plan.idlePeers());
        results.first().ifPresent(first -> putIdle(top.putObject("idle"), first));
        ArrayNode rows = top.putArray("rows");
        results.rows().forEach(row -> put(rows.addObject(), row));
        return top.toPrettyString();
    }

    private void putIdle(ObjectNode object, Connecting first) {
        put(object, "connectSeconds", results.connectSeconds());
        object.put("firstConnectSeconds", first.seconds());
        if (!Double.isNaN(first.bytesPerPeer())) {
            object.put("memoryBytesPerPeer", first.bytesPerPeer());
        }
    }

    private void put(ObjectNode object, Row row) {
        object.put("answers", row.cell().kind().key())
                .put("clients", row.cell().shape().clients())
                .put("outstanding", row.cell().shape().outstanding())
                .put("bytes", row.cell().shape().bytes())
                .put("broker", row.target())
                .put("idlePeers", row.idlePeers());
        new TreeMap<>(Sample.FIGURES).forEach((name, figure) -> put(object, name, results.figure(row, figure)));
        for (Base base : bases) {
            ObjectNode ratios = object.withObject("/ratios").putObject(base.key());
            put(ratios, "rate", ratio(row, base, Sample::rate));
            put(ratios, "cpu", ratio(row, base, Sample::brokerCpuUs));
        }
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

    private static String format(String form, Object... values) {
        return String.format(Locale.ROOT, form, values);
    }
}
