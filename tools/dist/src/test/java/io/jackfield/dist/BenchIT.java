package io.jackfield.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jackfield.dist.Jackfield.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That it measures, not how fast anything is. */
class BenchIT {

    private static final String[] SHORT = {
        "bench", "--rounds", "1", "--time", "20", "--warm-up", "0", "--shape", "2x3x32"
    };

    @TempDir
    private Path folder;

    @Test
    void shouldMeasureEveryKindInABrokerOfItsOwnWithAndWithoutIdlePeers() throws Exception {
        JsonNode top = json(bench("--idle", "300", "--json"));

        JsonNode rows = top.path("rows");
        assertEquals(8, rows.size(), rows.toString());
        for (JsonNode row : rows) {
            assertMeasured(row);
            assertTrue(row.path("brokerCpuUs").path("median").asDouble(-1) >= 0, row.toString());
            assertTrue(row.at("/ratios/noIdle/rate/median").asDouble() > 0, row.toString());
        }
        assertEquals(300, rows.get(7).path("idlePeers").asInt(), rows.toString());
        assertTrue(top.at("/idle/connectSeconds/median").asDouble() > 0, top.toString());
        assertTrue(top.at("/idle/memoryBytesPerPeer").isNumber(), top.toString());
    }

    @Test
    void shouldMeasureLibzmqInTheSameRounds() throws Exception {
        Ran ran = bench("--only", "worker", "--against", "libzmq", "--json");

        if (!Files.exists(Path.of("/usr/include/zmq.h"))) {
            assertEquals(9, ran.exitCode(), ran.stderr());
            assertTrue(ran.stderr().contains("libzmq3-dev"), ran.stderr());
            return;
        }
        assertMeasuredBeside("libzmq", ran);
    }

    /** In the path, or where Debian puts it. */
    @Test
    void shouldMeasureNatsInTheSameRoundsOrSayWhatToInstall() throws Exception {
        Ran ran = bench("--only", "worker", "--against", "nats", "--json");

        if (Stream.of((System.getenv("PATH") + ":/usr/sbin").split(":", -1))
                .noneMatch(folder -> Files.isExecutable(Path.of(folder, "nats-server")))) {
            assertEquals(9, ran.exitCode(), ran.stderr());
            assertTrue(ran.stderr().contains("apt-get install nats-server"), ran.stderr());
            assertEquals(1, ran.stderr().lines().count(), ran.stderr());
            return;
        }
        assertMeasuredBeside("nats", ran);
    }

    @Test
    void shouldMeasureARunningBrokerAndPrintATable() throws Exception {
        try (Serving broker = Serving.start(folder)) {
            broker.drop("echo.jar");
            Await.until("echo", () -> answers(broker));

            Ran ran = bench(
                    "--endpoint", broker.endpoint(), "--http", broker.http().substring("http://".length()));

            List<String> lines = ran.text().lines().toList();
            assertEquals(0, ran.exitCode(), ran.stderr());
            assertTrue(lines.get(3).startsWith("ANSWERS "), ran.text());
            assertTrue(lines.get(4).startsWith("service "), ran.text());
            assertTrue(lines.get(5).startsWith("http "), ran.text());
            assertEquals("", ran.stderr());
        }
    }

    @Test
    void shouldSayWhatCameBackInsteadOfAnEcho() throws Exception {
        try (Serving broker = Serving.start(folder)) {
            Ran ran = bench("--endpoint", broker.endpoint(), "--service", "jf.peers");

            assertEquals(1, ran.exitCode(), ran.stderr());
            assertTrue(ran.stderr().contains("not an echo of 32 bytes"), ran.stderr());
            assertEquals(1, ran.stderr().lines().count(), ran.stderr());
        }
    }

    @Test
    void shouldRefuseBadOptionsInOneLine() throws Exception {
        for (String[] wrong : new String[][] {
            {"--rounds", "0"},
            {"--time", "soon"},
            {"--shape", "1x1x4"},
            {"--only", "service"},
            {"--against", "libzmq,nothing"},
            {"--idle", "25001"},
            {"--endpoint", "ipc:///tmp/x"},
            {"--http", "127.0.0.1:80"},
            {"--wrong"}
        }) {
            Ran ran = bench(wrong);

            assertEquals(2, ran.exitCode(), ran.stderr());
            assertEquals(1, ran.stderr().lines().count(), ran.stderr());
            assertTrue(ran.stderr().startsWith("jackfield bench: "), ran.stderr());
        }
    }

    private static Ran bench(String... more) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(SHORT));
        arguments.addAll(List.of(more));
        return Jackfield.run(arguments.toArray(String[]::new));
    }

    private static JsonNode json(Ran ran) throws IOException {
        assertEquals(0, ran.exitCode(), ran.stderr());
        return new ObjectMapper().readTree(ran.stdout());
    }

    private static void assertMeasuredBeside(String broker, Ran ran) throws IOException {
        JsonNode rows = json(ran).path("rows");
        assertEquals(2, rows.size(), rows.toString());
        assertTrue(
                rows.get(0)
                                .path("ratios")
                                .path(broker)
                                .path("rate")
                                .path("median")
                                .asDouble()
                        > 0,
                rows.toString());
        assertEquals(broker, rows.get(1).path("broker").asText(), rows.toString());
        assertTrue(rows.get(1).path("brokerCpuUs").path("median").asDouble(-1) >= 0, rows.toString());
        assertMeasured(rows.get(1));
    }

    private static void assertMeasured(JsonNode row) {
        assertEquals(2, row.path("clients").asInt(), row.toString());
        assertTrue(row.path("rate").path("median").asDouble() > 0, row.toString());
        assertTrue(row.path("p50Us").path("median").asDouble() > 0, row.toString());
    }

    private static boolean answers(Serving broker) {
        try {
            return broker.call("echo", "7").exitCode() == 0;
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
