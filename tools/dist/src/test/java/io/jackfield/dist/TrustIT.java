package io.jackfield.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.dist.Jackfield.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which jars a broker loads, and what becomes of its copies of them when it is killed. */
class TrustIT {

    private static final String CONFIG =
            """
            endpoints: [{bind: 'tcp://127.0.0.1:0'}]
            http: {bind: off}
            plugins: {trust: trusted.txt}
            """;

    @TempDir
    private Path folder;

    @Test
    void shouldLoadAJarOnceItIsTrustedAndLeaveNoCopyForLongWhenItIsKilled() throws Exception {
        String jar = Jackfield.HOME.resolve("plugins/echo.jar").toString();
        String config =
                Files.writeString(folder.resolve("jackfield.yaml"), CONFIG).toString();
        Path copies = Files.createDirectory(folder.resolve("copies"));
        Map<String, String> environment = Map.of("JACKFIELD_JAVA_OPTS", "-Djava.io.tmpdir=" + copies);
        try (Serving broker = Serving.start(folder, environment, "--config", config)) {
            broker.drop("echo.jar");
            Await.until("the jar is refused", () -> list(broker, "plugins").contains("39 PLUGIN_NOT_TRUSTED: "));

            Ran trusted = Jackfield.run("plugins", "trust", jar, "--connect", broker.endpoint());
            assertEquals(0, trusted.exitCode(), trusted::stderr);
            assertTrue(trusted.text().contains("  echo.jar"), trusted::text);
            Await.until("it serves", () -> list(broker, "plugins").contains(" serving "));
            assertEquals("Hello", broker.call("echo", "Hello").text());

            Ran removed = Jackfield.run("plugins", "trust", "--remove", jar, "--connect", broker.endpoint());
            assertEquals(0, removed.exitCode(), removed::stderr);
            Ran listed = Jackfield.run("plugins", "trust", "--list", "--connect", broker.endpoint(), "--json");
            assertEquals("{\"trusted\":[]}", listed.text().replaceAll("\\s", ""));
            broker.process().kill();
            broker.process().awaitExit();
        }
        List<Path> left = jars(copies);
        assertEquals(1, left.size(), left::toString);

        try (Serving next = Serving.start(folder, environment, "--config", config)) {
            assertTrue(Files.notExists(left.get(0)));
            Await.until("the jar is refused", () -> list(next, "plugins").contains("39 PLUGIN_NOT_TRUSTED: "));
        }
    }

    private static List<Path> jars(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".jar")).toList();
        }
    }

    private static String list(Serving broker, String what) {
        try {
            return broker.list(what).text();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
