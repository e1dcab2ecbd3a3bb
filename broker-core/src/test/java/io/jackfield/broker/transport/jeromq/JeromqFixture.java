package io.jackfield.broker.transport.jeromq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.loop.Clock;
import io.jackfield.broker.loop.netty.NettyLoop;
import io.jackfield.broker.loop.netty.Polling;
import io.jackfield.broker.transport.Transport;
import io.jackfield.broker.transport.TransportContract;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A JeroMQ transport beside a loop of its own. */
public final class JeromqFixture implements TransportContract.Fixture {
    private static final long WAIT_S = 20;

    private final BlockingQueue<Error> fatal = new LinkedBlockingQueue<>();
    private final NettyLoop loop;
    private final JeromqTransport transport;

    JeromqFixture(JeromqLimits limits) {
        this.loop = new NettyLoop("test-loop", Polling.best(), fatal::add);
        this.transport = new JeromqTransport(loop, Clock.system(), limits);
    }

    /** With limits that no test meets. */
    public static JeromqFixture unlimited() {
        return new JeromqFixture(JeromqLimits.DEFAULT);
    }

    @Override
    public Transport transport() {
        return transport;
    }

    @Override
    public NettyLoop loop() {
        return loop;
    }

    JeromqTransport jeromq() {
        return transport;
    }

    String bind(Transport.Acceptor acceptor) throws Exception {
        return transport.bind("tcp://127.0.0.1:0", acceptor).address();
    }

    /** Asks again and again until it is so. */
    static void await(String what, BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_S);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadlineNs, "not so after " + WAIT_S + " s: " + what);
            Thread.onSpinWait();
        }
    }

    /** Expects that no memory and no fatal error is left. */
    @Override
    public void close() {
        transport.close();
        loop.close();
        assertEquals(0, transport.inputBytes());
        assertTrue(fatal.isEmpty(), () -> "fatal: " + fatal);
    }
}
