package io.jackfield.dist;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A process under test; closing kills it. A thread of its own gathers what it prints, stderr included. */
final class Running implements AutoCloseable {

    private static final long TIMEOUT_S = 60;

    private final Process process;
    private final Queue<String> lines = new ConcurrentLinkedQueue<>();
    private final CountDownLatch outputEnded = new CountDownLatch(1);

    private Running(Process process) {
        this.process = process;
    }

    static Running start(Path folder, Map<String, String> environment, String... command) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        Jackfield.ENVIRONMENT.forEach(builder.environment()::putIfAbsent);
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        Running running = new Running(process);
        Thread gatherer = new Thread(running::gather, "output-of-" + process.pid());
        gatherer.setDaemon(true);
        gatherer.start();
        return running;
    }

    /** The first line that is so, printed already or to come. */
    String awaitLine(String what, Predicate<String> so) {
        Await.until(what + " from " + this, () -> lines.stream().anyMatch(so) || outputEnded.getCount() == 0);
        return lines.stream()
                .filter(so)
                .findFirst()
                .orElseThrow(() -> new AssertionError("ended without " + what + ": " + output()));
    }

    /** SIGTERM. */
    void terminate() {
        process.toHandle().destroy(); // unlike Process.destroy, leaves the streams: its last words are read
    }

    /** SIGKILL. */
    void kill() {
        process.toHandle().destroyForcibly();
    }

    int awaitExit() throws InterruptedException {
        return awaitExit(TIMEOUT_S);
    }

    /** For what builds something: seconds on an idle machine, and more on one that builds other things too. */
    int awaitExit(long timeoutS) throws InterruptedException {
        if (!process.waitFor(timeoutS, TimeUnit.SECONDS) || !outputEnded.await(timeoutS, TimeUnit.SECONDS)) {
            throw new AssertionError("still running after " + timeoutS + " s: " + output());
        }
        return process.exitValue();
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    String output() {
        return String.join("\n", lines);
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.toHandle().destroyForcibly();
    }

    @Override
    public String toString() {
        return process.info().command().orElse("process " + process.pid());
    }

    private void gather() {
        try (BufferedReader reader = process.inputReader()) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            outputEnded.countDown();
        }
    }
}
