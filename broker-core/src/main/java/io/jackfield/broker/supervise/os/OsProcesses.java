package io.jackfield.broker.supervise.os;

import io.jackfield.broker.loop.Mailbox;
import io.jackfield.broker.supervise.Connections;
import io.jackfield.broker.supervise.Processes;
import io.jackfield.broker.supervise.WorkerProgram;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Real processes. One thread, {@code supervisor}, starts them, measures them, looks at their connections and at watched files; one more for each process reads
 * what it prints into the log. A process whose broker is killed gets the polite signal from the operating system where {@code setpriv} can
 * arrange that (Linux); elsewhere it lives on.
 */
public final class OsProcesses implements Processes, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OsProcesses.class);
    private static final Path SETPRIV = Path.of("/usr/bin/setpriv");
    private static final long LOOK_MS = 500;
    private static final long CLOSE_MS = 2_000;

    private final Mailbox loop;
    private final ScheduledExecutorService supervisor = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "supervisor");
        thread.setDaemon(true);
        return thread;
    });
    private final Set<OsProcess> alive = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;
    private final Queue<Future<?>> looks = new ConcurrentLinkedQueue<>();

    /** Events are told on that loop. */
    public OsProcesses(Mailbox loop) {
        this.loop = loop;
        lookAgainAndAgain(() -> alive.forEach(OsProcess::measure));
    }

    /** Tells, on the loop, when one of the files appears, changes or goes. A folder stands for the files directly in it. */
    public void watch(List<String> files, Runnable changed) {
        WatchedFiles watched = new WatchedFiles(files.stream().map(Path::of).toList());
        lookAgainAndAgain(() -> {
            if (watched.haveChanged()) {
                loop.post(changed);
            }
        });
    }

    private void lookAgainAndAgain(Runnable look) {
        looks.add(supervisor.scheduleWithFixedDelay(guarded(look), LOOK_MS, LOOK_MS, TimeUnit.MILLISECONDS));
    }

    @Override
    public Child start(WorkerProgram program, String name, Listener listener) {
        boolean measured = program.limits().memoryBytesMax() > 0;
        OsProcess process = new OsProcess(name, measured, this::later, new OnLoop(listener));
        if (!later(() -> start(program, process))) {
            process.failed("the broker has ended");
        }
        return process;
    }

    private boolean later(Runnable task) {
        try {
            supervisor.execute(guarded(task));
            return true;
        } catch (RejectedExecutionException closed) {
            return false;
        }
    }

    /** What goes wrong is logged: the executor would keep it for itself, and do nothing again and again after it. */
    private static Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                LOG.error("the supervisor of workers failed", e);
            }
        };
    }

    /** Kills what is left. Before the thread that started them ends: its end is what they take for that of the broker. */
    @Override
    public void close() {
        closed = true;
        alive.forEach(OsProcess::killNow);
        looks.forEach(look -> look.cancel(false));
        supervisor.shutdown();
        try {
            if (!supervisor.awaitTermination(CLOSE_MS, TimeUnit.MILLISECONDS)) {
                LOG.warn("the thread supervisor does not end within {} ms: it is left behind", CLOSE_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        alive.forEach(OsProcess::killNow); // one that was being started meanwhile
    }

    private void start(WorkerProgram program, OsProcess process) {
        if (closed) {
            process.failed("the broker has ended");
            return;
        }
        Process started;
        try {
            started = builder(program, process.name()).start();
        } catch (IOException | RuntimeException e) { // a runtime one: of what no operating system takes, such as a NUL
            process.failed("cannot be started: " + e.getMessage());
            return;
        }
        alive.add(process);
        process.began(started, () -> alive.remove(process));
    }

    private static ProcessBuilder builder(WorkerProgram program, String name) throws IOException {
        check(program);
        ProcessBuilder builder = new ProcessBuilder(command(program))
                .directory(new File(program.dir()))
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        builder.environment().putAll(program.env());
        builder.environment().put("JACKFIELD_WORKER", name);
        return builder;
    }

    /** What would fail after setpriv has started, in words of its own. */
    private static void check(WorkerProgram program) throws IOException {
        if (!Files.isDirectory(Path.of(program.dir()))) {
            throw new IOException("dir: no folder " + program.dir());
        }
        String executable = program.command().get(0);
        boolean found = executable.contains("/")
                ? Files.isExecutable(Path.of(executable))
                : Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                        .anyMatch(dir -> Files.isExecutable(Path.of(dir, executable)));
        if (!found && executable.contains("/") && Files.exists(Path.of(executable))) {
            throw new IOException(
                    executable + " may not be executed (chmod +x, or begin the command with what runs it)");
        }
        if (!found) {
            throw new IOException("no program " + executable + (executable.contains("/") ? "" : " in PATH"));
        }
    }

    private static List<String> command(WorkerProgram program) {
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(SETPRIV)) {
            command.addAll(List.of(SETPRIV.toString(), "--pdeathsig", "TERM", "--"));
        }
        command.addAll(program.command());
        return command;
    }

    /** From the supervisor's threads to the loop. */
    private final class OnLoop implements Listener {
        private final Listener listener;

        private OnLoop(Listener listener) {
            this.listener = listener;
        }

        @Override
        public void started(long pid) {
            loop.post(() -> listener.started(pid));
        }

        @Override
        public void measured(long residentBytes) {
            loop.post(() -> listener.measured(residentBytes));
        }

        @Override
        public void connected(Connections connections) {
            loop.post(() -> listener.connected(connections));
        }

        @Override
        public void ended(String how) {
            loop.post(() -> listener.ended(how));
        }
    }
}
