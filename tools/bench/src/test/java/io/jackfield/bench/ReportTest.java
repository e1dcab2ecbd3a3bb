package io.jackfield.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jackfield.bench.Results.Row;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {

    private static final Shape SHAPE = new Shape(8, 64, 1024);
    private static final Row OURS = new Row(new Cell(Kind.WORKER, SHAPE), "jackfield");
    private static final Row HANDLER = new Row(new Cell(Kind.INLINE, SHAPE), "jackfield");
    private static final Row BASE = new Row(new Cell(Kind.WORKER, SHAPE), "libzmq");
    private static final Row IDLE = new Row(new Cell(Kind.WORKER, SHAPE), "jackfield", 300);
    private static final Plan PLAN = new Plan(List.of(OURS.cell()), 2, 500, 100, 300, List.of());

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
                new Report(results, List.of()).table());
    }

    @Test
    void shouldTakeRatiosWithinARoundAndThenTheirMedian() {
        Results results = new Results();
        for (double slowness : List.of(1.0, 10.0, 100.0)) {
            results.add(OURS, sample(3000 / slowness, 1 * slowness));
            results.add(HANDLER, sample(6000 / slowness, 0.5 * slowness));
            results.add(BASE, sample(1000 / slowness, 4 * slowness));
        }

        List<String> lines = new Report(results, List.of(Base.rival(Rival.LIBZMQ)))
                .table()
                .lines()
                .toList();

        assertTrue(lines.get(0).endsWith("RATE : libzmq  CPU : libzmq"), lines.get(0));
        assertTrue(lines.get(1).endsWith(" 3.00          0.25"), lines.get(1));
        assertTrue(lines.get(2).endsWith(" 6.00          0.13"), lines.get(2));
        assertTrue(lines.get(3).endsWith(" 1.00          1.00"), lines.get(3));
    }

    @Test
    void shouldShowNoRatioToWhatWasNotMeasured() {
        Results results = new Results();
        results.add(HANDLER, sample(6000, 1));

        String table = new Report(results, List.of(Base.rival(Rival.LIBZMQ))).table();

        assertTrue(table.lines().toList().get(1).matches(".* - +-"), table);
    }

    @Test
    void shouldGiveEachFigureWithItsSpreadAsJson() throws Exception {
        Results results = new Results();
        results.add(OURS, sample(1000, Double.NaN));
        results.add(OURS, sample(2000, Double.NaN));

        JsonNode top = json(new Report(results, List.of()));

        assertEquals(2, top.path("plan").path("rounds").asInt(), top.toString());
        assertTrue(top.path("machine").path("processors").asInt() > 0, top.toString());
        JsonNode row = top.path("rows").path(0);
        assertEquals("worker", row.path("answers").asText());
        assertEquals(64, row.path("outstanding").asInt());
        assertEquals(1500, row.path("rate").path("median").asDouble());
        assertEquals(1000, row.path("rate").path("min").asDouble());
        assertEquals(2000, row.path("rate").path("max").asDouble());
        assertFalse(row.has("brokerCpuUs"), row.toString());
        assertFalse(row.has("ratios"), row.toString());
        assertFalse(top.has("idle"), top.toString());
    }

    @Test
    void shouldHaveTwoColumnsForEachBase() {
        Results results = new Results();
        results.add(OURS, sample(6000, 1));
        results.add(IDLE, sample(3000, 2));
        results.add(BASE, sample(1500, 4));

        List<String> lines = new Report(results, List.of(Base.rival(Rival.LIBZMQ), Base.withoutIdle()))
                .table()
                .lines()
                .toList();

        assertTrue(lines.get(0).endsWith("RATE : libzmq  CPU : libzmq  RATE : no idle  CPU : no idle"), lines.get(0));
        assertTrue(lines.get(1).endsWith(" 4.00          0.25            1.00           1.00"), lines.get(1));
        assertTrue(lines.get(2).contains("  jackfield, 300 idle  "), lines.get(2));
        assertTrue(lines.get(2).endsWith(" 2.00          0.50            0.50           2.00"), lines.get(2));
    }

    @Test
    void shouldSayHowIdlePeersConnected() throws Exception {
        Results results = new Results();
        results.addFirst(new Connecting(2.5, 11_700));
        results.add(OURS, sample(1000, 1));
        results.add(IDLE, sample(900, Double.NaN));
        results.add(new Connecting(1.25, 0));
        results.add(new Connecting(1.75, 0));
        Report report = new Report(results, List.of(Base.withoutIdle()));

        assertEquals(
                "300 idle peers: connected within 1.50 s (1.25..1.75; the first time 2.50), memory of the broker for each:"
                        + " 11.7 kB",
                report.idle(PLAN).orElse(""));
        JsonNode top = json(report);
        assertEquals(300, top.path("plan").path("idlePeers").asInt(), top.toString());
        assertEquals(1.5, top.path("idle").path("connectSeconds").path("median").asDouble());
        assertEquals(2.5, top.path("idle").path("firstConnectSeconds").asDouble());
        assertEquals(11_700, top.path("idle").path("memoryBytesPerPeer").asDouble());
        JsonNode row = top.path("rows").path(1);
        assertEquals("jackfield", row.path("broker").asText());
        assertEquals(300, row.path("idlePeers").asInt());
        assertEquals(
                0.9,
                row.path("ratios").path("noIdle").path("rate").path("median").asDouble());
        assertFalse(row.path("ratios").path("noIdle").has("cpu"), row.toString());
    }

    @Test
    void shouldNotMakeUpTheMemoryOfAnUnknownProcess() throws Exception {
        Results results = new Results();
        results.addFirst(new Connecting(2.5, Double.NaN));
        results.add(new Connecting(1, Double.NaN));
        Report report = new Report(results, List.of());

        String line = report.idle(PLAN).orElse("");
        assertTrue(line.endsWith(": not known"), line);
        assertFalse(json(report).path("idle").has("memoryBytesPerPeer"));
        assertTrue(new Report(new Results(), List.of()).idle(PLAN).isEmpty());
    }

    @Test
    void shouldReadWhatTheLoadProgramSays() {
        String line = "replies=500 time-ns=500000000 p50-ns=1500 p99-ns=2500 p999-ns=9000 load-cpu-ns=250000000";

        assertEquals(new Sample(1000, 1.5, 2.5, 9, 2000, 0.5), Sample.parse(line, 1e9));
        assertThrows(IllegalArgumentException.class, () -> Sample.parse("replies=500", 1e9));
        assertEquals(1.5, Sample.seconds("connected time-ns=1500000000"));
    }

    @Test
    void shouldFillTheBarAsItGoes() {
        assertEquals("[........................]", Progress.bar(0, 10));
        assertEquals("[############............]", Progress.bar(5, 10));
        assertEquals("[########################]", Progress.bar(10, 10));
    }

    private static JsonNode json(Report report) throws JsonProcessingException {
        return new ObjectMapper().readTree(report.json(Machine.here(), PLAN));
    }

    private static Sample sample(double rate, double cpuUs) {
        return new Sample(rate, 10, 20, 30, cpuUs, 0.5);
    }
}
