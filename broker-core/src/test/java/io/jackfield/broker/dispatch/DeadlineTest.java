package io.jackfield.broker.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.protocol.ErrorCode;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DeadlineTest {
    private final Rig rig = new Rig();

    @Test
    void shouldFailWhatWaitedInVainAtItsDeadline() {
        Asked asked = rig.asks("s", "a", Rig.timeoutMs(100));
        rig.passes(99);
        asked.waits();
        rig.passes(1 + Rig.SLACK_MS);
        asked.gotFailure(ErrorCode.DEADLINE_EXCEEDED);
        assertTrue(asked.failure().hint().contains("no worker"), asked.failure().hint());
        rig.isQuiet();
    }

    @Test
    void shouldUseTheTimeoutOfTheServiceWhereTheRequestSaysNone() {
        Rig slow = Rig.with("s", new ServiceSettings(Optional.of(500L), Optional.empty(), 1, 10, 1000));
        Asked asked = slow.asks("s", "a");
        slow.passes(499);
        asked.waits();
        slow.passes(1 + Rig.SLACK_MS);
        asked.gotFailure(ErrorCode.DEADLINE_EXCEEDED);
    }

    @Test
    void shouldFailWhatAWorkerHasAtItsDeadlineAndTellTheWorker() {
        FakeWorker worker = rig.worker("w", 1, "s");
        Asked asked = rig.asks("s", "a", Rig.timeoutMs(100));
        long token = worker.token("a");
        rig.passes(100 + Rig.SLACK_MS);
        asked.gotFailure(ErrorCode.DEADLINE_EXCEEDED);
        assertEquals(List.of(token), worker.cancelled);
        assertEquals(1, rig.dispatcher.snapshot().abandoned());
    }

    @Test
    void shouldTellAWorkerHowMuchTimeIsLeft() {
        Asked asked = rig.asks("s", "a", Rig.timeoutMs(100));
        rig.passes(30);
        long[] left = new long[1];
        FakeWorker worker = rig.registered("w", 1, "s");
        worker.atOnce = token -> left[0] =
                Objects.requireNonNull(rig.dispatcher.table.find(token)).remainingMs();
        worker.session().start();
        assertEquals(70, left[0]);
        asked.waits();
    }

    @Test
    void shouldHoldTheCreditOfAnAbandonedRequestUntilItsWorkerAnswers() {
        FakeWorker worker = rig.worker("w", 1, "s");
        Asked abandoned = rig.asks("s", "a");
        Asked next = rig.asks("s", "b");
        rig.cancels(abandoned);
        abandoned.gotFailure(ErrorCode.CANCELLED);
        assertEquals(List.of("a"), worker.got);
        assertFalse(worker.replies("a"), "nobody waits for it");
        assertEquals(List.of("a", "b"), worker.got);
        worker.replies("b");
        next.gotReply("re:b");
        assertEquals(1, rig.service("s").late());
        assertEquals(1, rig.service("s").replied());
        rig.isQuiet();
    }

    @Test
    void shouldGiveTheCreditBackWhenTheWorkerFailsAnAbandonedRequest() {
        FakeWorker worker = rig.worker("w", 1, "s");
        rig.cancels(rig.asks("s", "a"));
        assertFalse(worker.fails("a"));
        rig.asks("s", "b");
        assertEquals(List.of("a", "b"), worker.got);
    }

    @Test
    void shouldExpelAWorkerThatHoldsAnAbandonedRequestForTooLong() {
        FakeWorker worker = rig.worker("w", 2, "s");
        rig.cancels(rig.asks("s", "a"));
        rig.passes(Rig.OVERDUE_MS - 1);
        assertEquals(List.of(), worker.expelled);
        rig.passes(1 + Rig.SLACK_MS);
        assertEquals(1, worker.expelled.size());
        new Inspection(rig.dispatcher).check();
        worker.leaves();
        rig.isQuiet();
    }

    @Test
    void shouldNotExpelAWorkerThatAnswersLateButInTime() {
        FakeWorker worker = rig.worker("w", 1, "s");
        rig.cancels(rig.asks("s", "a"));
        rig.passes(Rig.OVERDUE_MS - 1);
        worker.replies("a");
        rig.passes(10 * Rig.OVERDUE_MS);
        assertEquals(List.of(), worker.expelled);
        rig.isQuiet();
    }

    @Test
    void shouldCancelWhatWaitsAtOnce() {
        Asked first = rig.asks("s", "a");
        Asked second = rig.asks("s", "b");
        Asked third = rig.asks("s", "c");
        rig.cancels(second);
        rig.cancels(second);
        second.gotFailure(ErrorCode.CANCELLED);
        FakeWorker worker = rig.worker("w", 5, "s");
        assertEquals(List.of("a", "c"), worker.got);
        worker.replies("a");
        worker.replies("c");
        first.gotReply("re:a");
        third.gotReply("re:c");
        rig.isQuiet();
    }

    @Test
    void shouldIgnoreACancelAfterTheEnd() {
        FakeWorker worker = rig.worker("w", 1, "s");
        Asked asked = rig.asks("s", "a");
        worker.replies("a");
        rig.cancels(asked);
        asked.gotReply("re:a");
        assertEquals(List.of(), worker.cancelled);
        rig.isQuiet();
    }

    @Test
    void shouldDropPartialRepliesOfAnAbandonedRequest() {
        FakeWorker worker = rig.worker("w", 1, "s");
        Asked asked = rig.asks("s", "a");
        assertTrue(worker.partial("a", "1"));
        rig.cancels(asked);
        assertFalse(worker.partial("a", "2"));
        assertEquals(List.of("1"), asked.partials);
    }

    @Test
    void shouldNotTakeAnAnswerFromAnotherWorkerOrTwice() {
        FakeWorker worker = rig.worker("w", 1, "s");
        FakeWorker other = rig.worker("other", 1, "t");
        Asked asked = rig.asks("s", "a");
        long token = worker.token("a");
        assertFalse(other.session().reply(token, FakeWorker.reply("forged")));
        assertFalse(other.session().partial(token, FakeWorker.reply("forged")));
        assertTrue(worker.session().reply(token, FakeWorker.reply("true")));
        assertFalse(worker.session().reply(token, FakeWorker.reply("again")));
        asked.gotReply("true");
        assertEquals(List.of(), asked.partials);
        rig.isQuiet();
    }
}
