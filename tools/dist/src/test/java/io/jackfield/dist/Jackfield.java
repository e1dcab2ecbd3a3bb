package io.jackfield.dist;

import io.jackfield.host.WorkFolder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** The command of the distribution that the build has just assembled. */
final class Jackfield {

    /** Where failsafe starts the tests: in this module. */
    static final Path HOME = Path.of("target/jackfield").toAbsolutePath();

    private static final String SCRIPT = HOME.resolve("jackfield").toString();
    private static final long TIMEOUT_S = 120;

    /**
     * Each task a thread of its own, for what blocks. The common pool has one on two cores, and since JDK 25 a {@code CompletableFuture} that
     * waits there keeps all others from beginning.
     */
    static final Executor THREADS = task -> {
        Thread thread = new Thread(task, "test-task");
        thread.setDaemon(true);
        thread.start();
    };

    /** Has the programs make their temporary folders where they go with this JVM: some are killed, some keep logs of what failed. */
    static final Map<String, String> ENVIRONMENT = environment();

    /** What a call of the command came to; stdout is kept byte for byte, each as one character. */
    record Ran(int exitCode, String latin1Stdout, String stderr) {
        byte[] stdout() {
            return latin1Stdout.getBytes(StandardCharsets.ISO_8859_1);
        }

        String text() {
            return new String(stdout(), StandardCharsets.UTF_8);
        }
    }

    private Jackfield() {}

    static Ran run(String... arguments) throws IOException, InterruptedException {
        return runWithInput(new byte[0], arguments);
    }

    static Ran runWithInput(byte[] input, String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command(arguments));
        ENVIRONMENT.forEach(builder.environment()::putIfAbsent);
        Process process = builder.start();
        try {
            CompletableFuture<byte[]> stdout =
                    CompletableFuture.supplyAsync(() -> all(process.getInputStream()), THREADS);
            CompletableFuture<byte[]> stderr =
                    CompletableFuture.supplyAsync(() -> all(process.getErrorStream()), THREADS);
            try (OutputStream stdin = process.getOutputStream()) {
                stdin.write(input);
            }
            if (!process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)) {
                throw new AssertionError(
                        "jackfield " + String.join(" ", arguments) + ": not over after " + TIMEOUT_S + " s");
            }
            return new Ran(
                    process.exitValue(),
                    new String(stdout.join(), StandardCharsets.ISO_8859_1),
                    new String(stderr.join(), StandardCharsets.UTF_8));
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    static String[] command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(SCRIPT));
        command.addAll(List.of(arguments));
        return command.toArray(String[]::new);
    }

    private static Map<String, String> environment() {
        try {
            Path temporary = Files.createTempDirectory("jackfield-it-");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(temporary), "delete-temporary"));
            return Map.of("JACKFIELD_JAVA_OPTS", "-Djava.io.tmpdir=" + temporary);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path folder) {
        try {
            WorkFolder.delete(folder);
        } catch (IOException | UncheckedIOException e) {
            System.err.println(folder + " stays: " + e);
        }
    }

    private static byte[] all(InputStream stream) {
        try (stream) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
