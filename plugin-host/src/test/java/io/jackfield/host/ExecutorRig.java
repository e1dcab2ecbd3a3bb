package io.jackfield.host;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.api.Handler;
import io.jackfield.api.Reply;
import io.jackfield.api.Request;
import io.jackfield.host.codec.BodyCodec;
import io.jackfield.host.config.ConfigNode;
import io.jackfield.host.config.PluginConfig;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/** Executors of handlers that the test writes down, with a clock that the test sets. */
final class ExecutorRig {

    static final Request REQUEST = Request.of("s", new byte[0]);
    static final long FAR = Long.MAX_VALUE / 2;

    final AtomicLong nowNs = new AtomicLong();

    /** Looks when the test says so. */
    final InlineWatch watch = new InlineWatch(50);

    private final List<HandlerExecutor> opened = new ArrayList<>();

    void close() {
        opened.forEach(HandlerExecutor::close);
    }

    HandlerExecutor open(int concurrency, int queueLengthMax, Handler handler) {
        return open(concurrency, queueLengthMax, false, handler);
    }

    HandlerExecutor open(int concurrency, int queueLengthMax, boolean nonBlocking, Handler handler) {
        HostTime time = new HostTime(nowNs::get, () -> Instant.EPOCH);
        ConfigNode nothing = ConfigNode.empty("");
        PluginConfig config = new PluginConfig("", () -> nothing);
        BodyCodec bodies = new BodyCodec(ExecutorRig.class.getClassLoader());
        CallContext.Surroundings surroundings =
                new CallContext.Surroundings(new PluginLogger("p"), config, bodies, time);
        HandlerExecutor executor = new HandlerExecutor(
                new Declared("s", "0", 0, concurrency, false, nonBlocking),
                handler,
                surroundings,
                "p#1-s",
                queueLengthMax);
        opened.add(executor);
        return executor;
    }

    /** An executor of a non-blocking handler that has run once, with an empty request, and whose calls now run inline. */
    HandlerExecutor openInline(Handler handler) throws Exception {
        AtomicBoolean warm = new AtomicBoolean();
        HandlerExecutor executor = open(
                1,
                10,
                true,
                (request, context) -> warm.getAndSet(true) ? handler.handle(request, context) : Reply.text("warm"));
        inline(executor).text();
        await("it runs inline", executor::runsInline);
        return executor;
    }

    Answer inline(HandlerExecutor executor) {
        Answer answer = new Answer();
        executor.executeInline(REQUEST, FAR, answer, watch);
        return answer;
    }

    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(Answer.WAIT_SECONDS);
        CountDownLatch never = new CountDownLatch(1);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < endNs, () -> "not after " + Answer.WAIT_SECONDS + " s: " + what);
            assertFalse(never.await(1, TimeUnit.MILLISECONDS));
        }
    }

    static Answer run(HandlerExecutor executor) {
        return run(executor, FAR);
    }

    static Answer run(HandlerExecutor executor, long deadlineNs) {
        Answer answer = new Answer();
        executor.execute(REQUEST, deadlineNs, answer);
        return answer;
    }
}
