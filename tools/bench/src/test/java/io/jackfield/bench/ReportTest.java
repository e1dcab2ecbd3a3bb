package io.jackfield.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jackfield.bench.Results.Row;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReportTest {

    private static final Shape SHAPE = new Shape(8, 64, 1024);
    private static final Row OURS = new Row(new Cell(Kind.WORKER, SHAPE), "jackfield");
    private static final Row HANDLER = new Row(new Cell(Kind.INLINE, SHAPE), "jackfield");
    private static final Row BASE = new Row(new Cell(Kind.WORKER, SHAPE), "libzmq");

    @Test
    void shouldShowMediansOverRoundsInColumns() {
        Results results = new Results();
        results.add(OURS, sample(100_000, 2));
        results.add(OURS, sample(900, 4));
        results.add(OURS, sample(1_234_567, Double.NaN));

        assertEquals(
                """
                ANSWERS  CLIENTS   BODY  BROKER     RATE/S  LEAST..MOST  P50 US  P99 US  P99.9 US  CPU US
                worker    8 x 64  1 KiB  jackfield    100k   900..1.23M      10      20        30    3.00
                """,
                new Report(results, Optional.empty()).table());
    }

    @Test
    void shouldTakeRatiosWithinARoundAndThenTheirMedian() {
        Results results = new Results();
        for (double slowness : List.of(1.0, 10.0, 100.0)) {
            results.add(OURS, sample(3000 / slowness, 1 * slowness));
            results.add(HANDLER, sample(6000 / slowness, 0.5 * slowness));
            results.add(BASE, sample(1000 / slowness, 4 * slowness));
        }

        List<String> lines =
                new Report(results, Optional.of("libzmq")).table().lines().toList();

        assertTrue(lines.get(0).endsWith("RATE : libzmq  CPU : libzmq"), lines.get(0));
        assertTrue(lines.get(1).endsWith(" 3.00          0.25"), lines.get(1));
        assertTrue(lines.get(2).endsWith(" 6.00          0.13"), lines.get(2));
        assertTrue(lines.get(3).endsWith(" 1.00          1.00"), lines.get(3));
    }

    @Test
    void shouldShowNoRatioToWhatWasNotMeasured() {
        Results results = new Results();
        results.add(HANDLER, sample(6000, 1));

        String table = new Report(results, Optional.of("libzmq")).table();

        assertTrue(table.lines().toList().get(1).matches(".* - +-"), table);
    }

    @Test
    void shouldGiveEachFigureWithItsSpreadAsJson() throws Exception {
        Results results = new Results();
        results.add(OURS, sample(1000, Double.NaN));
        results.add(OURS, sample(2000, Double.NaN));
        Plan plan = new Plan(List.of(OURS.cell()), 2, 500, 100);

        JsonNode top = new ObjectMapper().readTree(new Report(results, Optional.empty()).json(Machine.here(), plan));

        assertEquals(2, top.path("plan").path("rounds").asInt(), top.toString());
        assertTrue(top.path("machine").path("processors").asInt() > 0, top.toString());
        JsonNode row = top.path("rows").path(0);
        assertEquals("worker", row.path("answers").asText());
        assertEquals(64, row.path("outstanding").asInt());
        assertEquals(1500, row.path("rate").path("median").asDouble());
        assertEquals(1000, row.path("rate").path("min").asDouble());
        assertEquals(2000, row.path("rate").path("max").asDouble());
        assertFalse(row.has("brokerCpuUs"), row.toString());
        assertFalse(row.has("rateRatio"), row.toString());
    }

    @Test
    void shouldReadWhatTheLoadProgramSays() {
        String line = "replies=500 time-ns=500000000 p50-ns=1500 p99-ns=2500 p999-ns=9000 load-cpu-ns=250000000";

        assertEquals(new Sample(1000, 1.5, 2.5, 9, 2000, 0.5), Sample.parse(line, 1e9));
        assertThrows(IllegalArgumentException.class, () -> Sample.parse("replies=500", 1e9));
    }

    @Test
    void shouldFillTheBarAsItGoes() {
        assertEquals("[........................]", Progress.bar(0, 10));
        assertEquals("[############............]", Progress.bar(5, 10));
        assertEquals("[########################]", Progress.bar(10, 10));
    }

    private static Sample sample(double rate, double cpuUs) {
        return new Sample(rate, 10, 20, 30, cpuUs, 0.5);
    }
}
