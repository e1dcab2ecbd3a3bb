package io.jackfield.broker.loop;

/** The way onto the broker loop for every other thread. */
public interface Mailbox {
    /**
     * Has the loop run the command, after those posted before it. Any thread may call this; on the loop itself the command runs in a later
     * turn. A command that throws is logged and counted, and the loop goes on.
     *
     * @return false if the loop has ended and will not run it
     */
    boolean post(Runnable command);

    /**
     * The same, but a loop that sleeps need not be woken: the command may wait for its next turn, whatever brings that, its own timers at the
     * latest.
     */
    default boolean postUnhurried(Runnable command) {
        return post(command);
    }

    /** Whether the calling thread is the loop's own. */
    boolean onLoop();
}
