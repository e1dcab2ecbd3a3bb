package io.jackfield.broker.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.dispatch.DispatchLimits;
import io.jackfield.broker.dispatch.DispatchSnapshot;
import io.jackfield.broker.dispatch.Dispatcher;
import io.jackfield.broker.loop.Clock;
import io.jackfield.broker.loop.netty.NettyLoop;
import io.jackfield.broker.loop.netty.Polling;
import io.jackfield.broker.model.Envelope;
import io.jackfield.broker.model.Envelope.Traits;
import io.jackfield.broker.model.Frames;
import io.jackfield.protocol.Headers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A real loop with a real dispatcher, for what serves on it. */
final class Bench implements AutoCloseable {
    private static final long TICK_MS = 5;
    private static final long POLL_MS = 5;

    final NettyLoop loop;
    final Clock clock = Clock.system();
    final Dispatcher dispatcher;
    private final Queue<Error> errors = new ConcurrentLinkedQueue<>();

    Bench() {
        this(DispatchLimits.DEFAULT);
    }

    Bench(DispatchLimits limits) {
        loop = new NettyLoop("plugin-test", Polling.best(), errors::add);
        dispatcher = new Dispatcher(limits, Map.of(), clock.nowNs());
        loop.every(TICK_MS, () -> dispatcher.tick(clock.nowNs()));
    }

    Asked ask(String service, String body) {
        return ask(service, Headers.EMPTY, Frames.of(body.getBytes(StandardCharsets.UTF_8)), Traits.NONE);
    }

    Asked ask(String service, Headers headers, Frames body, Traits traits) {
        Asked asked = new Asked();
        loop.post(() -> asked.begin(dispatcher, new Envelope(service, headers, body, traits, asked)));
        return asked;
    }

    /** On the loop. */
    Asked askNow(String service, String body) {
        Asked asked = new Asked();
        Frames frames = Frames.of(body.getBytes(StandardCharsets.UTF_8));
        asked.begin(dispatcher, new Envelope(service, Headers.EMPTY, frames, Traits.NONE, asked));
        return asked;
    }

    void cancel(Asked asked) {
        loop.post(asked::cancel);
    }

    <T> T onLoop(Callable<T> question) throws Exception {
        CompletableFuture<T> answer = new CompletableFuture<>();
        loop.post(() -> {
            try {
                answer.complete(question.call());
            } catch (Exception e) {
                answer.completeExceptionally(e);
            }
        });
        return answer.get(Asked.WAIT_S, TimeUnit.SECONDS);
    }

    DispatchSnapshot snapshot() throws Exception {
        return onLoop(dispatcher::snapshot);
    }

    int creditOfTheOnlyWorker() {
        try {
            return snapshot().workers().get(0).credit();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Nothing is left of any request: every credit has come back. */
    void awaitNothingInFlight() throws Exception {
        await("requests are still in flight", () -> {
            try {
                DispatchSnapshot now = snapshot();
                return now.inFlight() == 0 && now.requestBytes() == 0;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    static void await(String complaint, BooleanSupplier condition) throws InterruptedException {
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(Asked.WAIT_S);
        CountDownLatch never = new CountDownLatch(1);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < endNs, complaint + " after " + Asked.WAIT_S + " s");
            assertEquals(false, never.await(POLL_MS, TimeUnit.MILLISECONDS));
        }
    }

    @Override
    public void close() {
        loop.close();
        assertEquals(0, loop.failures(), "commands of the loop that threw");
        assertTrue(errors.isEmpty(), errors::toString);
    }
}
