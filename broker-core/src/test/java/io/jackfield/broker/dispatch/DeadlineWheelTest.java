package io.jackfield.broker.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.model.Envelope.Traits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeadlineWheelTest {
    private static final long MS = 1_000_000;
    private static final long SLOT_NS = 1 << 23;

    /** The wheel goes round once in so long. */
    private static final long ROUND_NS = 1024 * SLOT_NS;

    private static final Dispatcher ANY = new Dispatcher(DispatchLimits.DEFAULT, Map.of(), 0);

    private final List<Assignment> told = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 123_456_789_012L, -1, -8_000_000, -123_456_789_012L, Long.MIN_VALUE / 2})
    void shouldTellNeverEarlyAndLateByAtMostASlotWhateverTheOriginOfTime(long startNs) {
        DeadlineWheel wheel = new DeadlineWheel(startNs);
        Random random = new Random(7);
        List<Assignment> all = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            all.add(added(wheel, startNs + (long) (random.nextDouble() * 3 * ROUND_NS)));
        }
        long stepNs = 3 * MS;
        long nowNs = startNs;
        while (wheel.count() > 0) {
            nowNs += stepNs;
            long now = nowNs;
            wheel.expire(now, due -> {
                assertTrue(now >= due.wheelDeadlineNs, "early");
                assertTrue(now - due.wheelDeadlineNs <= SLOT_NS + stepNs, "late by " + (now - due.wheelDeadlineNs));
                told.add(due);
            });
        }
        assertEquals(all.size(), told.size());
        assertTrue(told.containsAll(all));
    }

    @Test
    void shouldTellAtOnceWhatIsOverWhenItIsAdded() {
        DeadlineWheel wheel = new DeadlineWheel(0);
        wheel.expire(100 * MS, told::add);
        Assignment past = added(wheel, 50 * MS);
        wheel.expire(108 * MS, told::add);
        assertEquals(List.of(past), told);
    }

    @Test
    void shouldTellEverythingOnceAfterAPauseOfManyRounds() {
        DeadlineWheel wheel = new DeadlineWheel(0);
        List<Assignment> all = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            all.add(added(wheel, i * SLOT_NS));
        }
        Assignment later = added(wheel, 20 * ROUND_NS);
        wheel.expire(10 * ROUND_NS, told::add);
        assertEquals(all.size(), told.size());
        assertTrue(told.containsAll(all));
        assertEquals(1, wheel.count());
        wheel.expire(20 * ROUND_NS + SLOT_NS, told::add);
        assertEquals(later, told.get(told.size() - 1));
    }

    @Test
    void shouldKeepAFarDeadlineThroughManyRounds() {
        DeadlineWheel wheel = new DeadlineWheel(0);
        Assignment far = added(wheel, 30 * ROUND_NS + MS);
        for (long nowNs = 0; nowNs <= 30 * ROUND_NS; nowNs += 100 * MS) {
            wheel.expire(nowNs, told::add);
        }
        assertEquals(List.of(), told);
        wheel.expire(30 * ROUND_NS + MS + SLOT_NS, told::add);
        assertEquals(List.of(far), told);
    }

    @Test
    void shouldNotTellWhatWasRemoved() {
        DeadlineWheel wheel = new DeadlineWheel(0);
        Assignment first = added(wheel, MS);
        Assignment second = added(wheel, MS);
        Assignment third = added(wheel, MS);
        wheel.remove(second);
        wheel.remove(second);
        assertEquals(2, wheel.count());
        wheel.expire(20 * MS, told::add);
        assertEquals(List.of(first, third), told);
    }

    @Test
    void shouldNotTellWhatTheConsumerRemoves() {
        DeadlineWheel wheel = new DeadlineWheel(0);
        List<Assignment> all = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            all.add(added(wheel, i * MS));
        }
        wheel.expire(50 * MS, due -> {
            told.add(due);
            all.forEach(wheel::remove);
        });
        assertEquals(1, told.size());
        assertEquals(0, wheel.count());
    }

    @Test
    void shouldTellWhatTheConsumerAddsInItsTurn() {
        DeadlineWheel wheel = new DeadlineWheel(0);
        added(wheel, MS);
        wheel.expire(50 * MS, due -> {
            told.add(due);
            if (told.size() < 3) {
                due.wheelDeadlineNs = 30 * MS;
                wheel.add(due);
            }
        });
        wheel.expire(58 * MS, told::add);
        wheel.expire(66 * MS, told::add);
        assertEquals(3, told.size());
        assertEquals(0, wheel.count());
    }

    @Test
    void shouldNotSearchAnewThroughWhatIsNotDue() {
        DeadlineWheel wheel = new DeadlineWheel(0);
        int many = 100_000;
        for (int i = 0; i < many; i++) {
            added(wheel, MS);
        }
        // In the same slot, in front of those that are due, one round later.
        for (int i = 0; i < many; i++) {
            added(wheel, MS + ROUND_NS);
        }
        assertTimeout(Duration.ofSeconds(5), () -> wheel.expire(20 * MS, told::add));
        assertEquals(many, told.size());
        assertEquals(many, wheel.count());
    }

    private static Assignment added(DeadlineWheel wheel, long deadlineNs) {
        Asked asked = new Asked("s", "", Traits.PLAIN, () -> {});
        Assignment assignment =
                new Assignment(ANY, ANY_SERVICE, asked.envelope, Assignment.charged(asked.envelope), deadlineNs);
        wheel.add(assignment);
        return assignment;
    }

    private static final Service ANY_SERVICE = new Service(ANY, "s", ServiceSettings.DEFAULT);
}
