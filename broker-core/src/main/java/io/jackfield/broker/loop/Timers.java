package io.jackfield.broker.loop;

/** Repeated and delayed work on the broker loop. */
public interface Timers {
    /** Has the loop run the command every {@code intervalMs} until the returned handle is closed. Any thread may call this and close. */
    Timer every(long intervalMs, Runnable command);

    /** Has the loop run the command once, not before {@code delayMs}. */
    Timer after(long delayMs, Runnable command);

    /** Stops what it was returned for. */
    interface Timer extends AutoCloseable {
        @Override
        void close();
    }
}
