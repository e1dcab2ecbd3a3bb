package io.jackfield.broker.plugin;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that runs what it is given, in order. That may block, so nobody waits for it without a limit of time. For any thread. Once it
 * has ended, what it is given is dropped.
 */
final class PluginThread implements Executor {
    private static final Logger LOG = LoggerFactory.getLogger(PluginThread.class);

    private final String name;
    private final ExecutorService executor;

    PluginThread(String name) {
        this.name = name;
        this.executor = Executors.newSingleThreadExecutor(task -> {
            Thread made = new Thread(task, name);
            made.setDaemon(true);
            return made;
        });
    }

    @Override
    public void execute(Runnable task) {
        try {
            executor.execute(() -> guarded(task));
        } catch (RejectedExecutionException ended) {
            LOG.debug("{} has ended, and drops a task", name);
        }
    }

    /** Returns whether the task has run within the time; it goes on if not. */
    boolean await(Runnable task, long timeMs) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        execute(() -> {
            try {
                task.run();
            } finally {
                done.complete(null);
            }
        });
        try {
            done.get(timeMs, TimeUnit.MILLISECONDS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("completed with null only", e);
        } catch (TimeoutException e) {
            return false;
        }
    }

    /** Ends it; a task that runs is interrupted, those that wait are dropped. */
    void end() {
        executor.shutdownNow();
    }

    private void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOG.error("a task of {} failed", name, e);
        }
    }
}
