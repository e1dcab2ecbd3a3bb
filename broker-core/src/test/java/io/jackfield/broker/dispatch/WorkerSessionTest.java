package io.jackfield.broker.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.dispatch.DispatchSnapshot.WorkerView;
import io.jackfield.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class WorkerSessionTest {
    private final Rig rig = new Rig();
    private final List<String> told = new ArrayList<>();

    @Test
    void shouldAssignNothingBeforeItIsStarted() {
        Asked waiting = rig.asks("s", "a");
        FakeWorker worker = rig.registered("w", 2, "s");
        rig.asks("s", "b");
        rig.passes(10);
        assertEquals(List.of(), worker.got);
        assertTrue(rig.dispatcher.isServed("s"));
        worker.session().start();
        assertEquals(List.of("a", "b"), worker.got);
        waiting.waits();
    }

    @Test
    void shouldGetNothingNewWhileItDrainsAndSayWhenItIsIdle() {
        FakeWorker worker = rig.worker("w", 2, "s");
        rig.asks("s", "a");
        rig.asks("s", "b");
        worker.session().drain(() -> told.add("idle"));
        Asked later = rig.asks("s", "c");
        assertFalse(rig.dispatcher.isServed("s"));
        worker.replies("a");
        assertEquals(List.of(), told);
        worker.replies("b");
        assertEquals(List.of("idle"), told);
        assertEquals(2, worker.got.size());
        later.waits();
        worker.leaves();
        rig.quickWorker("other", 1, "s");
        later.gotReply("re:c");
        assertEquals(List.of("idle"), told);
        rig.isQuiet();
    }

    @Test
    void shouldSayAtOnceThatItIsIdleWhenNothingIsInHand() {
        FakeWorker worker = rig.worker("w", 2, "s");
        worker.session().drain(() -> told.add("idle"));
        assertEquals(List.of("idle"), told);
    }

    @Test
    void shouldBeIdleOnlyOnceAbandonedRequestsAreAnsweredToo() {
        FakeWorker worker = rig.worker("w", 2, "s");
        rig.cancels(rig.asks("s", "a"));
        worker.session().drain(() -> told.add("idle"));
        assertEquals(List.of(), told);
        worker.replies("a");
        assertEquals(List.of("idle"), told);
    }

    @Test
    void shouldLetTheOneThatIsToldOfIdlenessTakeTheWorkerOut() {
        FakeWorker worker = rig.worker("w", 2, "s");
        Asked asked = rig.asks("s", "a");
        worker.session().drain(worker::leaves);
        worker.replies("a");
        asked.gotReply("re:a");
        assertEquals(List.of(), rig.dispatcher.snapshot().workers());
        rig.isQuiet();
    }

    @Test
    void shouldNotSayThatALostWorkerIsIdle() {
        FakeWorker worker = rig.worker("w", 2, "s");
        rig.asks("s", "a");
        worker.session().drain(() -> told.add("idle"));
        worker.leaves();
        assertEquals(List.of(), told);
        rig.isQuiet();
    }

    @Test
    void shouldShareItsCreditAmongItsServicesFromTheStart() {
        for (int i = 0; i < 20; i++) {
            rig.asks("s", "s" + i);
            rig.asks("t", "t" + i);
            rig.asks("u", "u" + i);
        }
        FakeWorker worker = rig.worker("w", 6, "s", "t", "u");
        assertEquals(Map.of('s', 2L, 't', 2L, 'u', 2L), byService(worker));
    }

    @Test
    void shouldShareItsCreditAmongItsServicesWhileItWorks() {
        for (int i = 0; i < 200; i++) {
            rig.asks("s", "s" + i);
        }
        FakeWorker worker = rig.worker("w", 3, "s", "t");
        for (int i = 0; i < 100; i++) {
            rig.asks("t", "t" + i);
        }
        for (int i = 0; i < 100; i++) {
            worker.replies(worker.has.keySet().iterator().next());
        }
        long shareOfT = byService(worker).getOrDefault('t', 0L);
        assertTrue(shareOfT >= 48 && shareOfT <= 52, "t got " + shareOfT + " of 103");
    }

    @Test
    void shouldShareItsCreditAmongItsServicesWhenItAnswersAtOnce() {
        for (int i = 0; i < 10; i++) {
            rig.asks("s", "s" + i);
            rig.asks("t", "t" + i);
        }
        FakeWorker worker = rig.quickWorker("w", 1, "s", "t");
        assertEquals(20, worker.got.size());
        for (int i = 0; i < 20; i++) {
            assertEquals(i % 2 == 0 ? 's' : 't', worker.got.get(i).charAt(0), worker.got::toString);
        }
        rig.isQuiet();
    }

    @Test
    void shouldKeepWhatIsInHandWhenItRegistersAnew() throws RefusedException {
        FakeWorker worker = rig.worker("w", 3, "s");
        Asked first = rig.asks("s", "a");
        rig.asks("s", "b");
        worker.session().update(Rig.declarations("t"), 2);
        rig.asks("t", "not yet");
        rig.asks("s", "nobody");
        assertEquals(List.of("a", "b"), worker.got);
        worker.session().start();
        assertEquals(List.of("a", "b"), worker.got, "both of its new credit are in use");
        worker.replies("a");
        first.gotReply("re:a");
        assertEquals(List.of("a", "b", "not yet"), worker.got);
        worker.replies("b");
        worker.replies("not yet");
        assertEquals(List.of("a", "b", "not yet"), worker.got);
        assertFalse(rig.dispatcher.isServed("s"));
        new Inspection(rig.dispatcher).check();
    }

    @Test
    void shouldTakeMoreOrFewerAtOnceAsItSays() {
        FakeWorker worker = rig.worker("w", 1, "s");
        for (String body : List.of("a", "b", "c", "d", "e")) {
            rig.asks("s", body);
        }
        worker.session().credit(3);
        assertEquals(List.of("a"), worker.got);
        worker.replies("a");
        assertEquals(List.of("a", "b", "c", "d"), worker.got);
        worker.session().credit(1);
        worker.replies("b");
        worker.replies("c");
        assertEquals(List.of("a", "b", "c", "d"), worker.got);
        worker.replies("d");
        worker.replies("e");
        rig.isQuiet();
    }

    @Test
    void shouldTakeNoMoreThanAWorkerMay() {
        FakeWorker worker = rig.worker("w", 1, "s");
        worker.session().credit(Integer.MAX_VALUE);
        assertEquals(Rig.LIMITS.workerCreditMax(), worker.session().credit());
    }

    @Test
    void shouldTakeNoRegistrationAfterItHasLeft() {
        FakeWorker drained = rig.worker("w", 1, "s");
        drained.session().drain(() -> {});
        assertThrows(IllegalStateException.class, () -> drained.session().update(Rig.declarations("s"), 1));
        FakeWorker lost = rig.worker("w", 1, "s");
        lost.leaves();
        assertThrows(IllegalStateException.class, () -> lost.session().update(Rig.declarations("s"), 1));
        assertEquals(0, rig.service("s").workers());
    }

    @Test
    void shouldBeSeenWithWhatItHas() {
        FakeWorker worker = rig.worker("w", 5, "s", "t");
        rig.asks("s", "a", Rig.timeoutMs(1000));
        rig.passes(40);
        rig.asks("t", "b");
        Asked abandoned = rig.asks("t", "c");
        rig.cancels(abandoned);
        worker.replies("b");
        worker.fails("a");
        rig.asks("s", "d");
        rig.passes(10);
        rig.asks("nobody", "waiting");
        DispatchSnapshot snapshot = rig.dispatcher.snapshot();
        assertEquals(
                List.of(new WorkerView("w", List.of("s", "t"), "", Map.of(), 5, 2, 10, false, 1)), snapshot.workers());
        assertEquals(
                List.of("nobody", "s", "t"),
                snapshot.services().stream()
                        .map(DispatchSnapshot.ServiceView::name)
                        .toList());
        assertEquals(2, snapshot.inFlight());
        assertEquals(1, snapshot.abandoned());
        assertEquals("waiting".length() + 2 + "d".length() + 2, snapshot.requestBytes());
        DispatchSnapshot.ServiceView s = rig.service("s");
        assertEquals(2, s.accepted());
        assertEquals(1, s.failed());
        assertEquals(Map.of(ErrorCode.HANDLER_FAILED.name(), 1L), s.failedByCode());
        assertEquals(1, rig.service("nobody").queued());
        assertEquals(Map.of(ErrorCode.CANCELLED.name(), 1L), rig.service("t").failedByCode());
    }

    private static Map<Character, Long> byService(FakeWorker worker) {
        return worker.got.stream().collect(Collectors.groupingBy(body -> body.charAt(0), Collectors.counting()));
    }
}
