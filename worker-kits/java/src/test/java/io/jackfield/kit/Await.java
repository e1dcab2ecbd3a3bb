package io.jackfield.kit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What tests of workers wait for. */
final class Await {
    private static final long DEADLINE_S = 10;

    private Await() {}

    /** What a handler does that does not let go when it is interrupted. */
    static void whateverComes(CountDownLatch latch) {
        boolean waits = true;
        while (waits) {
            try {
                latch.await();
                waits = false;
            } catch (InterruptedException e) {
                waits = true;
            }
        }
    }

    /** Drains on another thread; gives what that comes to. */
    static CompletableFuture<Boolean> draining(Worker worker) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return worker.drain(Duration.ofSeconds(30));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    static void inFlight(Worker worker, int requests) {
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (worker.inFlight() != requests) {
            assertTrue(System.nanoTime() < endNs, () -> "in flight: " + worker.inFlight());
            Thread.onSpinWait();
        }
    }
}
