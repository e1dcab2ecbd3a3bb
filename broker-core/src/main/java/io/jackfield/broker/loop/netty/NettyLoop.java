package io.jackfield.broker.loop.netty;

import io.jackfield.broker.loop.Mailbox;
import io.jackfield.broker.loop.Timers;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadEventLoop;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.netty.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker loop: one thread that runs one Netty event loop. It owns every connection, queue, table and timer of the broker; the methods
 * here may be called by any thread unless they say otherwise.
 *
 * <p>The loop survives every {@link Exception}: it is logged and counted. An {@link Error} goes to the fatal handler, which is expected to
 * end the process.
 */
public final class NettyLoop implements Mailbox, Timers, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NettyLoop.class);
    private static final long CLOSE_TIME_MS = 5_000;
    private static final Timer NEVER = () -> {};

    private final Polling polling;
    private final Consumer<Error> fatal;
    private final EventLoopGroup group;
    private final SingleThreadEventLoop loop;
    private final LongAdder failures = new LongAdder();

    /**
     * Starts nothing yet: the thread starts with the first command.
     *
     * @param threadName name of the one thread
     * @param fatal told of every {@link Error}, on the loop's thread
     */
    public NettyLoop(String threadName, Polling polling, Consumer<Error> fatal) {
        this.polling = polling;
        this.fatal = fatal;
        this.group = new MultiThreadIoEventLoopGroup(
                1, (ThreadFactory) body -> new FastThreadLocalThread(body, threadName), polling.ioHandler());
        this.loop = (SingleThreadEventLoop) group.next();
    }

    @Override
    public boolean post(Runnable command) {
        try {
            loop.execute(guarded(command));
            return true;
        } catch (RejectedExecutionException ended) {
            return false;
        }
    }

    @Override
    public boolean postUnhurried(Runnable command) {
        try {
            loop.lazyExecute(guarded(command));
            return true;
        } catch (RejectedExecutionException ended) {
            return false;
        }
    }

    @Override
    public Timer every(long intervalMs, Runnable command) {
        try {
            return cancelling(
                    loop.scheduleWithFixedDelay(guarded(command), intervalMs, intervalMs, TimeUnit.MILLISECONDS));
        } catch (RejectedExecutionException ended) {
            return NEVER;
        }
    }

    @Override
    public Timer after(long delayMs, Runnable command) {
        try {
            return cancelling(loop.schedule(guarded(command), delayMs, TimeUnit.MILLISECONDS));
        } catch (RejectedExecutionException ended) {
            return NEVER;
        }
    }

    /**
     * Has the command run at the end of the loop's turn, after its input and its commands, before it sleeps. Called on the loop; the
     * command should be {@link #guarded}.
     */
    public void afterTurn(Runnable command) {
        loop.executeAfterEventLoopIteration(command);
    }

    /** The command, with whatever it throws handed to {@link #failed}. */
    public Runnable guarded(Runnable command) {
        return () -> {
            try {
                command.run();
            } catch (Exception | Error failure) {
                failed("a command of the broker loop", failure);
            }
        };
    }

    /** Says that something on the loop threw: logs and counts an exception, hands an error to the fatal handler. */
    public void failed(String what, Throwable failure) {
        failures.increment();
        LOG.error("{} failed", what, failure);
        if (failure instanceof Error error) {
            fatal.accept(error);
        }
    }

    /** How many times {@link #failed} was told of something. */
    public long failures() {
        return failures.sum();
    }

    @Override
    public boolean onLoop() {
        return loop.inEventLoop();
    }

    /** The event loop, as a group of one, for channels that are to live on it. */
    public EventLoopGroup group() {
        return group;
    }

    /** How it polls, and which channels fit it. */
    public Polling polling() {
        return polling;
    }

    /** Closes what channels are still open and ends the thread; waits for that, up to 5 s, unless called on the loop. */
    @Override
    public void close() {
        Future<?> ended = group.shutdownGracefully(0, CLOSE_TIME_MS, TimeUnit.MILLISECONDS);
        if (!onLoop()) {
            ended.awaitUninterruptibly(CLOSE_TIME_MS);
        }
    }

    private static Timer cancelling(Future<?> scheduled) {
        return () -> scheduled.cancel(false);
    }
}
