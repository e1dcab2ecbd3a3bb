package io.jackfield.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.dist.Jackfield.Ran;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServeIT {

    private static final int CONFIG_EXIT = 2;
    private static final int UNAVAILABLE_EXIT = 3;
    private static final int USAGE_EXIT = 2;

    @TempDir
    private Path folder;

    @Test
    void shouldSayWhereItServesAndDrainOnSigterm() throws Exception {
        try (Serving broker = Serving.start(folder)) {
            assertTrue(
                    broker.readyLine()
                            .matches("jackfield ready tcp://127\\.0\\.0\\.1:[0-9]+ http://127\\.0\\.0\\.1:[0-9]+.*"),
                    broker.readyLine());
            broker.process().terminate();
            assertEquals(0, broker.process().awaitExit(), broker.process().output());
        }
    }

    @Test
    void shouldReceiveTheSignalItselfNotThroughAShell() throws Exception {
        try (Serving broker = Serving.start(folder)) {
            String program = ProcessHandle.of(broker.process().pid())
                    .flatMap(process -> process.info().command())
                    .orElseThrow();
            assertTrue(program.endsWith("java"), program);
        }
    }

    @Test
    void shouldCheckAConfigurationWithoutServing() throws Exception {
        Path config = Files.writeString(folder.resolve("good.yaml"), "services: { echo: { timeout: 2s } }\n");

        Ran ran = Jackfield.run("serve", "--check", "--config", config.toString());

        assertEquals(0, ran.exitCode(), ran.stderr());
    }

    @Test
    void shouldRefuseAnUnknownKeyWithFileAndLine() throws Exception {
        Path config = Files.writeString(folder.resolve("bad.yaml"), "http:\n  bind: 127.0.0.1:0\n  prot: 80\n");

        for (String[] more : new String[][] {{"--check"}, {}}) {
            Ran ran = serve(config, more);

            assertEquals(CONFIG_EXIT, ran.exitCode(), ran.stderr());
            assertTrue(ran.stderr().contains("bad.yaml:3"), ran.stderr());
            assertTrue(ran.stderr().contains("prot"), ran.stderr());
            assertEquals(1, ran.stderr().lines().count(), ran.stderr());
        }
    }

    @Test
    void shouldRefuseAValueWithoutAUnit() throws Exception {
        Path config = Files.writeString(folder.resolve("unit.yaml"), "drain-timeout: 10\n");

        Ran ran = serve(config, "--check");

        assertEquals(CONFIG_EXIT, ran.exitCode(), ran.stderr());
        assertTrue(ran.stderr().contains("drain-timeout"), ran.stderr());
    }

    @Test
    void shouldSayWhichOptionItDoesNotKnow() throws Exception {
        Ran ran = Jackfield.run("serve", "--prot", "80");

        assertEquals(USAGE_EXIT, ran.exitCode(), ran.stderr());
        assertTrue(ran.stderr().contains("--prot"), ran.stderr());
    }

    @Test
    void shouldSayWhichAddressIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String endpoint = "tcp://127.0.0.1:" + taken.getLocalPort();

            Ran ran = Jackfield.run("serve", "--endpoint", endpoint, "--http", "off");

            assertEquals(UNAVAILABLE_EXIT, ran.exitCode(), ran.stderr());
            assertTrue(ran.stderr().contains("jackfield serve: BIND_FAILED: "), ran.stderr());
            assertTrue(ran.stderr().contains(endpoint), ran.stderr());
        }
    }

    @Test
    void shouldRunThroughASymbolicLink() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("jf"), Jackfield.HOME.resolve("jackfield"));

        try (Running running = Running.start(folder, Map.of(), link.toString(), "--version")) {
            assertEquals(0, running.awaitExit(), running.output());
            assertTrue(running.output().startsWith("jackfield "), running.output());
        } finally {
            Files.delete(link);
        }
    }

    @Test
    void shouldWarnWhereOtherMachinesCanReachIt() throws Exception {
        String[] command = Jackfield.command("serve", "--endpoint", "tcp://*:0", "--http", "off");
        try (Running broker = Running.start(folder, Map.of(), command)) {
            broker.awaitLine("a warning", line -> line.contains("WARN") && line.contains("tcp://*:"));
        }
    }

    @Test
    void shouldStartWithoutAWarning() throws Exception {
        try (Serving broker = Serving.start(folder)) {
            String warnings = broker.process()
                    .output()
                    .lines()
                    .filter(line -> line.contains("WARN") || line.startsWith("WARNING:"))
                    .findFirst()
                    .orElse("");
            assertEquals("", warnings);
        }
    }

    private static Ran serve(Path config, String... more) throws IOException, InterruptedException {
        String[] arguments = new String[3 + more.length];
        arguments[0] = "serve";
        arguments[1] = "--config";
        arguments[2] = config.toString();
        System.arraycopy(more, 0, arguments, 3, more.length);
        return Jackfield.run(arguments);
    }
}
