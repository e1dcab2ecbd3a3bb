package io.jackfield.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs what README.md shows, as it stands there; only the ports are others. */
class ReadmeIT {

    private static String readme = "";
    private static Kits kits;

    @TempDir
    private Path folder;

    @BeforeAll
    static void read() throws Exception {
        readme = Files.readString(Kits.checkout().resolve("README.md"));
        kits = Kits.setUp();
    }

    @Test
    void shouldBuildAndServeTheHandler() throws Exception {
        try (Serving broker = Serving.start(folder)) {
            Files.writeString(folder.resolve("Greet.java"), example("java", "class Greet"));
            shell(
                    example("sh", "Greet.java"),
                    Map.of(
                            "JACKFIELD_LIB", Jackfield.HOME.resolve("lib").toString(),
                            "JACKFIELD_PLUGINS", broker.plugins().toString()));

            awaitReply(broker, "greet", "Ada", "Hello Ada");
        }
    }

    @Test
    void shouldBuildAndServeTheWorkerInC() throws Exception {
        try (Serving broker = Serving.start(folder)) {
            Files.writeString(folder.resolve("greet.c"), here(example("c", "greet-c"), broker));
            String compile =
                    example("sh", "greet.c").replace("native-workers-c", Kits.checkout() + "/native-workers-c");
            shell(compile, Map.of());

            try (Running worker =
                    Running.start(folder, Map.of(), folder.resolve("greet").toString())) {
                awaitReply(broker, "greet-c", "Ada", "Ada");
                assertTrue(worker.pid() > 0);
            }
        }
    }

    @Test
    void shouldServeTheWorkerInPython() throws Exception {
        try (Serving broker = Serving.start(folder)) {
            Path program =
                    Files.writeString(folder.resolve("greet.py"), here(example("python", "greet-python"), broker));
            try (Running worker = kits.python(folder, program)) {
                awaitReply(broker, "greet-python", "Ada", "Hello Ada");
                worker.terminate();
                assertEquals(0, worker.awaitExit(), worker.output());
            }
        }
    }

    @Test
    void shouldAcceptTheConfiguration() throws Exception {
        Path config = Files.writeString(folder.resolve("jackfield.yaml"), example("yaml", "is-prime"));

        Jackfield.Ran ran = Jackfield.run("serve", "--check", "--config", config.toString());

        assertEquals(0, ran.exitCode(), ran.stderr());
    }

    @Test
    void shouldAnswerTheHttpExamples() throws Exception {
        try (Serving broker = Serving.start(folder)) {
            broker.drop("is-prime.jar");
            awaitReply(broker, "is-prime", "7", "7");

            String said = shell(example("sh", "curl").replace("http://127.0.0.1:8080", broker.http()), Map.of());

            assertEquals("3241619007132416190071", said.replaceAll("\\s", ""), said);
        }
    }

    private static void awaitReply(Serving broker, String service, String body, String expected) throws Exception {
        String[] last = {""};
        Await.until(service, () -> {
            try {
                Jackfield.Ran ran = broker.call(service, body);
                last[0] = ran.text() + ran.stderr();
                return ran.exitCode() == 0;
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        assertEquals(expected, last[0]);
    }

    private static String here(String example, Serving broker) {
        return example.replace("tcp://127.0.0.1:5555", broker.endpoint());
    }

    private String shell(String script, Map<String, String> environment) throws IOException, InterruptedException {
        try (Running run = Running.start(folder, environment, "bash", "-eu", "-c", script)) {
            assertEquals(0, run.awaitExit(), run.output());
            return run.output();
        }
    }

    /** The first example in that language that contains the words. */
    private static String example(String language, String words) {
        Matcher example = Pattern.compile("```" + language + "\\n(.*?)```", Pattern.DOTALL)
                .matcher(readme);
        while (example.find()) {
            if (example.group(1).contains(words)) {
                return example.group(1);
            }
        }
        throw new AssertionError("README.md has no example in " + language + " with " + words);
    }
}
