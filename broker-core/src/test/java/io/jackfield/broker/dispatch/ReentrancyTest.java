package io.jackfield.broker.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.model.Envelope.Traits;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What happens inside a call: workers that answer at once, clients that ask again when they are answered, and bugs of both. */
class ReentrancyTest {
    private static final int MANY = 100_000;

    private static final DispatchLimits WIDE = new DispatchLimits(2 * MANY, 1L << 30, 100, 1024, Rig.OVERDUE_MS);

    private final Rig rig = new Rig();
    private final List<Asked> chain = new ArrayList<>();

    @Test
    void shouldNotGrowTheStackWithTheQueueOfAWorkerThatAnswersAtOnce() {
        Rig wide = new Rig(WIDE, Map.of("s", Rig.queue(MANY, 1L << 30)));
        List<Asked> all = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            all.add(wide.asks("s", ""));
        }
        wide.quickWorker("w", 1, "s");
        all.forEach(asked -> asked.gotReply("re:"));
        wide.isQuiet();
    }

    @Test
    void shouldNotGrowTheStackWithAClientThatAsksAgainInsideItsAnswer() {
        rig.quickWorker("w", 1, "s");
        askAgain(rig, "s", MANY);
        assertEquals(MANY, chain.size());
        chain.forEach(asked -> asked.gotReply("re:x"));
        rig.isQuiet();
    }

    @Test
    void shouldServeWhatIsAskedInsideAnAnswerFromAWorkerOfAnotherService() {
        rig.quickWorker("first", 1, "s");
        rig.quickWorker("second", 1, "t");
        List<Asked> second = new ArrayList<>();
        Asked first = rig.asks("s", "a", Traits.PLAIN, () -> second.add(rig.asks("t", "b")));
        first.gotReply("re:a");
        second.get(0).gotReply("re:b");
        rig.isQuiet();
    }

    @Test
    void shouldNotOvertakeThoseThatWaitWhenAskedInsideAnAnswer() {
        FakeWorker worker = rig.worker("w", 1, "s");
        rig.asks("s", "a", Traits.PLAIN, () -> rig.asks("s", "late"));
        rig.asks("s", "b");
        worker.replies("a");
        assertEquals(List.of("a", "b"), worker.got);
        worker.replies("b");
        assertEquals(List.of("a", "b", "late"), worker.got);
    }

    @Test
    void shouldGoOnWithTheQueueWhenAWorkerIsLostInsideAssign() {
        Rig retrying = Rig.with("s", Rig.idempotent(3));
        List<Asked> all = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            all.add(retrying.asks("s", "r" + i));
        }
        FakeWorker dies = retrying.registered("dies", 1, "s");
        dies.atOnce = token -> dies.leaves();
        FakeWorker lives = retrying.worker("lives", 10, "s");
        List.copyOf(lives.has.values()).forEach(lives::replies);
        dies.session().start();
        Asked last = retrying.asks("s", "last");
        lives.replies("last");
        last.gotReply("re:last");
        all.forEach(asked -> assertTrue(asked.ended()));
        retrying.isQuiet();
    }

    @Test
    void shouldCallNoCancelOnAWorkerThatIsGoneByThen() {
        FakeWorker worker = rig.worker("w", 1, "s");
        Asked asked = rig.asks("s", "a", Traits.PLAIN, worker::leaves);
        rig.cancels(asked);
        assertEquals(List.of(), worker.cancelled);
        asked.gotFailure(ErrorCode.CANCELLED);
        rig.isQuiet();
    }

    @Test
    void shouldTakeAnAnswerInsideCancelForALateOne() {
        FakeWorker worker = rig.worker("w", 1, "s");
        worker.whenCancelled = worker::replies;
        Asked asked = rig.asks("s", "a");
        Asked next = rig.asks("s", "b");
        rig.cancels(asked);
        asked.gotFailure(ErrorCode.CANCELLED);
        assertEquals(List.of("a", "b"), worker.got);
        worker.replies("b");
        next.gotReply("re:b");
        rig.isQuiet();
    }

    @Test
    void shouldFailAllThoughWorkersAnswerAndLeaveInside() {
        FakeWorker answers = rig.worker("answers", 3, "s");
        answers.whenCancelled = answers::replies;
        FakeWorker leaves = rig.worker("leaves", 3, "t");
        List<Asked> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            all.add(rig.asks("s", "s" + i, Traits.PLAIN, () -> rig.asks("new", "x")));
            all.add(rig.asks("t", "t" + i, Traits.PLAIN, leaves::leaves));
            all.add(rig.asks("u", "u" + i));
        }
        rig.dispatcher.drain();
        rig.dispatcher.failAll(Failure.of(ErrorCode.DRAINING, "over", ""));
        all.forEach(asked -> assertTrue(asked.ended()));
        assertTrue(rig.dispatcher.isQuiet());
        new Inspection(rig.dispatcher).check();
    }

    @Test
    void shouldHandTheCreditOnThoughAReplyRouteThrows() {
        FakeWorker worker = rig.worker("w", 1, "s");
        rig.asks("s", "a", Traits.PLAIN, ReentrancyTest::bug);
        rig.asks("s", "b");
        assertTrue(worker.replies("a"));
        assertEquals(List.of("a", "b"), worker.got);
        assertEquals(1, rig.bugs.size());
        assertTrue(rig.bugs.get(0).contains("a request to s"), rig.bugs::toString);
    }

    @Test
    void shouldTellEveryOtherClientOfALossThoughOneThrows() {
        FakeWorker worker = rig.worker("w", 3, "s");
        rig.asks("s", "a", Traits.PLAIN, ReentrancyTest::bug);
        Asked second = rig.asks("s", "b");
        Asked third = rig.asks("s", "c");
        worker.leaves();
        second.gotFailure(ErrorCode.WORKER_LOST);
        third.gotFailure(ErrorCode.WORKER_LOST);
        assertEquals(1, rig.bugs.size());
        new Inspection(rig.dispatcher).checkQuiet();
    }

    @Test
    void shouldTellEveryOtherClientOfADeadlineThoughOneThrows() {
        List<Asked> all = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            all.add(rig.asks("s", "r", Rig.timeoutMs(100), ReentrancyTest::bug));
        }
        rig.passes(100 + Rig.SLACK_MS);
        all.forEach(asked -> asked.gotFailure(ErrorCode.DEADLINE_EXCEEDED));
        assertEquals(5, rig.bugs.size());
    }

    @Test
    void shouldEndTheRequestOfAWorkerThatThrowsAndGoOnWithTheOthers() {
        FakeWorker worker = rig.registered("w", 1, "s");
        worker.atOnce = token -> {
            if (worker.got.size() == 1) {
                bug();
            }
            worker.replies(token);
        };
        Asked first = rig.asks("s", "a");
        Asked second = rig.asks("s", "b");
        worker.session().start();
        first.gotFailure(ErrorCode.INTERNAL_ERROR);
        second.gotReply("re:b");
        assertEquals(1, rig.bugs.size());
        assertEquals(0, rig.dispatcher.snapshot().inFlight());
    }

    @Test
    void shouldGoOnThoughAWorkerThrowsWhenItIsCancelledOrExpelledOrIdle() {
        FakeWorker worker = rig.worker("w", 2, "s");
        worker.whenCancelled = token -> bug();
        Asked first = rig.asks("s", "a", Rig.timeoutMs(100));
        Asked second = rig.asks("s", "b", Rig.timeoutMs(100));
        rig.passes(100 + Rig.SLACK_MS);
        first.gotFailure(ErrorCode.DEADLINE_EXCEEDED);
        second.gotFailure(ErrorCode.DEADLINE_EXCEEDED);
        worker.session().drain(ReentrancyTest::bug);
        worker.replies("a");
        worker.replies("b");
        assertEquals(3, rig.bugs.size());
        new Inspection(rig.dispatcher).checkQuiet();
    }

    @Test
    void shouldBearAWorkerThatRegistersAnewInsideAssign() {
        for (int i = 0; i < 4; i++) {
            rig.asks("s", "s" + i);
            rig.asks("t", "t" + i);
        }
        FakeWorker worker = rig.registered("w", 1, "s", "t");
        worker.atOnce = token -> {
            if (worker.got.size() == 2) {
                renew(worker, "t");
            }
            worker.replies(token);
        };
        worker.session().start();
        assertEquals(List.of("s0", "t0", "t1", "t2", "t3"), worker.got);
        assertEquals(3, rig.service("s").queued());
        new Inspection(rig.dispatcher).check();
    }

    private static void renew(FakeWorker worker, String service) {
        try {
            worker.session().update(Rig.declarations(service), 1);
        } catch (RefusedException e) {
            throw new AssertionError(e);
        }
        worker.session().start();
    }

    private void askAgain(Rig where, String service, int times) {
        if (chain.size() < times) {
            Asked asked = new Asked(service, "x", Traits.PLAIN, () -> askAgain(where, service, times));
            chain.add(asked);
            where.dispatcher.accept(asked.envelope);
        }
    }

    private static void bug() {
        throw new IllegalStateException("planted");
    }
}
