package io.jackfield.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** One step of the demo and how it went. */
record DemoStep(String name, String asked, String answer, long elapsedMs, boolean held) {

    private static final List<Table.Heading> HEADINGS = List.of(
            new Table.Heading("STEP", false),
            new Table.Heading("ASKED", false),
            new Table.Heading("CAME BACK", false),
            new Table.Heading("TIME", true),
            new Table.Heading("", false));

    static String table(List<DemoStep> steps) {
        Table table = new Table(HEADINGS);
        steps.forEach(
                step -> table.add(List.of(step.name, step.asked, step.answer, step.elapsedMs + " ms", step.verdict())));
        return table.text();
    }

    static ObjectNode json(List<DemoStep> steps) {
        ObjectNode object = Json.object().put("held", steps.stream().allMatch(DemoStep::held));
        steps.forEach(step -> object.withArray("steps")
                .addObject()
                .put("step", step.name)
                .put("asked", step.asked)
                .put("answer", step.answer)
                .put("elapsedMs", step.elapsedMs)
                .put("held", step.held));
        return object;
    }

    String verdict() {
        return held ? "ok" : "FAILED";
    }
}
