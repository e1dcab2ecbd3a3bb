package io.jackfield.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.api.Reply;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The clock goes on by 10 us each time it is looked at. */
final class PatienceTest {

    private static final int ENOUGH_CALLS = 1_000;

    private final ExecutorRig rig = new ExecutorRig();
    private final AtomicLong nowNs = new AtomicLong();
    private final HostTime time = new HostTime(() -> nowNs.addAndGet(10_000), () -> Instant.EPOCH);
    private final WaitingCalls waiting = new WaitingCalls(10);

    @AfterEach
    void close() {
        rig.close();
    }

    private static void earn(Patience patience, int calls) {
        for (int i = 0; i < calls; i++) {
            patience.earn();
        }
    }

    @Test
    void shouldNotWaitForWhatFewCallsHaveEarned() {
        Patience patience = new Patience(time, true);
        earn(patience, 99);
        assertNull(patience.await(waiting));
        assertEquals(0, nowNs.get());
        assertEquals(0, patience.waitedNs());
    }

    @Test
    void shouldWaitAsLongAsItMayAndThenHaveToEarnItAnew() {
        Patience patience = new Patience(time, true);
        earn(patience, ENOUGH_CALLS);
        assertNull(patience.await(waiting));
        assertEquals(100_000, patience.waitedNs());

        long beforeNs = nowNs.get();
        earn(patience, 99);
        assertNull(patience.await(waiting));
        assertEquals(beforeNs, nowNs.get());
        assertEquals(0, patience.waitedNs());
    }

    @Test
    void shouldTakeWhatWaitsAtOnce() {
        HandlerExecutor executor = rig.open(1, 10, (request, context) -> Reply.text(""));
        HandlerCall call = executor.prepare(ExecutorRig.REQUEST, 0, ExecutorRig.FAR, new Answer());
        assertEquals(1, waiting.add(List.of(call), 0));
        Patience patience = new Patience(time, true);
        earn(patience, ENOUGH_CALLS);
        assertSame(call, patience.await(waiting));
        assertEquals(0, nowNs.get());
        assertTrue(waiting.isEmpty());
    }

    @Test
    void shouldNotWaitWhereItWouldOnlyKeepOthersFromWorking() {
        Patience patience = new Patience(time, false);
        earn(patience, ENOUGH_CALLS);
        assertNull(patience.await(waiting));
        assertEquals(0, nowNs.get());
    }
}
