package io.jackfield.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.host.fixture.FixtureJar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each test has an installation of its own, which shares but the jars with the others. */
class ClassDataIT {

    private static final String SHARED = "source: shared objects file (top)";

    @TempDir
    private Path folder;

    private Path plugins;
    private Path cache;
    private String script = "";

    @BeforeEach
    void install() throws IOException {
        plugins = Files.createDirectory(folder.resolve("plugins"));
        Files.copy(Jackfield.HOME.resolve("plugins/echo.jar"), plugins.resolve("echo.jar"));
        cache = folder.resolve("cache");
        script = Files.copy(Jackfield.HOME.resolve("jackfield"), folder.resolve("jackfield"))
                .toString();
        for (String shared : List.of("lib", "tools")) {
            Files.createSymbolicLink(folder.resolve(shared), Jackfield.HOME.resolve(shared));
        }
    }

    @AfterEach
    void removeLinks() throws IOException {
        for (String shared : List.of("lib", "tools")) {
            Files.delete(folder.resolve(shared));
        }
    }

    @Test
    void shouldStartFromSharedClassDataOncePrepared() throws Exception {
        assertEquals("", run("prepare"));
        Path ofBroker = folder.resolve("broker.log");
        Path ofCommand = folder.resolve("command.log");

        try (Running broker = Running.start(
                folder, logging(ofBroker), script, "serve", "--endpoint", "tcp://127.0.0.1:0", "--http", "off")) {
            String ready = broker.awaitLine("the ready line", line -> line.startsWith("jackfield ready"));
            assertShared(ofBroker, "io.jackfield.broker.server.BrokerMain");
            broker.awaitLine("the plugin", line -> line.contains("serves [echo]"));
            assertShared(ofBroker, "io.jackfield.host.HandlerExecutor");

            try (Running command = Running.start(
                    folder, logging(ofCommand), script, "services", "--connect", ready.split(" ", -1)[2])) {
                assertEquals(0, command.awaitExit(), command.output());
                assertTrue(command.output().startsWith("SERVICE"), command.output());
            }
            assertShared(ofCommand, "io.jackfield.kit.Client");
        }
    }

    /** What is started to make class data is no broker of the user's. */
    @Test
    void shouldRunNoPluginOfTheUsers() throws Exception {
        Path marker = folder.resolve("marker");
        Path jar = FixtureJar.plugin("marking")
                .handler(
                        "name = \"marking\"",
                        "implements Handler",
                        "public H0() throws Exception { java.nio.file.Files.createFile(java.nio.file.Path.of(\""
                                + marker + "\")); }" + FixtureJar.handleMethod("return null;"))
                .writeTo(plugins);
        Files.setLastModifiedTime(jar, FileTime.fromMillis(0)); // one that is new is left for later

        assertEquals("", run("prepare"));

        archives();
        assertTrue(Files.notExists(marker), "the plugin was started");
        assertTrue(Files.notExists(plugins.resolve(".jackfield")), "the history was written");
    }

    @Test
    void shouldIgnoreClassDataThatIsNotItsOwnWithoutAWord() throws Exception {
        assertEquals("", run("prepare"));
        for (Path archive : archives()) {
            Files.delete(archive);
            Files.writeString(archive, "made by something else");
        }

        assertTrue(run("--version").matches("jackfield [0-9.]+(-SNAPSHOT)?"));
    }

    @Test
    void shouldStartWhereClassDataCannotBeKept() throws Exception {
        Files.writeString(cache, "no folder"); // unlike a folder that may not be written, this stops root too

        assertTrue(run("--version").matches("jackfield [0-9.]+(-SNAPSHOT)?"));
        try (Running prepare = Running.start(folder, environment(), script, "prepare")) {
            assertEquals(1, prepare.awaitExit(), prepare.output());
            assertTrue(prepare.output().contains(cache.toString()), prepare.output());
        }
    }

    /** What it printed, on stdout and stderr; it ended with 0. */
    private String run(String argument) throws IOException, InterruptedException {
        try (Running running = Running.start(folder, environment(), script, argument)) {
            assertEquals(0, running.awaitExit(), running.output());
            return running.output();
        }
    }

    private Map<String, String> environment() {
        return Map.of("XDG_CACHE_HOME", cache.toString());
    }

    /** Has the JVM say where it gets its classes from. */
    private Map<String, String> logging(Path file) {
        Map<String, String> environment = new HashMap<>(environment());
        environment.put("JACKFIELD_JAVA_OPTS", "-Xlog:class+load:file=" + file);
        return environment;
    }

    private List<Path> archives() throws IOException {
        try (Stream<Path> files = Files.list(cache)) {
            List<Path> archives =
                    files.filter(file -> file.toString().endsWith(".jsa")).toList();
            assertEquals(2, archives.size(), archives.toString());
            return archives;
        }
    }

    private static void assertShared(Path loaded, String name) throws IOException {
        List<String> lines;
        try (Stream<String> all = Files.lines(loaded)) {
            lines = all.filter(line -> line.contains(" " + name + " ")).toList();
        }
        assertEquals(1, lines.size(), lines.toString());
        assertTrue(lines.get(0).contains(SHARED), lines.toString());
    }
}
