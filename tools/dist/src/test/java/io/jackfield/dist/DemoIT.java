package io.jackfield.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jackfield.dist.Jackfield.Ran;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DemoIT {

    /** So that a step that falls out is noticed. */
    private static final int STEPS = 13;

    private static final int STEPS_OF_PLUGINS = 9;

    @Test
    void shouldHoldEveryPromiseAndLeaveNoProcessBehind() throws Exception {
        assertHolds(STEPS, "demo", "--json");
    }

    @Test
    void shouldReplaceAJarUnderLoadAndRollABadOneBackWithoutAFailedRequest() throws Exception {
        List<String> answers = assertHolds(STEPS_OF_PLUGINS, "demo", "plugins", "--json");

        String seen = answers.get(STEPS_OF_PLUGINS - 2);
        assertTrue(
                seen.matches("[0-9]+ requests, 0 failed: [0-9]+ by 1\\.0\\.0 \\(generation 1\\),"
                        + " [0-9]+ by 1\\.1\\.0 \\(generation 2\\), [0-9]+ by 1\\.2\\.0 \\(generation 3\\)"),
                seen);
        assertTrue(answers.get(4).contains("took more than 1000 ms"), answers::toString);
    }

    /** Returns what came back in each step. */
    private static List<String> assertHolds(int count, String... words) throws Exception {
        Ran ran = Jackfield.run(words);

        assertEquals(0, ran.exitCode(), ran.stderr());
        JsonNode result = new ObjectMapper().readTree(ran.stdout());
        assertTrue(result.path("held").asBoolean(), ran.text());
        List<String> steps = new ArrayList<>();
        result.path("steps").forEach(step -> steps.add(step.path("step").asText()));
        assertEquals(count, steps.size(), steps.toString());
        assertEquals(List.of(), processesOfADemo());
        List<String> answers = new ArrayList<>();
        result.path("steps").forEach(step -> answers.add(step.path("answer").asText()));
        return answers;
    }

    private static List<String> processesOfADemo() {
        return ProcessHandle.allProcesses()
                .map(process -> process.info().commandLine().orElse(""))
                .filter(line -> line.contains("jackfield-demo"))
                .toList();
    }
}
