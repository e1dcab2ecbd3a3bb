package io.jackfield.broker.supervise.os;

import io.jackfield.broker.supervise.Connections;
import io.jackfield.broker.supervise.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One process: polite signals from the loop's thread, its start, its measures and its violent end on the supervisor's. */
final class OsProcess implements Processes.Child {
    private static final Logger LOG = LoggerFactory.getLogger(OsProcess.class);
    private static final int SIGNALLED = 128;
    private static final long KIB = 1024;

    private final String name;
    private final boolean measured;
    private final Supervising supervisor;
    private final Processes.Listener listener;

    /** Null before it was started; written by the supervisor's thread once. */
    private volatile @Nullable Process process;

    /** The last signal that came before the process did; written by the loop's thread. */
    private volatile boolean terminated;

    private final AtomicBoolean signalled = new AtomicBoolean();

    /** Has something done on the supervisor's thread; false: there is none any more. */
    interface Supervising {
        boolean later(Runnable task);
    }

    OsProcess(String name, boolean measured, Supervising supervisor, Processes.Listener listener) {
        this.supervisor = supervisor;
        this.name = name;
        this.measured = measured;
        this.listener = listener;
    }

    String name() {
        return name;
    }

    /** The process is there. */
    void began(Process started, Runnable whenEnded) {
        process = started;
        listener.started(started.pid());
        OutputLog.read(name, started);
        CompletableFuture<Void> unused = started.onExit().thenAccept(ended -> {
            whenEnded.run();
            listener.ended(how(ended.exitValue()));
        });
        if (terminated) {
            signalOnce(started);
        }
    }

    void failed(String why) {
        listener.ended(why);
    }

    /** Tells how much memory it takes, if that is wanted. */
    void measure() {
        Process running = process;
        if (!measured || running == null || !running.isAlive()) {
            return;
        }
        try {
            for (String line : Files.readAllLines(Path.of("/proc/" + running.pid() + "/status"))) {
                if (line.startsWith("VmRSS:")) {
                    listener.measured(Long.parseLong(line.replaceAll("[^0-9]", "")) * KIB);
                }
            }
        } catch (IOException e) {
            LOG.debug("the memory of worker {} cannot be read: {}", name, e.getMessage());
        }
    }

    @Override
    public void terminate() {
        terminated = true;
        Process running = process;
        if (running != null) {
            signalOnce(running);
        }
    }

    /** Who starts it and who ends it may meet; workers of the kits take a second signal for haste. */
    private void signalOnce(Process running) {
        if (signalled.compareAndSet(false, true)) {
            running.toHandle().destroy(); // unlike Process.destroy, leaves the streams: its last words are read
        }
    }

    @Override
    public void look() {
        if (!supervisor.later(() -> listener.connected(connections()))) {
            listener.connected(new Connections(Set.of(), Set.of(), "the broker has ended"));
        }
    }

    private Connections connections() {
        Process running = process;
        return running == null ? new Connections(Set.of(), Set.of(), "") : ProcessConnections.of(running.toHandle());
    }

    @Override
    public void kill() {
        if (!supervisor.later(this::killNow)) {
            killNow();
        }
    }

    /** Looks through all processes there are for its children: not on the loop. */
    void killNow() {
        Process running = process;
        if (running != null) {
            running.descendants().forEach(ProcessHandle::destroyForcibly);
            running.toHandle().destroyForcibly();
        }
    }

    private static String how(int exitCode) {
        return exitCode > SIGNALLED ? "killed by signal " + (exitCode - SIGNALLED) : "exit code " + exitCode;
    }
}
