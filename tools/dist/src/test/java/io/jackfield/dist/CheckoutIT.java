package io.jackfield.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command in a checkout, which builds what is missing: one without sources, whose build is the distribution. */
class CheckoutIT {

    @TempDir
    private Path folder;

    private Path built;
    private Path stamp;
    private Path library;
    private String script = "";

    @BeforeEach
    void checkOut() throws IOException {
        script = Files.copy(Jackfield.HOME.resolve("jackfield"), folder.resolve("jackfield"))
                .toString();
        Files.writeString(folder.resolve("pom.xml"), "<project/>");
        for (String sources : new String[] {"protocol/data", "tools/dist/src/assembly", "tools/dist/src/maven"}) {
            Files.createDirectories(folder.resolve(sources));
        }
        stamp = folder.resolve("tools/dist/target/built");
        built = Files.createDirectories(folder.resolve("tools/dist/target/jackfield"));
        library = Files.createSymbolicLink(built.resolve("lib"), Jackfield.HOME.resolve("lib"));
        Files.writeString(built.resolve("cache"), "no folder: nothing is made in the background");
    }

    @AfterEach
    void removeLink() throws IOException {
        Files.delete(library);
    }

    @Test
    void shouldPassOnJavaOptionsAsTheyAre() throws Exception {
        Files.createFile(stamp);
        Path log = folder.resolve("gc.log");

        String output = run(0, Map.of("JACKFIELD_JAVA_OPTS", "-Da=b \n -Xlog:gc*:file=" + log));

        assertTrue(output.matches("jackfield [0-9.]+(-SNAPSHOT)?"), output);
        assertTrue(Files.readString(log).contains("[gc"), "no log of the garbage collector");
    }

    @Test
    void shouldNotTakeForBuiltWhatItCouldNotPlace() throws Exception {
        Path maven = Files.createDirectory(folder.resolve("bin")).resolve("mvn");
        Files.writeString(maven, "#!/bin/sh\n");
        assertTrue(maven.toFile().setExecutable(true));
        Path from = Files.createDirectory(built.resolve("plugins"));
        Path plugins = Files.createDirectory(folder.resolve("plugins"));
        Files.writeString(from.resolve("a.jar"), "a");
        Files.writeString(from.resolve("b.jar"), "b");
        Path unwritable = Files.createSymbolicLink(plugins.resolve("a.jar.part"), folder.resolve("no/folder"));
        Map<String, String> path = Map.of("PATH", maven.getParent() + ":" + System.getenv("PATH"));

        String output = run(1, path);

        assertTrue(output.contains("jackfield: a.jar cannot be copied to " + plugins), output);
        assertTrue(Files.notExists(stamp));

        Files.delete(unwritable);
        run(0, path);
        assertEquals("a", Files.readString(plugins.resolve("a.jar")));
        assertEquals("b", Files.readString(plugins.resolve("b.jar")));
        assertTrue(Files.exists(stamp));
    }

    @Test
    void shouldTellWhatItsTestsAreWithoutRunningThem() throws Exception {
        for (String help : List.of("--help", "-h")) {
            String told = run(0, Map.of(), "test", help);

            assertTrue(told.startsWith("Usage: jackfield test"), told);
            assertTrue(told.endsWith("Examples:\n  jackfield test"), told);
        }
        assertEquals("jackfield: test takes no --fast (see jackfield test --help)", run(2, Map.of(), "test", "--fast"));
    }

    /** What {@code jackfield --version} printed, on stdout and stderr. */
    private String run(int exitCode, Map<String, String> environment) throws IOException, InterruptedException {
        return run(exitCode, environment, "--version");
    }

    private String run(int exitCode, Map<String, String> environment, String... words)
            throws IOException, InterruptedException {
        Map<String, String> all = new HashMap<>(environment);
        all.put("XDG_CACHE_HOME", built.resolve("cache").toString());
        String[] command = Stream.concat(Stream.of(script), Stream.of(words)).toArray(String[]::new);
        try (Running running = Running.start(folder, all, command)) {
            assertEquals(exitCode, running.awaitExit(), running.output());
            return running.output();
        }
    }
}
