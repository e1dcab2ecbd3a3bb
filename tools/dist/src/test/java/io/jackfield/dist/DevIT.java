package io.jackfield.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.host.fixture.FixtureJar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What whoever builds a plugin again and again is told of each build. */
class DevIT {

    @TempDir
    private Path builds;

    @Test
    void shouldSayAtOnceThatABuildIsRefusedWhileTheFormerServes() throws Exception {
        FixtureJar.plugin("p").handler("s", "return Reply.text(\"one\");").writeTo(builds);
        try (Running dev = Running.start(
                builds,
                Map.of(),
                Jackfield.HOME.resolve("jackfield").toString(),
                "dev",
                builds.toString(),
                "--endpoint",
                "tcp://127.0.0.1:0",
                "--http",
                "127.0.0.1:0")) {
            dev.awaitLine("the first build", line -> line.contains("p 1.0.0, generation 1, serving s after "));

            failing("no database").writeTo(builds);
            String second = dev.awaitLine("the second build", line -> line.contains(" p.jar is "));
            assertTrue(second.contains(" p.jar is refused after "), second);
            assertTrue(second.contains("IllegalStateException: no database"), second);

            failing("no cache").writeTo(builds);
            String third = dev.awaitLine("the third build", line -> line.contains("no cache"));
            assertTrue(third.contains(" p.jar is refused after "), third);

            FixtureJar.plugin("p").handler("s", "return Reply.text(\"four\");").writeTo(builds);
            dev.awaitLine("the fourth build", line -> line.contains("p 1.0.0, generation 4, serving s after "));
            assertFalse(dev.output().contains("is not taken"), dev::output);
        }
    }

    @Test
    void shouldLeaveNothingBehindWhenItIsEnded() throws Exception {
        FixtureJar.plugin("p").handler("s", "return Reply.text(\"one\");").writeTo(builds);
        Path temporary = Files.createDirectory(builds.resolve("temporary"));
        try (Running dev = Running.start(
                builds,
                Map.of("JACKFIELD_JAVA_OPTS", "-Djava.io.tmpdir=" + temporary),
                Jackfield.command(
                        "dev", builds.toString(), "--endpoint", "tcp://127.0.0.1:0", "--http", "127.0.0.1:0"))) {
            dev.awaitLine("the build", line -> line.contains("p 1.0.0, generation 1, serving s after "));
            assertEquals(1, foldersOf(dev.pid(), temporary).size());

            dev.terminate();
            dev.awaitExit();

            assertEquals(List.of(), foldersOf(dev.pid(), temporary));
        }
    }

    private static List<Path> foldersOf(long pid, Path temporary) throws IOException {
        try (Stream<Path> folders = Files.list(temporary)) {
            return folders.filter(
                            folder -> String.valueOf(folder.getFileName()).startsWith("jackfield-plugins-" + pid + "-"))
                    .toList();
        }
    }

    private static FixtureJar failing(String why) {
        return FixtureJar.plugin("p")
                .handler(
                        "name = \"s\"",
                        "implements Handler",
                        "public void selfTest(HandlerContext context) { throw new IllegalStateException(\"" + why
                                + "\"); }" + FixtureJar.handleMethod("return null;"));
    }
}
