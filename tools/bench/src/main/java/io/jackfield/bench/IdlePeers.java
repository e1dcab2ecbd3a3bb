package io.jackfield.bench;

import io.jackfield.command.Child;
import io.jackfield.command.Children;
import io.jackfield.command.ExitCode;
import io.jackfield.command.Failure;
import io.jackfield.protocol.HostAndPort;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs {@code native/idle.c}: peers that are connected to a broker and say nothing. One thread. */
final class IdlePeers {

    private static final long CONNECT_TIMEOUT_MS = 120_000;
    private static final long GONE_TIMEOUT_MS = 10_000;
    private static final long GONE_STEP_MS = 10;

    /** Files that the broker may open or close meanwhile for reasons of its own. */
    private static final int OTHER_FILES = 16;

    private static final String CONNECTED = "connected";

    private final Path folder;
    private final Path program;
    private final Target broker;
    private final int count;

    /** Connects nothing yet; logs go to the folder. */
    IdlePeers(Path folder, Path program, Target broker, int count) {
        this.folder = folder;
        this.program = program;
        this.broker = broker;
        this.count = count;
    }

    /** What is done while they are connected. */
    interface Work {
        void run() throws IOException, InterruptedException;
    }

    int count() {
        return count;
    }

    /** Connects them, does the work, and is over when the broker has seen the last of them go, where it can be known. */
    Connecting whileConnected(Work work) throws IOException, InterruptedException {
        double bytesBefore = broker.process().residentBytes();
        double filesBefore = broker.process().openFiles();
        Connecting connecting;
        try (Children children = new Children(folder)) {
            Child idle = start(children);
            double seconds = Sample.seconds(idle.awaitReady(CONNECT_TIMEOUT_MS));
            double grownBytes = broker.process().residentBytes() - bytesBefore;
            connecting = new Connecting(seconds, grownBytes / count);
            work.run();
            requireConnected(idle);
        }
        awaitGone(filesBefore);
        return connecting;
    }

    private Child start(Children children) throws IOException {
        HostAndPort endpoint = broker.endpoint();
        return children.start(
                "idle-peers",
                CONNECTED,
                Map.of(),
                program.toString(),
                endpoint.bareHost(),
                String.valueOf(endpoint.port()),
                String.valueOf(count));
    }

    /** The program ends as soon as the broker closes one of them. */
    private static void requireConnected(Child idle) throws InterruptedException {
        boolean running =
                ProcessHandle.of(idle.pid()).map(ProcessHandle::isAlive).orElse(false);
        if (!running) {
            int unused = idle.awaitExit(GONE_TIMEOUT_MS);
            throw new Failure(
                    ExitCode.FAILED, "BENCH_FAILED", "the program of idle peers ended: " + idle.lastLine(), "");
        }
    }

    /** What is measured next shall not share the broker with the end of thousands of connections. */
    private void awaitGone(double filesBefore) throws InterruptedException {
        long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(GONE_TIMEOUT_MS);
        while (broker.process().openFiles() > filesBefore + OTHER_FILES && System.nanoTime() - deadlineNs < 0) {
            TimeUnit.MILLISECONDS.sleep(GONE_STEP_MS);
        }
    }
}
