package io.jackfield.broker.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
    private static final long TICK_NS = 1 << 23;

    /** The wheel goes round once in so long. */
    private static final long ROUND_NS = 1024 * TICK_NS;

    private static final Dispatcher ANY = new Dispatcher(DispatchLimits.DEFAULT, Map.of(), 0);

    private final AssignmentTable table = new AssignmentTable();
    private final List<Assignment> told = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 123_456_789_012L, -1, -8_000_000, -123_456_789_012L, Long.MIN_VALUE / 2})
    void shouldTellNeverEarlyAndLateByAtMostATickWhateverTheOriginOfTime(long startNs) {
        DeadlineWheel wheel = new DeadlineWheel(table, startNs);
        Random random = new Random(7);
        List<Assignment> all = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            all.add(added(wheel, startNs + (long) (random.nextDouble() * 3 * ROUND_NS)));
        }
        long stepNs = 3 * MS;
        long nowNs = startNs;
        while (table.count() > 0) {
            nowNs += stepNs;
            long now = nowNs;
            wheel.expire(now, due -> {
                assertTrue(now >= due.wheelDeadlineNs, "early");
                assertTrue(now - due.wheelDeadlineNs <= TICK_NS + stepNs, "late by " + (now - due.wheelDeadlineNs));
                end(due);
            });
        }
        assertEquals(all.size(), told.size());
        assertTrue(told.containsAll(all));
    }

    @Test
    void shouldTellAtOnceWhatIsOverWhenItIsAdded() {
        DeadlineWheel wheel = new DeadlineWheel(table, 0);
        wheel.expire(100 * MS, told::add);
        Assignment past = added(wheel, 50 * MS);
        wheel.expire(108 * MS, told::add);
        assertEquals(List.of(past), told);
    }

    @Test
    void shouldTellEverythingOnceAfterAPauseOfManyRounds() {
        DeadlineWheel wheel = new DeadlineWheel(table, 0);
        List<Assignment> all = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            all.add(added(wheel, i * TICK_NS));
        }
        Assignment later = added(wheel, 20 * ROUND_NS);
        wheel.expire(10 * ROUND_NS, this::end);
        assertEquals(all.size(), told.size());
        assertTrue(told.containsAll(all));
        assertTrue(wheel.contains(later));
        wheel.expire(20 * ROUND_NS + TICK_NS, this::end);
        assertEquals(later, told.get(told.size() - 1));
    }

    @Test
    void shouldKeepAFarDeadlineThroughManyRounds() {
        DeadlineWheel wheel = new DeadlineWheel(table, 0);
        Assignment far = added(wheel, 30 * ROUND_NS + MS);
        for (long nowNs = 0; nowNs <= 30 * ROUND_NS; nowNs += 100 * MS) {
            wheel.expire(nowNs, told::add);
        }
        assertEquals(List.of(), told);
        wheel.expire(30 * ROUND_NS + MS + TICK_NS, told::add);
        assertEquals(List.of(far), told);
    }

    @Test
    void shouldNotTellWhatHasEnded() {
        DeadlineWheel wheel = new DeadlineWheel(table, 0);
        Assignment first = added(wheel, MS);
        Assignment second = added(wheel, MS);
        Assignment third = added(wheel, MS);
        table.remove(second);
        wheel.expire(20 * MS, told::add);
        assertEquals(List.of(first, third), told);
    }

    @Test
    void shouldNotTellWhatTheConsumerEnds() {
        DeadlineWheel wheel = new DeadlineWheel(table, 0);
        for (int i = 0; i < 10; i++) {
            added(wheel, i * MS);
        }
        wheel.expire(50 * MS, due -> {
            told.add(due);
            endAll();
        });
        assertEquals(1, told.size());
        wheel.expire(ROUND_NS, told::add);
        assertEquals(1, told.size());
    }

    @Test
    void shouldTellWhoGetsTheSlotOfAnotherAtItsOwnTime() {
        DeadlineWheel wheel = new DeadlineWheel(table, 0);
        Assignment early = added(wheel, 30 * MS);
        int slot = early.slot;
        table.remove(early);
        Assignment late = added(wheel, 5 * ROUND_NS);
        assertEquals(slot, late.slot);
        table.remove(late);
        Assignment earlier = added(wheel, 10 * MS);
        assertEquals(slot, earlier.slot);
        wheel.expire(10 * MS + TICK_NS, this::end);
        assertEquals(List.of(earlier), told);

        Assignment last = added(wheel, 3 * ROUND_NS + MS);
        assertEquals(slot, last.slot);
        wheel.expire(3 * ROUND_NS, told::add);
        assertEquals(List.of(earlier), told);
        wheel.expire(3 * ROUND_NS + MS + TICK_NS, told::add);
        assertEquals(List.of(earlier, last), told);
    }

    @Test
    void shouldNotTellWhoGetsTheSlotOfOneThatIsDue() {
        DeadlineWheel wheel = new DeadlineWheel(table, 0);
        added(wheel, MS);
        Assignment second = added(wheel, MS);
        int slot = second.slot;
        wheel.expire(20 * MS, due -> {
            told.add(due);
            table.remove(second);
            assertEquals(slot, added(wheel, ROUND_NS).slot);
        });
        assertEquals(1, told.size());
        wheel.expire(ROUND_NS + TICK_NS, told::add);
        assertEquals(2, told.size());
        assertEquals(slot, told.get(1).slot);
    }

    @Test
    void shouldTellAllAtTheirTimesWhoeverGetsWhoseSlot() {
        DeadlineWheel wheel = new DeadlineWheel(table, 0);
        Random random = new Random(3);
        List<Assignment> here = new ArrayList<>();
        for (long nowNs = 0; nowNs < 4 * ROUND_NS; nowNs += 2 * MS) {
            for (int i = random.nextInt(3); i > 0; i--) {
                here.add(added(wheel, nowNs + (long) (random.nextDouble() * random.nextInt(2 * 8_600) * MS)));
            }
            if (here.size() > 50) {
                table.remove(here.remove(random.nextInt(here.size())));
            }
            long now = nowNs;
            wheel.expire(now, due -> {
                assertTrue(now >= due.wheelDeadlineNs, "early");
                assertTrue(here.remove(due), "it has ended");
                end(due);
            });
            here.forEach(next -> assertTrue(now - next.wheelDeadlineNs <= TICK_NS + 2 * MS, "late"));
        }
        assertTrue(told.size() > 100, told.size() + " told");
    }

    @Test
    void shouldTellWhatTheConsumerAddsInItsTurn() {
        DeadlineWheel wheel = new DeadlineWheel(table, 0);
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
        assertFalse(wheel.contains(told.get(0)));
    }

    @Test
    void shouldNotSearchAnewThroughWhatIsNotDue() {
        DeadlineWheel wheel = new DeadlineWheel(table, 0);
        int many = 100_000;
        for (int i = 0; i < many; i++) {
            added(wheel, MS);
        }
        // In the same bucket, in front of those that are due, one round later.
        for (int i = 0; i < many; i++) {
            added(wheel, MS + ROUND_NS);
        }
        assertTimeout(Duration.ofSeconds(5), () -> wheel.expire(20 * MS, this::end));
        assertEquals(many, told.size());
        assertEquals(many, table.count());
    }

    private void end(Assignment due) {
        told.add(due);
        table.remove(due);
    }

    private void endAll() {
        for (int slot = 0; table.count() > 0; slot++) {
            Assignment next = table.atOrNull(slot);
            if (next != null) {
                table.remove(next);
            }
        }
    }

    private Assignment added(DeadlineWheel wheel, long deadlineNs) {
        Asked asked = new Asked("s", "", Traits.PLAIN, () -> {});
        Assignment assignment =
                new Assignment(ANY, ANY_SERVICE, asked.envelope, Assignment.charged(asked.envelope), deadlineNs);
        table.add(assignment);
        wheel.add(assignment);
        return assignment;
    }

    private static final Service ANY_SERVICE = new Service(ANY, "s", ServiceSettings.DEFAULT);
}
