package io.jackfield.broker.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class AvailableWorkersTest {
    private final Rig rig = new Rig();

    @Test
    void shouldGiveToTheLeastLoaded() {
        FakeWorker first = rig.worker("first", 10, "s");
        rig.asks("s", "a");
        rig.asks("s", "b");
        FakeWorker second = rig.worker("second", 10, "s");
        rig.asks("s", "c");
        rig.asks("s", "d");
        rig.asks("s", "e");
        assertEquals(3, first.got.size());
        assertEquals(2, second.got.size());
    }

    @Test
    void shouldGiveToTheOneThatHasWaitedLongestAmongEquals() {
        List<FakeWorker> workers = List.of(rig.worker("0", 1, "s"), rig.worker("1", 1, "s"), rig.worker("2", 1, "s"));
        for (int i = 0; i < 30; i++) {
            rig.asks("s", "r" + i);
            FakeWorker expected = workers.get(i % 3);
            expected.replies("r" + i);
        }
        workers.forEach(worker -> assertEquals(10, worker.got.size()));
        rig.isQuiet();
    }

    @Test
    void shouldNeverGiveMoreThanTheCredit() {
        FakeWorker small = rig.worker("small", 1, "s");
        FakeWorker large = rig.worker("large", 4, "s");
        for (int i = 0; i < 20; i++) {
            rig.asks("s", "r" + i);
        }
        assertEquals(1, small.has.size());
        assertEquals(4, large.has.size());
        assertEquals(15, rig.service("s").queued());
    }

    @Test
    void shouldFindTheLeastLoadedAgainAfterTheLoadedOnesCameDown() {
        FakeWorker first = rig.worker("first", 3, "s");
        FakeWorker second = rig.worker("second", 3, "s");
        for (int i = 0; i < 6; i++) {
            rig.asks("s", "r" + i);
        }
        List.copyOf(second.has.values()).forEach(second::replies);
        rig.asks("s", "x");
        assertEquals(4, second.got.size());
        assertEquals(3, first.got.size());
        second.leaves();
        List.copyOf(first.has.values()).forEach(first::replies);
        rig.asks("s", "y");
        assertEquals(4, first.got.size());
    }

    @Test
    void shouldCutTheCreditToItsLimit() {
        Rig small = new Rig(new DispatchLimits(100, 1 << 20, 10, 2, Rig.OVERDUE_MS));
        FakeWorker worker = small.worker("w", 65_535, "s");
        for (int i = 0; i < 5; i++) {
            small.asks("s", "r" + i);
        }
        assertEquals(2, worker.has.size());
        assertEquals(2, worker.session().credit());
    }
}
