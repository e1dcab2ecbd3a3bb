package io.jackfield.broker.plugin;

import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Code of a plugin that may never come back, on a daemon thread of its own: whoever waits for it has a limit of time, and the thread is left
 * behind where it ignores its interrupt. For any thread.
 */
final class TimedTask<T> {
    private static final Logger LOG = LoggerFactory.getLogger(TimedTask.class);

    private final CompletableFuture<T> result = new CompletableFuture<>();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final Thread thread;

    private TimedTask(String name, Callable<T> code, Consumer<T> tooLate) {
        // Nothing is inherited: the thread that asks may be one of another plugin.
        thread = new Thread(null, () -> run(code, tooLate), name, 0, false);
        thread.setContextClassLoader(TimedTask.class.getClassLoader());
        thread.setDaemon(true);
    }

    /**
     * Begins.
     *
     * @param limitMs after which it is interrupted, and its result is {@link TimeoutException} with where it is as its message
     * @param tooLate gets what comes after that, on the task's own thread
     */
    static <T> TimedTask<T> start(String name, Callable<T> code, long limitMs, Consumer<T> tooLate) {
        TimedTask<T> task = new TimedTask<>(name, code, tooLate);
        task.thread.start();
        CompletableFuture<T> limited = new CompletableFuture<T>().orTimeout(limitMs, TimeUnit.MILLISECONDS);
        task.result().whenComplete((value, thrown) -> limited.cancel(false));
        CompletionStage<T> timer = limited;
        timer.whenComplete((never, thrown) -> {
            if (thrown instanceof TimeoutException) {
                task.timeIsOver();
            }
        });
        return task;
    }

    /** Completes on the task's thread or a timer's; never with a value that was also given to {@code tooLate}. */
    CompletionStage<T> result() {
        return result;
    }

    /** Completes on the task's thread when its code has come back, in time or not; perhaps never. */
    CompletionStage<Void> end() {
        return end;
    }

    void interrupt() {
        thread.interrupt();
    }

    /** Waits until its thread has ended, or is given up. */
    boolean join(long timeMs) {
        try {
            thread.join(Math.max(1, timeMs));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    /** What a task's failure was, without what futures wrap around it. */
    static Throwable cause(Throwable thrown) {
        boolean wrapped = thrown instanceof ExecutionException || thrown instanceof CompletionException;
        Throwable inner = thrown.getCause();
        return wrapped && inner != null ? inner : thrown;
    }

    private void timeIsOver() {
        StackTraceElement[] stack = thread.getStackTrace();
        // Code of the JDK is where everything waits; whoever called it is to be named.
        String where = Arrays.stream(stack)
                .filter(frame -> frame.getModuleName() == null)
                .findFirst()
                .or(() -> Arrays.stream(stack).findFirst())
                .map(StackTraceElement::toString)
                .orElse("nothing that can be seen");
        if (result.completeExceptionally(new TimeoutException(where))) {
            thread.interrupt();
        }
    }

    private void run(Callable<T> code, Consumer<T> tooLate) {
        try {
            T value = code.call();
            if (!result.complete(value)) {
                tooLate.accept(value);
            }
        } catch (Throwable thrown) {
            // Code of a plugin: an Error of it ends this task and nothing else.
            if (!result.completeExceptionally(thrown)) {
                LOG.debug(
                        "{} failed after its time was over",
                        Thread.currentThread().getName(),
                        thrown);
            }
        } finally {
            end.complete(null);
        }
    }
}
