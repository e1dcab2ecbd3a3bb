package io.jackfield.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.host.fixture.FixtureJar;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Private copies of jars do not outlive by long the process that made them, however it ends. */
final class WorkFolderTest {
    private static final String SAYS = "work folder: ";

    private final Path temp;

    WorkFolderTest(@TempDir Path temp) {
        this.temp = temp;
    }

    @Test
    void shouldDeleteWhatAKilledProcessLeftAndNothingElse() throws Exception {
        Path jar = FixtureJar.plugin("p").handler("s", "return null;").writeTo(temp);
        Process killed = host(jar);
        Process alive = host(jar);
        try (BufferedReader ofKilled = killed.inputReader();
                BufferedReader ofAlive = alive.inputReader()) {
            Path left = folder(ofKilled);
            Path used = folder(ofAlive);
            Path other = Files.createDirectory(temp.resolve("jackfield-plugins-of-somebody"));
            // A link by which files somewhere else could be meant.
            Path precious = Files.writeString(
                    Files.createDirectory(temp.resolve("precious")).resolve("file"), "");
            Path link = Files.createSymbolicLink(temp.resolve("jackfield-plugins-999999999-1"), precious.getParent());

            killed.destroyForcibly();
            assertTrue(killed.waitFor(Answer.WAIT_SECONDS, TimeUnit.SECONDS));
            assertEquals(128 + 9, killed.exitValue(), "SIGKILL");
            assertEquals(1, jarsIn(left));

            Path made = WorkFolder.makeIn(temp);

            assertFalse(Files.exists(left));
            assertEquals(1, jarsIn(used));
            assertTrue(Files.exists(other));
            assertTrue(Files.exists(precious) && Files.isSymbolicLink(link));
            assertTrue(Files.isDirectory(made));
            WorkFolder.delete(made);
            assertFalse(Files.exists(made));
        } finally {
            killed.destroyForcibly();
            alive.destroyForcibly();
        }
    }

    /** Log lines may come before. */
    private static Path folder(BufferedReader output) {
        return output.lines()
                .filter(line -> line.startsWith(SAYS))
                .map(line -> Path.of(line.substring(SAYS.length())))
                .findFirst()
                .orElseThrow();
    }

    private static long jarsIn(Path folder) throws Exception {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".jar")).count();
        }
    }

    private Process host(Path jar) throws Exception {
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djava.io.tmpdir=" + temp,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Host.class.getName(),
                        jar.toString()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** Another process, which has loaded a jar and says where. */
    static final class Host {
        private Host() {}

        public static void main(String[] words) throws Exception {
            Path folder = WorkFolder.make();
            PluginHost host = PluginHost.open(PluginHostSettings.defaults(folder));
            Generation generation = host.load(Path.of(words[0]), Optional.empty());
            System.out.println(SAYS + folder);
            System.out.flush();
            // Until it is killed; the end of stdin tells it if nobody does that.
            int end = System.in.read();
            generation.unload();
            System.exit(end);
        }
    }
}
