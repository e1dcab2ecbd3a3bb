package io.jackfield.command;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** A process that a command started. A thread of its own copies what it prints into its log. Safe for any thread. */
public final class Child {

    private final String name;
    private final Process process;
    private final Path log;
    private final String readyPrefix;
    private final Consumer<String> told;
    private final CompletableFuture<String> ready = new CompletableFuture<>();
    private final CountDownLatch outputEnded = new CountDownLatch(1);
    private volatile String lastLine = "";

    private Child(String name, Process process, Path log, String readyPrefix, Consumer<String> told) {
        this.name = name;
        this.process = process;
        this.log = log;
        this.readyPrefix = readyPrefix;
        this.told = told;
    }

    /**
     * Starts it.
     *
     * @param readyPrefix the first line that begins so is what {@link #awaitReady} waits for
     * @param told each line that does not, on the thread that copies
     */
    static Child start(String name, ProcessBuilder command, Path log, String readyPrefix, Consumer<String> told)
            throws IOException {
        Child child = new Child(name, command.start(), log, readyPrefix, told);
        Thread copier = new Thread(child::copyOutput, "log-of-" + name);
        copier.setDaemon(true);
        copier.start();
        return child;
    }

    /** Waits for the line that says that it is ready, and returns it. */
    public String awaitReady(long timeoutMs) throws InterruptedException {
        try {
            return ready.get(timeoutMs, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new Failure(ExitCode.FAILED, "NOT_READY", name + " was not ready after " + timeoutMs + " ms", see());
        } catch (ExecutionException e) {
            throw new Failure(
                    ExitCode.FAILED, "NOT_STARTED", name + " ended before it was ready: " + lastLine(), see());
        }
    }

    /** Of the process itself, not of one that it started. */
    public long pid() {
        return process.pid();
    }

    /** What it printed last; all of it once {@link #awaitExit} has returned. */
    public String lastLine() {
        return lastLine;
    }

    /** Waits until it has ended and all that it printed was read, and returns the exit code. */
    public int awaitExit(long timeoutMs) throws InterruptedException {
        if (!outputEnded.await(timeoutMs, TimeUnit.MILLISECONDS)
                || !process.waitFor(timeoutMs, TimeUnit.MILLISECONDS)) {
            throw new Failure(ExitCode.FAILED, "NOT_ENDED", name + " still runs after " + timeoutMs + " ms", see());
        }
        return process.exitValue();
    }

    /** A line on its standard input, if it was started as one that is talked to. */
    public void send(String line) throws IOException {
        process.outputWriter().append(line).append('\n').flush();
    }

    boolean alive() {
        return process.isAlive();
    }

    /** What to say when it is not alive although it should be. */
    String ended() {
        return name + " ended early (" + see() + ")";
    }

    /** SIGKILL: nothing of the process runs after this, not even a signal handler. */
    public void kill() {
        process.toHandle().destroyForcibly(); // unlike Process.destroy, leaves the streams: its last words are read
        process.onExit().join();
    }

    /** SIGTERM. */
    public void requestEnd() {
        process.toHandle().destroy();
    }

    /** Waits until it has ended; after that time, kills it. */
    void awaitEnd(long timeoutMs) throws InterruptedException {
        if (!process.waitFor(timeoutMs, TimeUnit.MILLISECONDS)) {
            kill();
        }
    }

    /** SIGTERM, then the exit code. */
    int terminate(long timeoutMs) throws InterruptedException {
        process.toHandle().destroy();
        if (!process.waitFor(timeoutMs, TimeUnit.MILLISECONDS)) {
            throw new Failure(
                    ExitCode.FAILED, "NOT_ENDED", name + " still ran " + timeoutMs + " ms after SIGTERM", see());
        }
        return process.exitValue();
    }

    private String see() {
        return "see " + log;
    }

    private void copyOutput() {
        try (BufferedReader output = process.inputReader();
                Writer copy = Files.newBufferedWriter(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                copy.append(line).append('\n').flush();
                lastLine = line;
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
        outputEnded.countDown();
    }
}
