package io.jackfield.broker.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.host.fixture.FixtureJar;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.SocketType;

/** {@code jackfield serve}: what it prints and how it exits. */
final class BrokerMainTest {
    private static final String SEE = " (see jackfield serve --help)";

    private final Path temp;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    BrokerMainTest(@TempDir Path temp) {
        this.temp = temp;
    }

    private int run(String... words) {
        return new BrokerMain(printing(out), printing(err)).run(List.of(words));
    }

    private static PrintStream printing(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private void assertErr(String... lines) {
        assertEquals("", out.toString(StandardCharsets.UTF_8));
        assertEquals(
                List.of(lines), err.toString(StandardCharsets.UTF_8).lines().toList());
        out.reset();
        err.reset();
    }

    private void assertOneErr(String start, String part) {
        List<String> lines = err.toString(StandardCharsets.UTF_8).lines().toList();
        assertEquals(1, lines.size(), lines::toString);
        assertTrue(lines.get(0).startsWith(start) && lines.get(0).contains(part), lines::toString);
        err.reset();
    }

    @Test
    void shouldCheckTheConfigurationOfThePluginsInTheFolder() throws IOException {
        Path plugins = Files.createDirectory(temp.resolve("plugins"));
        FixtureJar.plugin("limited")
                .source("Limits", "record Limits(@Setting(value = \"1\", max = \"9\") int max) {}")
                .handler(
                        "name = \"s\", config = Limits.class",
                        "implements Handler",
                        "public H1() { throw new IllegalStateException(\"not made for a check\"); }"
                                + FixtureJar.handleMethod("return null;"))
                .writeTo(plugins);
        String start = "plugins:\n  settings:\n    limited: {config: {max: ";

        String bad =
                Files.writeString(temp.resolve("bad.yaml"), start + "10}}\n").toString();
        assertEquals(2, run("--check", "--config", bad));
        assertErr("jackfield serve: CONFIG_INVALID: " + bad + ":3: plugins.settings.limited.config.max: 10 (expected: a"
                + " whole number, or a size such as 64KiB, to 9)");

        Files.writeString(plugins.resolve("text.jar"), "no jar");
        String good = Files.writeString(temp.resolve("good.yaml"), start + "9}}\n    absent: {config: {a: b}}\n")
                .toString();
        assertEquals(0, run("--check", "--config", good));
        List<String> notes = err.toString(StandardCharsets.UTF_8).lines().toList();
        assertEquals(2, notes.size(), notes::toString);
        assertTrue(notes.get(0).startsWith("jackfield serve: plugin text.jar would be refused: "), notes::toString);
        assertEquals("jackfield serve: plugins.settings.absent: no jar in " + plugins + " has that id", notes.get(1));
    }

    @Test
    void shouldRefuseACommandLineThatItDoesNotUnderstand() {
        assertEquals(2, run("--nonsense"));
        assertErr("jackfield serve: unknown option: --nonsense" + SEE);
        assertEquals(2, run("extra"));
        assertErr("jackfield serve: unknown option: extra" + SEE);
        for (String option : List.of("--config", "--plugins", "--endpoint", "--http")) {
            assertEquals(2, run("--check", option));
            assertErr("jackfield serve: " + option + " needs a value" + SEE);
        }
        assertEquals(2, run("--http", "--check"));
        assertErr("jackfield serve: --http needs a value, not --check" + SEE);
        assertEquals(2, run("--config", "a\0b"));
        assertErr("jackfield serve: --config: a b (expected: a path)" + SEE);
        assertEquals(2, run("--endpoint", "udp://x:1", "--endpoint", "tcp://x:99999", "--http", "nowhere"));
        assertErr(
                "jackfield serve: CONFIG_INVALID: --endpoint: udp://x:1 (expected: tcp://HOST:PORT or ipc://PATH, for"
                        + " example tcp://127.0.0.1:5555)",
                "jackfield serve: CONFIG_INVALID: --endpoint: tcp://x:99999 (expected: tcp://HOST:PORT or ipc://PATH, for"
                        + " example tcp://127.0.0.1:5555)",
                "jackfield serve: CONFIG_INVALID: --http: nowhere (expected: HOST:PORT, for example 127.0.0.1:8080, or"
                        + " off)");
    }

    /** Where the list may lie is a rule about the folder that is watched, whoever names that. */
    @Test
    void shouldRefuseAFolderInWhichTheListOfTrustedJarsLies() throws IOException {
        Path open = Files.createDirectory(temp.resolve("open"));
        String config = Files.writeString(temp.resolve("trust.yaml"), "plugins: {trust: open/list}\n")
                .toString();
        assertEquals(0, run("--check", "--config", config));
        out.reset();

        String expected =
                " (expected: a folder without plugins.trust in it: whoever may put a jar there could trust it, too)";
        assertEquals(2, run("--check", "--config", config, "--plugins", open.toString()));
        assertErr("jackfield serve: CONFIG_INVALID: --plugins: " + open + expected);
        Path roundabout = temp.resolve("elsewhere").resolve("..");
        assertEquals(2, run("--check", "--config", config, "--plugins", roundabout.toString()));
        assertErr("jackfield serve: CONFIG_INVALID: --plugins: " + roundabout + expected);
        Path link = Files.createSymbolicLink(temp.resolve("link"), open);
        assertEquals(2, run("--check", "--config", config, "--plugins", link.toString()));
        assertErr("jackfield serve: CONFIG_INVALID: --plugins: " + link + expected);
        assertEquals(
                0,
                run(
                        "--check",
                        "--config",
                        config,
                        "--plugins",
                        temp.resolve("other").toString()));
        out.reset();

        Files.writeString(Path.of(config), "plugins: {dir: link, trust: open/list}\n");
        assertEquals(2, run("--check", "--config", config));
        assertErr("jackfield serve: CONFIG_INVALID: " + config
                + ":1: plugins.trust: open/list (expected: a path outside of"
                + " plugins.dir: whoever may put a jar there could trust it, too)");
    }

    @Test
    void shouldExplainItself() {
        assertEquals(0, run("--help"));
        assertEquals(ServeOptions.USAGE, out.toString(StandardCharsets.UTF_8));
        out.reset();
        assertEquals(0, run("--config", "absent.yaml", "-h"));
        assertEquals(ServeOptions.USAGE, out.toString(StandardCharsets.UTF_8));
    }

    @Test
    void shouldCheckTheConfigurationAndNothingElse() throws IOException {
        Path file = Files.writeString(temp.resolve("a.yaml"), "drain-timeout: 3s\nplugins: {dir: not-there}\n");
        assertEquals(0, run("--check", "--config", file.toString()));
        assertEquals("configuration is fine\n", out.toString(StandardCharsets.UTF_8));
        assertTrue(Files.notExists(temp.resolve("not-there")));
        out.reset();

        Files.writeString(file, "drain-timeout: 3 parsecs\nlimits:\n  peers-max: 0\nunheard-of: 1\n");
        assertEquals(2, run("--check", "--config", file.toString()));
        List<String> lines = err.toString(StandardCharsets.UTF_8).lines().toList();
        assertEquals(3, lines.size(), lines::toString);
        for (String line : lines) {
            assertTrue(line.startsWith("jackfield serve: CONFIG_INVALID: " + file + ":"), line);
        }
        err.reset();
        assertEquals(2, run("--config", temp.resolve("absent.yaml").toString()));
        assertErr("jackfield serve: CONFIG_INVALID: " + temp.resolve("absent.yaml") + ": no such file");
    }

    @Test
    void shouldSayWhichAddressCannotBeListenedOn() throws Exception {
        String plugins = temp.resolve("plugins").toString();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = "127.0.0.1:" + taken.getLocalPort();
            assertEquals(3, run("--endpoint", "tcp://" + port, "--http", "off", "--plugins", plugins));
            assertOneErr("jackfield serve: BIND_FAILED: cannot listen on tcp://" + port + ": ", "in use");
            assertEquals(3, run("--endpoint", "tcp://127.0.0.1:0", "--http", port, "--plugins", plugins));
            assertOneErr("jackfield serve: BIND_FAILED: http.bind: " + port + ": ", "in use");
        }
        assertEquals(3, run("--endpoint", "tcp://no.such.host.invalid:1", "--http", "off", "--plugins", plugins));
        assertErr("jackfield serve: BIND_FAILED: cannot listen on tcp://no.such.host.invalid:1: the host is not known;"
                + " give an address or *");
        assertNoBrokerThread();
    }

    @Test
    void shouldSayWhichPluginFolderCannotBeUsed() throws Exception {
        Path file = Files.writeString(temp.resolve("plugins"), "a file");
        assertEquals(3, run("--endpoint", "tcp://127.0.0.1:0", "--http", "off", "--plugins", file.toString()));
        assertOneErr(
                "jackfield serve: CONFIG_INVALID: plugins.dir: " + file + ": cannot be used as a folder: ",
                "FileAlreadyExists");
        assertNoBrokerThread();
    }

    /** A broker that could not start must not keep the process alive. */
    private static void assertNoBrokerThread() throws InterruptedException {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("broker-loop")) {
                thread.join(TimeUnit.SECONDS.toMillis(RunningBroker.WAIT_S)); // it may be at its very last step
                assertFalse(thread.isAlive());
            }
        }
    }

    /** Broken while the broker starts: here by a plugin, else by a person's editor. */
    @Test
    void shouldServeByTheConfigurationThatItStartedWith() throws Exception {
        Path file = Files.writeString(temp.resolve("a.yaml"), "plugins: {dir: plugins}\n");
        Path jar = FixtureJar.plugin("breaking")
                .handler(
                        "name = \"s\"",
                        "implements Handler",
                        "public H0() throws Exception {"
                                + " java.nio.file.Files.writeString(java.nio.file.Path.of(\"" + file + "\"), \"[\"); }"
                                + FixtureJar.handleMethod("return null;"))
                .writeTo(Files.createDirectory(temp.resolve("plugins")));
        // A jar that may still be growing is left for later.
        Files.setLastModifiedTime(jar, FileTime.from(Instant.now().minusSeconds(60)));
        Process process = serve("--config", file.toString());
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String ready = lines.readLine();
            assertTrue(String.valueOf(ready).startsWith("jackfield ready"), Files.readString(temp.resolve("log")));
            assertEquals("[", Files.readString(file));
        } finally {
            process.destroyForcibly();
        }
    }

    private Process serve(String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                BrokerMain.class.getName(),
                "--endpoint",
                "tcp://127.0.0.1:0",
                "--http",
                "127.0.0.1:0"));
        command.addAll(List.of(more));
        return new ProcessBuilder(command)
                .redirectError(temp.resolve("log").toFile())
                .start();
    }

    @Test
    void shouldServeUntilItIsToldToStopThenDrainAndExitWithZero() throws Exception {
        RunningBroker.plugin(temp, "echo", "Reply.of(request.body())");
        Process process = serve("--plugins", temp.resolve("plugins").toString());
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String ready = lines.readLine();
            assertTrue(
                    ready.matches("jackfield ready tcp://127\\.0\\.0\\.1:\\d+ http://127\\.0\\.0\\.1:\\d+"),
                    () -> ready);
            try (Wired req = new Wired(SocketType.REQ, ready.split(" ", -1)[2])) {
                req.says("MDPC01", "echo", "hello");
                req.hears("MDPC01", "echo", "hello");
                process.toHandle().destroy();
                assertTrue(process.waitFor(RunningBroker.WAIT_S, TimeUnit.SECONDS));
            }
            assertEquals(null, lines.readLine());
        } finally {
            process.destroyForcibly();
        }
        assertEquals(0, process.exitValue(), () -> "exit value");
        String log = Files.readString(temp.resolve("log"));
        assertTrue(log.contains("drained, bye"), log);
    }
}
