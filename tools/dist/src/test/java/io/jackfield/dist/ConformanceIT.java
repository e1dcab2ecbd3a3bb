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

/** That the agents of all kits still do what they are told; the whole of it is a command of its own. */
class ConformanceIT {

    @Test
    void shouldPlayAScenarioWithEveryKit() throws Exception {
        Ran ran = Jackfield.run("conformance", "--scenario", "partial replies", "--json");

        assertEquals(0, ran.exitCode(), ran.text());
        JsonNode row = new ObjectMapper().readTree(ran.stdout()).path("partial replies in order");
        List<String> columns = new ArrayList<>();
        row.fieldNames().forEachRemaining(columns::add);
        assertEquals(List.of("c worker", "c client", "python worker", "python client", "java"), columns);
        row.forEach(result -> assertEquals("", result.path("failure").asText()));
        assertEquals(List.of(), testPrograms(), "built although nobody starts them here");
    }

    private static List<Path> testPrograms() throws IOException {
        try (Stream<Path> files = Files.list(Jackfield.HOME.resolve("native-workers-c/build/tests"))) {
            return files.filter(file -> String.valueOf(file.getFileName()).startsWith("test_"))
                    .filter(Files::isRegularFile)
                    .toList();
        }
    }

    @Test
    void shouldSayWhatIsWrongWithItsOptions() throws Exception {
        Ran ran = Jackfield.run("conformance", "--kit", "cobol");

        assertEquals(2, ran.exitCode());
        assertTrue(ran.stderr().contains("--kit: cobol (expected: c, python, java or all)"), ran.stderr());
    }
}
