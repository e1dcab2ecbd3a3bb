package io.jackfield.command.conformance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** A process under test: a broker or an agent. A thread reads what it prints, tells it and copies it into a log. */
final class Program implements AutoCloseable {
    private static final long START_S = 30;
    private static final long END_S = 30;

    private final String name;
    private final Process process;
    private final Path log;
    private final Consumer<String> told;
    private final CompletableFuture<String> ready = new CompletableFuture<>();

    private Program(String name, Process process, Path log, Consumer<String> told) {
        this.name = name;
        this.process = process;
        this.log = log;
        this.told = told;
    }

    /**
     * Starts it and waits for the line that says that it is ready.
     *
     * @param command the program, its arguments, and its environment beside ours
     * @param told each line but the first that begins with {@code readyPrefix}
     */
    static Program start(String name, Command command, Path folder, String readyPrefix, Consumer<String> told)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command.words()).directory(folder.toFile());
        builder.environment().putAll(command.environment());
        Path log = folder.resolve(name + ".log");
        builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        Program program = new Program(name, builder.start(), log, told);
        Thread reader = new Thread(() -> program.read(readyPrefix), "read-" + name);
        reader.setDaemon(true);
        reader.start();
        program.awaitReady();
        return program;
    }

    /** A command line. */
    record Command(List<String> words, Map<String, String> environment) {}

    /** The line that said that it is ready. */
    String readyLine() {
        return ready.join();
    }

    void send(String line) throws IOException {
        process.outputWriter().append(line).append('\n').flush();
    }

    void kill() {
        process.toHandle().destroyForcibly(); // unlike Process.destroy, leaves the streams: its last words are read
        process.onExit().join();
    }

    void terminate() {
        process.toHandle().destroy();
    }

    int awaitEnd() throws InterruptedException {
        if (!process.waitFor(END_S, TimeUnit.SECONDS)) {
            throw new Broken(name + " did not end within " + END_S + " s (see " + log + ")");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        kill();
    }

    private void awaitReady() throws InterruptedException {
        try {
            ready.get(START_S, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            kill();
            throw new Broken(name + " was not ready within " + START_S + " s (see " + log + ")");
        } catch (ExecutionException e) {
            throw new Broken(name + " ended before it was ready (see " + log + ")");
        }
    }

    private void read(String readyPrefix) {
        try (BufferedReader output = process.inputReader();
                Writer copy = Files.newBufferedWriter(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                copy.append(line).append('\n').flush();
                if (line.startsWith(readyPrefix)) {
                    ready.complete(line);
                } else {
                    told.accept(line);
                }
            }
        } catch (IOException e) {
            ready.completeExceptionally(new UncheckedIOException(e));
        }
        ready.completeExceptionally(new IllegalStateException("ended"));
    }
}
