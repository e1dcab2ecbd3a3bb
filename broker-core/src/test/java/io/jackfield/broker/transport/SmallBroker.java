package io.jackfield.broker.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A whole broker in a process of its own, with 64 MiB of heap: what takes too much memory ends it. Closing expects that it still runs. */
public final class SmallBroker implements AutoCloseable {
    private static final String READY = "jackfield ready ";
    private static final long END_S = 20;

    private final Process process;
    private final Path log;
    private final List<String> addresses;

    private SmallBroker(Process process, Path log, List<String> addresses) {
        this.process = process;
        this.log = log;
        this.addresses = addresses;
    }

    /**
     * Starts it and waits until it is ready.
     *
     * @param dir for its files
     * @param yaml of its configuration, without plugins
     * @param flags of the JVM
     */
    public static SmallBroker start(Path dir, String yaml, String... flags) throws IOException {
        Path plugins = Files.createDirectory(dir.resolve("plugins"));
        Path config = Files.writeString(dir.resolve("jackfield.yaml"), yaml + "plugins: { dir: " + plugins + " }\n");
        Path log = dir.resolve("log");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx64m");
        command.addAll(List.of(flags));
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                "io.jackfield.broker.server.BrokerMain",
                "--config",
                config.toString()));
        Process process =
                new ProcessBuilder(command).redirectError(log.toFile()).start();
        String line = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8)).readLine();
        if (line == null || !line.startsWith(READY)) {
            process.destroyForcibly();
            throw new AssertionError(line + "; log: " + Files.readString(log));
        }
        return new SmallBroker(
                process, log, List.of(line.substring(READY.length()).split(" ", -1)));
    }

    /** Of its endpoints, in their order, and then of HTTP. */
    public String address(int index) {
        return addresses.get(index);
    }

    /** Whether it still runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Whether it ends within that time. */
    public boolean ends(long timeS) throws InterruptedException {
        return process.waitFor(timeS, TimeUnit.SECONDS);
    }

    /** The time that it has spent on processors. */
    public Duration cpuTime() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** What it has logged so far. */
    public String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return "unreadable: " + e;
        }
    }

    @Override
    public void close() {
        boolean alive = process.isAlive();
        process.destroyForcibly().onExit().orTimeout(END_S, TimeUnit.SECONDS).join();
        assertTrue(alive, log());
    }
}
