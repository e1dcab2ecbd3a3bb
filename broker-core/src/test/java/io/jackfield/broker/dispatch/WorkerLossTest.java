package io.jackfield.broker.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.model.Envelope.Traits;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.ServiceDeclaration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkerLossTest {
    private static final Traits IDEMPOTENT = new Traits(0, true, false, true);

    @Test
    void shouldFailWhatALostWorkerHad() {
        Rig rig = new Rig();
        FakeWorker worker = rig.worker("w", 2, "s");
        Asked first = rig.asks("s", "a");
        Asked second = rig.asks("s", "b");
        Asked queued = rig.asks("s", "c");
        worker.leaves();
        first.gotFailure(ErrorCode.WORKER_LOST);
        second.gotFailure(ErrorCode.WORKER_LOST);
        queued.waits();
        rig.quickWorker("other", 1, "s");
        queued.gotReply("re:c");
        rig.isQuiet();
    }

    @Test
    void shouldGiveRequestsOfAnIdempotentServiceToAnotherWorkerWithTheirBody() {
        Rig rig = Rig.with("s", Rig.idempotent(3));
        FakeWorker worker = rig.worker("w", 1, "s");
        Asked asked = rig.asks("s", "a");
        FakeWorker other = rig.worker("other", 1, "s");
        worker.leaves();
        assertEquals(List.of("a"), other.got);
        assertEquals(List.of(2), other.attempts);
        other.replies("a");
        asked.gotReply("re:a");
        assertEquals(1, rig.service("s").retried());
        rig.isQuiet();
    }

    @Test
    void shouldGiveToAnotherWithItsBodyWhatAWorkerLosesWhileItIsGivenIt() {
        Rig rig = Rig.with("s", Rig.idempotent(3));
        FakeWorker worker = rig.worker("w", 1, "s");
        worker.atOnce = token -> worker.leaves();
        Asked asked = rig.asks("s", "a");
        assertEquals(1, rig.service("s").queued());
        rig.quickWorker("other", 1, "s");
        asked.gotReply("re:a");
        rig.isQuiet();
    }

    @Test
    void shouldTryAgainWhatItsClientCallsIdempotent() {
        Rig rig = new Rig();
        FakeWorker worker = rig.worker("w", 2, "s");
        Asked once = rig.asks("s", "once");
        Asked again = rig.asks("s", "again", IDEMPOTENT);
        worker.leaves();
        once.gotFailure(ErrorCode.WORKER_LOST);
        rig.quickWorker("other", 1, "s");
        again.gotReply("re:again");
        rig.isQuiet();
    }

    @Test
    void shouldGiveUpAfterTheLastAttempt() {
        Rig rig = Rig.with("s", Rig.idempotent(3));
        Asked asked = rig.asks("s", "a");
        for (int attempt = 1; attempt <= 3; attempt++) {
            FakeWorker worker = rig.worker("w" + attempt, 1, "s");
            assertEquals(List.of(attempt), worker.attempts);
            asked.waits();
            worker.leaves();
        }
        asked.gotFailure(ErrorCode.WORKER_LOST);
        assertTrue(asked.failure().hint().contains("3 times"), asked.failure().hint());
        assertEquals(2, rig.service("s").retried());
        rig.isQuiet();
    }

    @Test
    void shouldKeepTheOrderOfWhatItTriesAgainBeforeWhatCameLater() {
        Rig rig = Rig.with("s", Rig.idempotent(3));
        FakeWorker worker = rig.worker("w", 3, "s");
        for (String body : List.of("a", "b", "c", "d", "e")) {
            rig.asks("s", body);
        }
        worker.leaves();
        FakeWorker other = rig.worker("other", 5, "s");
        assertEquals(List.of("a", "b", "c", "d", "e"), other.got);
    }

    @Test
    void shouldNotTryAgainWhatWasAnsweredInPart() {
        Rig rig = Rig.with("s", Rig.idempotent(3));
        FakeWorker worker = rig.worker("w", 1, "s");
        Asked asked = rig.asks("s", "a");
        worker.partial("a", "1");
        worker.leaves();
        asked.gotFailure(ErrorCode.WORKER_LOST);
        assertEquals(List.of("1"), asked.partials);
        rig.isQuiet();
    }

    @Test
    void shouldNotTryAgainWhatTheWorkerItselfFailed() {
        Rig rig = Rig.with("s", Rig.idempotent(3));
        FakeWorker worker = rig.worker("w", 1, "s");
        Asked asked = rig.asks("s", "a");
        assertTrue(worker.fails("a"));
        asked.gotFailure(ErrorCode.HANDLER_FAILED);
        rig.isQuiet();
    }

    @Test
    void shouldForgetAnAbandonedRequestWithItsWorker() {
        Rig rig = Rig.with("s", Rig.idempotent(3));
        FakeWorker worker = rig.worker("w", 1, "s");
        Asked asked = rig.asks("s", "a");
        rig.cancels(asked);
        worker.leaves();
        asked.gotFailure(ErrorCode.CANCELLED);
        assertEquals(0, rig.dispatcher.snapshot().abandoned());
        rig.isQuiet();
    }

    @Test
    void shouldFailAtItsDeadlineWhatWaitsForAnotherWorkerInVain() {
        Rig rig = Rig.with("s", Rig.idempotent(3));
        FakeWorker worker = rig.worker("w", 1, "s");
        Asked asked = rig.asks("s", "a", Rig.timeoutMs(100));
        worker.leaves();
        rig.passes(100 + Rig.SLACK_MS);
        asked.gotFailure(ErrorCode.DEADLINE_EXCEEDED);
        rig.isQuiet();
    }

    @Test
    void shouldNotTryAgainABodyThatWasNotKeptBecauseIdempotenceWasDeclaredLater() throws RefusedException {
        Rig rig = new Rig();
        FakeWorker plain = new FakeWorker("plain");
        plain.joined(rig.dispatcher.register(plain, "s", 1));
        plain.session().start();
        Asked asked = rig.asks("s", "precious");
        FakeWorker declares = new FakeWorker("declares");
        declares.joined(rig.dispatcher.register(declares, List.of(new ServiceDeclaration("s", "1", true, 0)), 1));
        declares.session().start();
        plain.leaves();
        assertEquals(List.of(), declares.got);
        asked.gotFailure(ErrorCode.WORKER_LOST);
        rig.isQuiet();
    }

    @Test
    void shouldKeepEveryRequestInItsPlaceWhenWhoIsToldOfALossCancelsOthers() {
        Rig rig = new Rig();
        FakeWorker worker = rig.worker("w", 4, "s");
        List<Asked> others = new ArrayList<>();
        Asked first = rig.asks("s", "a", Traits.PLAIN, () -> others.forEach(rig::cancels));
        others.add(rig.asks("s", "b", IDEMPOTENT));
        others.add(rig.asks("s", "c", IDEMPOTENT));
        others.add(rig.asks("s", "d"));
        Asked queued = rig.asks("s", "queued");
        worker.leaves();
        first.gotFailure(ErrorCode.WORKER_LOST);
        others.forEach(asked -> asked.gotFailure(ErrorCode.CANCELLED));
        assertEquals(List.of(), worker.cancelled, "a lost worker is not called any more");
        queued.waits();
        assertEquals(1, rig.service("s").queued());
        new Inspection(rig.dispatcher).check();
        rig.quickWorker("other", 1, "s");
        queued.gotReply("re:queued");
        rig.isQuiet();
    }

    @Test
    void shouldDoNothingTheSecondTimeAWorkerIsLost() {
        Rig rig = Rig.with("s", Rig.idempotent(3));
        FakeWorker worker = rig.worker("w", 1, "s");
        Asked asked = rig.asks("s", "a");
        worker.leaves();
        worker.leaves();
        asked.waits();
        assertEquals(List.of(), rig.dispatcher.snapshot().workers());
        assertEquals(1, rig.service("s").retried());
    }
}
