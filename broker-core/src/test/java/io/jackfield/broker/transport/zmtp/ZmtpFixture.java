package io.jackfield.broker.transport.zmtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.loop.Clock;
import io.jackfield.broker.loop.netty.NettyLoop;
import io.jackfield.broker.loop.netty.Polling;
import io.jackfield.broker.transport.Transport;
import io.jackfield.broker.transport.TransportContract;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** A ZMTP transport on a loop of its own. */
public final class ZmtpFixture implements TransportContract.Fixture {
    private static final long WAIT_S = 20;

    private final BlockingQueue<Error> fatal = new LinkedBlockingQueue<>();
    private final NettyLoop loop;
    private final ZmtpTransport transport;

    ZmtpFixture(Polling polling, ZmtpLimits limits) {
        this(polling, limits, new SplittableRandom(1));
    }

    ZmtpFixture(Polling polling, ZmtpLimits limits, RandomGenerator random) {
        this.loop = new NettyLoop("test-loop", polling, fatal::add);
        this.transport = new ZmtpTransport(loop, Clock.system(), limits, random);
    }

    /** With the limits of nobody in particular. */
    public static ZmtpFixture on(Polling polling) {
        return new ZmtpFixture(polling, ZmtpLimits.builder().build());
    }

    @Override
    public Transport transport() {
        return transport;
    }

    @Override
    public NettyLoop loop() {
        return loop;
    }

    String bind(Transport.Acceptor acceptor) throws Exception {
        return transport.bind("tcp://127.0.0.1:0", acceptor).address();
    }

    ZmtpTransport zmtp() {
        return transport;
    }

    /** Asks something on the loop. */
    <T> T onLoop(Callable<T> question) throws Exception {
        CompletableFuture<T> answer = new CompletableFuture<>();
        loop.post(() -> {
            try {
                answer.complete(question.call());
            } catch (Exception | Error failure) {
                answer.completeExceptionally(failure);
            }
        });
        return answer.get(WAIT_S, TimeUnit.SECONDS);
    }

    /** Asks on the loop, again and again, until it is so. */
    void await(String what, Callable<Boolean> condition) throws Exception {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_S);
        while (!onLoop(condition)) {
            assertTrue(System.nanoTime() < deadlineNs, "not so after " + WAIT_S + " s: " + what);
        }
    }

    /** Lets that much time pass, by the loop's own timer. */
    void pause(long timeMs) throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        loop.after(timeMs, over::countDown);
        assertTrue(over.await(WAIT_S, TimeUnit.SECONDS));
    }

    long refused(Refusal refusal) throws Exception {
        return onLoop(() -> transport.counters().refused(refusal));
    }

    /** Expects that no connection, no memory and no fatal error is left. */
    @Override
    public void close() {
        transport.close();
        loop.close();
        assertEquals(0, transport.connections());
        assertEquals(0, transport.inputBytes());
        assertEquals(0, transport.outputBudget().usedBytes());
        assertTrue(fatal.isEmpty(), () -> "fatal: " + fatal);
    }
}
