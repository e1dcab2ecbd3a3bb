package io.jackfield.broker.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.api.AsyncHandler;
import io.jackfield.api.Reply;
import io.jackfield.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The room of calls that nobody waits for: all of them share one, for as long as the broker runs. */
final class PartialRoomTest {
    private static final int BYTES_MAX = 1 << 20;

    /** Each of them with room for all bytes would be more than a semaphore can count. */
    private static final int CALLS = 2_100;

    private static final int CONCURRENCY = 100;

    @Test
    void shouldBeClosedAndGivenBackToAnyNumberOfTimes() {
        for (int i = 0; i < 3_000; i++) {
            PartialRoom.CLOSED.close();
            PartialRoom.CLOSED.give(BYTES_MAX);
            PartialRoom.CLOSED.take(BYTES_MAX);
        }
    }

    @Test
    void shouldLetGoOfAllThatWaitForItOnceItIsClosed() throws Exception {
        PartialRoom room = new PartialRoom();
        room.take(BYTES_MAX);
        CountDownLatch over = new CountDownLatch(3);
        for (int i = 0; i < 3; i++) {
            Thread waiting = new Thread(() -> {
                room.take(BYTES_MAX);
                over.countDown();
            });
            waiting.setDaemon(true);
            waiting.start();
        }

        room.close();
        room.give(BYTES_MAX);

        assertTrue(over.await(Asked.WAIT_S, TimeUnit.SECONDS));
    }

    @Test
    void shouldBearAnyNumberOfCancelledCalls() throws Exception {
        AsyncHandler hanging = (request, context) -> new CompletableFuture<>();
        try (Bench bench = new Bench();
                Served served = Served.of(
                        bench,
                        Served.threaded("s", CONCURRENCY, hanging),
                        Served.threaded("t", 1, (request, context) -> Reply.text("after")))) {
            for (int i = 0; i < CALLS / CONCURRENCY; i++) {
                List<Asked> all = new ArrayList<>();
                for (int j = 0; j < CONCURRENCY; j++) {
                    all.add(bench.ask("s", ""));
                }
                assertEquals(CONCURRENCY, bench.snapshot().inFlight(), "requests that the handler has");
                all.forEach(bench::cancel);
                for (Asked asked : all) {
                    asked.failure(ErrorCode.CANCELLED);
                }
                bench.awaitNothingInFlight();
            }

            assertEquals("after", bench.ask("t", "").text());
            Bench.await("a call has not given its permit back", () -> served.inFlight() == 0);
        }
    }
}
