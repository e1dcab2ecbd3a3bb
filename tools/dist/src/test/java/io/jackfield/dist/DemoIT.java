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

    @Test
    void shouldHoldEveryPromiseAndLeaveNoProcessBehind() throws Exception {
        Ran ran = Jackfield.run("demo", "--json");

        assertEquals(0, ran.exitCode(), ran.stderr());
        JsonNode result = new ObjectMapper().readTree(ran.stdout());
        assertTrue(result.path("held").asBoolean(), ran.text());
        List<String> steps = new ArrayList<>();
        result.path("steps").forEach(step -> steps.add(step.path("step").asText()));
        assertEquals(STEPS, steps.size(), steps.toString());
        assertEquals(List.of(), processesOfADemo());
    }

    private static List<String> processesOfADemo() {
        return ProcessHandle.allProcesses()
                .map(process -> process.info().commandLine().orElse(""))
                .filter(line -> line.contains("jackfield-demo"))
                .toList();
    }
}
