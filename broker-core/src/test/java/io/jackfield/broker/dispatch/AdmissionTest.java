package io.jackfield.broker.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.model.Envelope.Traits;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.ServiceDeclaration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    /** A frame's own header is charged too. */
    private static final int HEADER_BYTES = 2;

    @Test
    void shouldRefuseAnUnknownNameUnlessTheClientMayCreateIt() {
        Rig rig = new Rig();
        rig.asks("nobody", "a", Traits.NONE).gotFailure(ErrorCode.NO_SUCH_SERVICE);
        rig.asks("nobody", "a", Traits.PLAIN).waits();
        rig.asks("nobody", "a", Traits.NONE).waits();
    }

    @Test
    void shouldQueueForAServiceThatIsOpenedUntilAWorkerComes() throws RefusedException {
        Rig rig = new Rig();
        rig.dispatcher.open("s");
        Asked asked = rig.asks("s", "a", Traits.NONE);
        asked.waits();
        rig.quickWorker("w", 1, "s");
        asked.gotReply("re:a");
        rig.isQuiet();
    }

    @Test
    void shouldKeepTheBodyOfWhatWaitsAndPassOnWhatDoesNot() {
        Rig rig = new Rig();
        Asked waited = rig.asks("s", "waited");
        FakeWorker worker = rig.worker("w", 2, "s");
        rig.asks("s", "passed on");
        assertEquals(List.of("waited", "passed on"), worker.got);
        worker.replies("waited");
        waited.gotReply("re:waited");
    }

    @Test
    void shouldRefuseWhatIsOverTheQueueLength() {
        Rig rig = Rig.with("s", Rig.queue(3, 1000));
        for (int i = 0; i < 3; i++) {
            rig.asks("s", "r").waits();
        }
        rig.asks("s", "r").gotFailure(ErrorCode.OVERLOADED);
        assertEquals(3, rig.service("s").queued());
        assertEquals(1, rig.service("s").refused());
        assertEquals(3, rig.service("s").accepted());
    }

    @Test
    void shouldRefuseWhatIsOverTheQueueBytes() {
        Rig rig = Rig.with("s", Rig.queue(100, 3 * (10 + HEADER_BYTES)));
        for (int i = 0; i < 3; i++) {
            rig.asks("s", "0123456789").waits();
        }
        rig.asks("s", "").gotFailure(ErrorCode.OVERLOADED);
        assertEquals(3 * (10 + HEADER_BYTES), rig.service("s").queuedBytes());
    }

    @Test
    void shouldPassOnWhatIsTooLargeForTheQueueWhileAWorkerHasCredit() {
        Rig rig = Rig.with("s", Rig.queue(1, 5));
        FakeWorker worker = rig.worker("w", 1, "s");
        Asked large = rig.asks("s", "0123456789");
        rig.asks("s", "0123456789").gotFailure(ErrorCode.OVERLOADED);
        worker.replies("0123456789");
        large.gotReply("re:0123456789");
        rig.isQuiet();
    }

    @Test
    void shouldHoldQueuedAndInFlightTogetherUnderRequestsMax() {
        Rig rig = new Rig(new DispatchLimits(4, 1 << 20, 10, 10, Rig.OVERDUE_MS));
        FakeWorker worker = rig.worker("w", 2, "s");
        for (int i = 0; i < 4; i++) {
            rig.asks("s", "r" + i).waits();
        }
        rig.asks("t", "r").gotFailure(ErrorCode.OVERLOADED);
        worker.replies("r0");
        rig.asks("t", "r").waits();
        rig.asks("t", "r").gotFailure(ErrorCode.OVERLOADED);
    }

    @Test
    void shouldCountAbandonedRequestsAmongRequestsMax() {
        Rig rig = new Rig(new DispatchLimits(1, 1 << 20, 10, 10, Rig.OVERDUE_MS));
        FakeWorker worker = rig.worker("w", 1, "s");
        Asked first = rig.asks("s", "first");
        rig.cancels(first);
        rig.asks("s", "second").gotFailure(ErrorCode.OVERLOADED);
        worker.replies("first");
        rig.asks("s", "third").waits();
        first.gotFailure(ErrorCode.CANCELLED);
    }

    @Test
    void shouldHoldAllBytesUnderTheirLimitAndGiveThemBack() {
        Rig rig = new Rig(new DispatchLimits(100, 2 * (10 + HEADER_BYTES), 10, 10, Rig.OVERDUE_MS));
        FakeWorker worker = rig.worker("w", 1, "s");
        rig.asks("s", "0123456789");
        Asked queued = rig.asks("s", "0123456789");
        rig.asks("s", "").gotFailure(ErrorCode.OVERLOADED);
        assertEquals(24, rig.dispatcher.snapshot().requestBytes());
        rig.cancels(queued);
        assertEquals(12, rig.dispatcher.snapshot().requestBytes());
        worker.replies("0123456789");
        assertEquals(0, rig.dispatcher.snapshot().requestBytes());
        rig.isQuiet();
    }

    @Test
    void shouldLimitTheNumberOfNames() {
        Rig rig = new Rig(new DispatchLimits(100, 1 << 20, 2, 10, Rig.OVERDUE_MS));
        rig.asks("a", "r").waits();
        rig.worker("w", 1, "b");
        rig.asks("c", "r").gotFailure(ErrorCode.TOO_MANY_SERVICES);
        assertEquals(
                ErrorCode.TOO_MANY_SERVICES,
                refusal(() -> rig.dispatcher.open("c")).code());
        rig.asks("a", "r").waits();
    }

    @Test
    void shouldKeepHalfOfTheNamesForThoseThatWorkersBring() {
        Rig rig = new Rig(new DispatchLimits(100, 1 << 20, 6, 10, Rig.OVERDUE_MS));
        for (String name : List.of("a", "b", "c")) {
            rig.asks(name, "r").waits();
        }
        rig.asks("d", "r").gotFailure(ErrorCode.TOO_MANY_SERVICES);
        rig.quickWorker("w", 1, "e", "f", "a");
        rig.asks("d", "r").waits();
        rig.asks("g", "r").gotFailure(ErrorCode.TOO_MANY_SERVICES);
    }

    @Test
    void shouldForgetNamesThatNobodyHasServedOrUses() {
        Rig rig = new Rig(new DispatchLimits(100, 1 << 20, 6, 10, Rig.OVERDUE_MS));
        List<Asked> invented = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            invented.add(rig.asks(name, "r"));
        }
        FakeWorker worker = rig.worker("w", 1, "b");
        worker.leaves();
        Asked later = rig.asks("d", "r");
        later.waits();
        invented.forEach(rig::cancels);
        rig.asks("e", "r").waits();

        assertEquals(List.of("b", "d", "e"), names(rig), "b had a worker, d and e have requests");
    }

    @Test
    void shouldChargeTheHeadersOfARequestWithItsBody() {
        Headers headers = Headers.of("x", "0123456789");
        int bytes = 1 + HEADER_BYTES + headers.encodedBytes();
        Rig rig = new Rig(new DispatchLimits(100, 2L * bytes, 10, 10, Rig.OVERDUE_MS));
        rig.asks("s", "a", headers).waits();
        rig.asks("s", "b", headers).waits();

        assertEquals(2L * bytes, rig.dispatcher.snapshot().requestBytes());
        rig.asks("s", "").gotFailure(ErrorCode.OVERLOADED);
    }

    private static List<String> names(Rig rig) {
        return rig.dispatcher.snapshot().services().stream()
                .map(DispatchSnapshot.ServiceView::name)
                .toList();
    }

    @Test
    void shouldLeaveNoTraceOfARegistrationThatIsRefused() {
        Rig rig = new Rig(new DispatchLimits(100, 1 << 20, 3, 10, Rig.OVERDUE_MS));
        FakeWorker worker = rig.worker("w", 1, "a", "b");
        assertEquals(
                ErrorCode.TOO_MANY_SERVICES,
                refusal(() -> worker.session().update(Rig.declarations("c", "d"), 1))
                        .code());
        rig.asks("c", "r", Traits.NONE).gotFailure(ErrorCode.NO_SUCH_SERVICE);
        rig.asks("a", "still mine");
        assertEquals(List.of("still mine"), worker.got);
    }

    @Test
    void shouldCountANameOnceThatAWorkerDeclaresTwice() {
        Rig rig = new Rig(new DispatchLimits(100, 1 << 20, 1, 10, Rig.OVERDUE_MS));
        FakeWorker worker = rig.worker("w", 2, "a", "a");
        assertEquals(1, rig.service("a").workers());
        worker.leaves();
        assertEquals(0, rig.service("a").workers());
    }

    @Test
    void shouldRefuseANameThatBelongsToTheBroker() {
        Rig rig = new Rig();
        List<String> asked = new ArrayList<>();
        rig.dispatcher.routes().add("jf.services", envelope -> {
            asked.add(envelope.service());
            envelope.complete(FakeWorker.reply("mine"));
        });
        assertEquals(
                ErrorCode.BAD_SERVICE_NAME,
                refusal(() -> rig.dispatcher.open("jf.services")).code());
        assertEquals(
                ErrorCode.BAD_SERVICE_NAME,
                refusal(() -> rig.dispatcher.register(new FakeWorker("w"), Rig.declarations("free", "jf.services"), 1))
                        .code());
        rig.asks("free", "r", Traits.NONE).gotFailure(ErrorCode.NO_SUCH_SERVICE);
        rig.asks("jf.services", "r", Traits.NONE).gotReply("mine");
        assertEquals(List.of("jf.services"), asked);
        assertTrue(rig.dispatcher.isServed("jf.services"));
        assertThrows(
                IllegalArgumentException.class, () -> rig.dispatcher.routes().add("jf.services", envelope -> {}));
    }

    @Test
    void shouldRefuseNewRequestsWhileItDrainsAndLetTheOthersEnd() {
        Rig rig = new Rig();
        FakeWorker worker = rig.worker("w", 1, "s");
        Asked inFlight = rig.asks("s", "a");
        Asked queued = rig.asks("s", "b");
        rig.dispatcher.drain();
        rig.asks("s", "c").gotFailure(ErrorCode.DRAINING);
        assertTrue(!rig.dispatcher.isQuiet());
        worker.replies("a");
        worker.replies("b");
        inFlight.gotReply("re:a");
        queued.gotReply("re:b");
        rig.isQuiet();
    }

    @Test
    void shouldFailEverythingThatIsLeftWhenTheTimeForDrainingIsOver() {
        Rig rig = new Rig();
        FakeWorker worker = rig.worker("w", 2, "s", "t");
        List<Asked> all = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            all.add(rig.asks(i % 2 == 0 ? "s" : "t", "r" + i));
        }
        rig.dispatcher.drain();
        rig.dispatcher.failAll(Failure.of(ErrorCode.DRAINING, "the time is over", ""));
        all.forEach(asked -> asked.gotFailure(ErrorCode.DRAINING));
        assertTrue(rig.dispatcher.isQuiet());
        assertEquals(2, worker.cancelled.size());
        worker.leaves();
        rig.isQuiet();
    }

    @Test
    void shouldTakeWhatAServiceLeavesOpenFromItsFirstDeclarationOnly() throws RefusedException {
        Rig rig = new Rig(Rig.LIMITS, Map.of("fixed", Rig.idempotent(2)));
        FakeWorker worker = new FakeWorker("w");
        worker.joined(rig.dispatcher.register(
                worker,
                List.of(
                        new ServiceDeclaration("fixed", "1.0", false, 50),
                        new ServiceDeclaration("open", "2.0", true, 70)),
                1));
        FakeWorker other = new FakeWorker("other");
        other.joined(rig.dispatcher.register(other, List.of(new ServiceDeclaration("open", "3.0", false, 9)), 1));
        assertEquals(true, rig.service("fixed").idempotent());
        assertEquals(50, rig.service("fixed").timeoutMs());
        assertEquals("2.0", rig.service("open").version());
        assertEquals(true, rig.service("open").idempotent());
        assertEquals(70, rig.service("open").timeoutMs());
    }

    private interface Registration {
        void run() throws RefusedException;
    }

    private static Failure refusal(Registration registration) {
        return assertThrows(RefusedException.class, registration::run).failure();
    }
}
