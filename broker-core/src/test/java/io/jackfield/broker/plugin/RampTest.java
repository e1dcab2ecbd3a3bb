package io.jackfield.broker.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.plugin.CallWatch.Counts;
import io.jackfield.broker.plugin.RampPlan.Bounds;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The decisions of a ramp, stepped by hand. */
final class RampTest {
    private static final long MS = 1_000_000;
    private static final Counts NONE = new Counts(0, 0, 0);
    private static final RampPlan BY_TIME = new RampPlan(List.of(1, 50, 100), 1000, 0, new Bounds(5, 100, 10));
    private static final RampPlan BY_REQUESTS = new RampPlan(List.of(10, 100), 0, 20, new Bounds(5, 0, 10));

    @Test
    void shouldGoUpByTimeAndEnd() {
        Ramp ramp = new Ramp(BY_TIME, 0);
        assertEquals(1, ramp.percent());
        ramp.look(999 * MS, NONE, NONE);
        assertEquals(1, ramp.percent());
        ramp.look(1000 * MS, NONE, NONE);
        assertEquals(50, ramp.percent());
        ramp.look(2000 * MS, NONE, NONE);
        assertEquals(100, ramp.percent());
        assertFalse(ramp.isOver());
        ramp.look(3000 * MS, NONE, NONE);
        assertTrue(ramp.isOver());
        assertEquals(Optional.empty(), ramp.fault());
    }

    @Test
    void shouldGoUpByRequestsOfTheNewGeneration() {
        Ramp ramp = new Ramp(BY_REQUESTS, 0);
        ramp.look(1_000_000 * MS, new Counts(19, 0, 0), new Counts(1000, 0, 0));
        assertEquals(10, ramp.percent());
        ramp.look(1_000_001 * MS, new Counts(20, 0, 0), NONE);
        assertEquals(100, ramp.percent());
        ramp.look(1_000_002 * MS, new Counts(39, 0, 0), NONE);
        assertFalse(ramp.isOver());
        ramp.look(1_000_003 * MS, new Counts(40, 0, 0), NONE);
        assertTrue(ramp.isOver());
    }

    @Test
    void shouldEndAtOnceWhenTooManyRequestsFail() {
        Ramp ramp = new Ramp(BY_TIME, 0);
        ramp.look(1, new Counts(9, 9, 0), NONE);
        assertFalse(ramp.isOver(), "too few to judge");
        ramp.look(2, new Counts(10, 1, 0), NONE);
        assertTrue(ramp.isOver());
        assertEquals(
                Optional.of("1 of 10 requests failed, 10.0 % (expected: at most 5.0 %;"
                        + " of the former generation 0.0 % failed)"),
                ramp.fault());
        ramp.look(5000 * MS, NONE, NONE);
        assertEquals(1, ramp.percent());
    }

    @Test
    void shouldJudgeFewRequestsAtTheEndOfAStep() {
        Ramp ramp = new Ramp(BY_TIME, 0);
        ramp.look(1000 * MS, new Counts(2, 1, 0), NONE);
        assertTrue(ramp.fault().isPresent());
    }

    @Test
    void shouldBearWhatFailsAtTheFormerGenerationToo() {
        Ramp ramp = new Ramp(BY_TIME, 0);
        ramp.look(1, new Counts(100, 24, 0), new Counts(100, 20, 0));
        assertFalse(ramp.isOver());
        ramp.look(2, new Counts(100, 26, 0), new Counts(100, 20, 0));
        assertTrue(ramp.isOver());
    }

    @Test
    void shouldEndWhenTooManyRequestsAreSlow() {
        Ramp ramp = new Ramp(BY_TIME, 0);
        ramp.look(1, new Counts(100, 0, 5), NONE);
        assertFalse(ramp.isOver());
        ramp.look(2, new Counts(100, 0, 6), NONE);
        assertEquals(Optional.of("6 of 100 requests took more than 100 ms (expected: at most 5 %)"), ramp.fault());
    }

    @Test
    void shouldCountCallsByHowTheyEnd() {
        CallWatch watch = new CallWatch(10);
        for (long token = 1; token <= 5; token++) {
            watch.began(token, 0, 100 * MS);
        }
        watch.ended(1, false, 10 * MS);
        watch.ended(2, true, 11 * MS);
        watch.cancelled(3, 50 * MS);
        watch.cancelled(4, 100 * MS);
        watch.ended(4, false, 101 * MS);
        watch.ended(77, true, 0);
        assertEquals(new Counts(3, 2, 2), watch.counts());
    }
}
