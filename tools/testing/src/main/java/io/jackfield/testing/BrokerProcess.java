package io.jackfield.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The broker's process. A thread of its own gathers what it prints. Safe for any thread. */
final class BrokerProcess implements AutoCloseable {

    private static final String READY = "jackfield ready ";
    // In a checkout the command may have to build first.
    private static final long START_TIME_S = 300;
    private static final long STOP_TIME_S = 15;
    private static final int LOG_LINES_MAX = 200;

    private final Process process;
    private final Queue<String> lines = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<String> ready = new CompletableFuture<>();

    private BrokerProcess(Process process) {
        this.process = process;
    }

    static BrokerProcess start(Path plugins) throws IOException {
        Path command = home().resolve("jackfield");
        if (!Files.isExecutable(command)) {
            throw new IllegalStateException(command
                    + " is not there (set jackfield.home to the folder of Jackfield: mvn -Djackfield.home=...)");
        }
        List<String> words = List.of(
                command.toString(),
                "serve",
                "--plugins",
                plugins.toString(),
                "--endpoint",
                "tcp://127.0.0.1:0",
                "--http",
                "127.0.0.1:0");
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        BrokerProcess broker = new BrokerProcess(builder.start());
        Runtime.getRuntime().addShutdownHook(new Thread(broker::kill, "end-of-the-broker"));
        broker.gather();
        broker.awaitReady();
        return broker;
    }

    private static Path home() {
        String home = Optional.ofNullable(System.getProperty("jackfield.home"))
                .or(() -> Optional.ofNullable(System.getenv("JACKFIELD_HOME")))
                .orElseThrow(() -> new IllegalStateException(
                        "where is Jackfield? (set the system property jackfield.home or JACKFIELD_HOME to its"
                                + " folder)"));
        return Path.of(home).toAbsolutePath();
    }

    private void gather() throws IOException {
        process.getOutputStream().close();
        Thread thread = new Thread(this::read, "log-of-the-broker");
        thread.setDaemon(true);
        thread.start();
    }

    private void read() {
        try (BufferedReader reader = process.inputReader()) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line);
                if (lines.size() > LOG_LINES_MAX) {
                    lines.poll();
                }
                if (line.startsWith(READY)) {
                    ready.complete(line);
                }
            }
        } catch (IOException e) {
            lines.add("(the log ends: " + e.getMessage() + ")");
        }
        ready.completeExceptionally(new IllegalStateException("the broker ended"));
    }

    private void awaitReady() {
        try {
            ready.get(START_TIME_S, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            close();
            throw new IllegalStateException("the broker does not start; its log:\n" + log(), e);
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the broker was started", e);
        }
    }

    /** The first address of that scheme. */
    String announced(String scheme) {
        return Arrays.stream(ready.join().split(" "))
                .filter(word -> word.startsWith(scheme))
                .findFirst()
                .orElseThrow();
    }

    String log() {
        return String.join("\n", lines);
    }

    /** A test that was ended leaves no broker behind. */
    private void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroy);
        process.toHandle().destroy(); // unlike Process.destroy, leaves the streams: its last words are read
        try {
            if (!process.waitFor(STOP_TIME_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
