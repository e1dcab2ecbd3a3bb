package io.jackfield.broker.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A process with libzmq in it: a Python program of a few lines. Its errors go to those of the test. */
public final class PyZmq implements AutoCloseable {
    private static final long WAIT_S = 20;
    private static final String IMPORTS = "import os, sys, time, zmq\n";
    private static final Optional<String> PYTHON = interpreter();

    private final Process process;
    private final BufferedReader lines;

    private PyZmq(Process process) {
        this.process = process;
        this.lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    }

    /** Starts the program with {@code sys}, {@code os}, {@code time} and {@code zmq} imported; the test is skipped where there is no pyzmq. */
    public static PyZmq run(String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(interpreterHere(), "-u", "-c", IMPORTS + program));
        command.addAll(List.of(arguments));
        return new PyZmq(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** The interpreter, for a test that has somebody else start it; the test is skipped where there is no pyzmq. */
    public static String interpreterHere() {
        assumeTrue(PYTHON.isPresent(), "no Python with pyzmq here (JACKFIELD_PYTHON names one)");
        return PYTHON.get();
    }

    /** The next line that it prints, waiting for it. */
    public String line() throws IOException {
        String line = lines.readLine();
        assertNotNull(line, "the Python program ended");
        return line;
    }

    /** Writes a line to its standard input. */
    public void send(String line) throws IOException {
        process.getOutputStream().write((line + "\n").getBytes(UTF_8));
        process.getOutputStream().flush();
    }

    public long pid() {
        return process.pid();
    }

    /** Sends it a signal: STOP, CONT, KILL. */
    public void signal(String name) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
        assertEquals(0, kill.waitFor(), "kill -" + name);
    }

    /** Ends it at once. */
    @Override
    public void close() {
        process.destroyForcibly().onExit().orTimeout(WAIT_S, TimeUnit.SECONDS).join();
    }

    private static Optional<String> interpreter() {
        for (String candidate : candidates(System.getenv("JACKFIELD_PYTHON"))) {
            if (imports(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    private static List<String> candidates(@Nullable String named) {
        return named == null ? List.of("python3", "/usr/bin/python3") : List.of(named);
    }

    private static boolean imports(String python) {
        try {
            Process probe = new ProcessBuilder(python, "-c", IMPORTS)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return probe.waitFor(WAIT_S, TimeUnit.SECONDS) && probe.exitValue() == 0;
        } catch (IOException notThere) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
