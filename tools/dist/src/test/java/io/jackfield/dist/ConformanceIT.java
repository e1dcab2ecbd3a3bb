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
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That the agents of all kits still do what they are told; the whole of it is a command of its own. */
class ConformanceIT {

    private static Ran wrong;

    @TempDir
    private Path folder;

    /** It builds the agents, before it looks at its options: with more time than there is for a line to come. */
    @BeforeAll
    static void build() throws Exception {
        wrong = Jackfield.run("conformance", "--kit", "cobol");
    }

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

    @Test
    void shouldEndWhatItStartedWhenItIsEnded() throws Exception {
        String[] command = Jackfield.command("conformance", "--kit", "java", "--scenario", "busy");
        try (Running running = Running.start(folder, Map.of(), command)) {
            running.awaitLine("that all are connected", line -> line.matches("java +connect .*ok"));
            List<ProcessHandle> started = ProcessHandle.of(running.pid()).stream()
                    .flatMap(ProcessHandle::descendants)
                    .toList();

            running.terminate();
            running.awaitExit();

            Await.until("the end of " + started, () -> started.stream().noneMatch(ProcessHandle::isAlive));
        }
    }

    /** On a machine that seems to have no headers and no Python, and whose package manager only notes what it is asked for. */
    @Test
    void shouldInstallNothingThatItDoesNotStartOrBuildWith() throws Exception {
        Path asked = folder.resolve("asked");
        Path bin = Files.createDirectory(folder.resolve("bin"));
        program(bin.resolve("apt-get"), "echo \"$@\" >>'" + asked + "'; exit 1");
        program(bin.resolve("sudo"), "shift; exec \"$@\"");
        program(bin.resolve("python3"), "exit 1");
        String path = bin + ":" + System.getenv("PATH");
        Map<String, String> bare = Map.of("PATH", path, "BASH_FUNC_test%%", "() { false; }");

        String[] java = Jackfield.command("conformance", "--kit", "java", "--scenario", "none");
        try (Running running = Running.start(folder, bare, java)) {
            assertEquals(2, running.awaitExit(), running.output());
            assertTrue(Files.notExists(asked), running.output());
        }
        for (String[] words : List.of(Jackfield.command("demo"), Jackfield.command("conformance", "--kit=c"))) {
            try (Running running = Running.start(folder, bare, words)) {
                assertEquals(9, running.awaitExit(), running.output());
            }
            List<String> packages = List.of(Files.readString(asked).split("\\s+", -1));
            Files.delete(asked);
            assertTrue(packages.contains("libc6-dev"), packages::toString);
            assertTrue(packages.stream().noneMatch(name -> name.matches("lib(zmq|zstd|sodium).*")), packages::toString);
            assertEquals(words[1].equals("demo"), packages.contains("python3"), packages::toString);
        }
    }

    private static void program(Path file, String text) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + text + "\n");
        assertTrue(file.toFile().setExecutable(true));
    }

    private static List<Path> testPrograms() throws IOException {
        try (Stream<Path> files = Files.list(Jackfield.HOME.resolve("native-workers-c/build/tests"))) {
            return files.filter(file -> String.valueOf(file.getFileName()).startsWith("test_"))
                    .filter(Files::isRegularFile)
                    .toList();
        }
    }

    @Test
    void shouldSayWhatIsWrongWithItsOptions() {
        assertEquals(2, wrong.exitCode());
        assertTrue(wrong.stderr().contains("--kit: cobol (expected: c, python, java or all)"), wrong.stderr());
    }
}
