package io.jackfield.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.api.AsyncHandler;
import io.jackfield.api.HandlerException;
import io.jackfield.api.Reply;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class HandlerFiguresTest {

    private final ExecutorRig rig = new ExecutorRig();

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void shouldTimeEachCallOnThreadsAndItsWait() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch letGo = new CountDownLatch(1);
        HandlerExecutor executor = rig.open(1, 10, (request, context) -> {
            begun.countDown();
            letGo.await();
            rig.nowNs.addAndGet(TimeUnit.MICROSECONDS.toNanos(1_000));
            return Reply.text("");
        });
        Answer first = ExecutorRig.run(executor);
        assertTrue(begun.await(Answer.WAIT_SECONDS, TimeUnit.SECONDS));
        Answer second = ExecutorRig.run(executor);
        HandlerFigures during = executor.figures();
        assertEquals(2, during.inFlight());
        assertEquals(1, during.queued());
        assertEquals(1, during.threads());
        letGo.countDown();
        first.text();
        second.text();

        HandlerFigures figures = executor.figures();
        assertEquals(2, figures.calls());
        assertEquals(0, figures.errors());
        assertEquals("threads", figures.runs());
        assertEquals(1, figures.timedOneIn());
        assertEquals(1_000, figures.maxUs());
        assertAbout(1_000, figures.p50Us());
        assertAbout(1_000, figures.p99Us());
        assertEquals(0, figures.waitP50Us());
        assertAbout(1_000, figures.waitP99Us());
    }

    @Test
    void shouldForgetTimesOfLongAgoButNotTheCounts() throws Exception {
        HandlerExecutor executor = rig.open(1, 10, (request, context) -> {
            rig.nowNs.addAndGet(5_000);
            return Reply.text("");
        });
        ExecutorRig.run(executor).text();
        rig.nowNs.addAndGet(RecentLatency.WINDOW_NS);
        assertAbout(5, executor.figures().p50Us());
        rig.nowNs.addAndGet(RecentLatency.WINDOW_NS);
        HandlerFigures figures = executor.figures();
        assertEquals(0, figures.p50Us());
        assertEquals(5, figures.maxUs());
        assertEquals(1, figures.calls());
    }

    @Test
    void shouldCountAsErrorsWhatIsTheHandlersFault() throws Exception {
        HandlerExecutor executor = rig.open(1, 10, (request, context) -> {
            switch (request.text()) {
                case "" -> throw new IllegalStateException("broken");
                default -> throw HandlerException.badRequest("x", "y");
            }
        });
        ExecutorRig.run(executor).failure();
        assertEquals(1, executor.figures().errors());
        Answer wrong = new Answer();
        executor.execute(io.jackfield.api.Request.of("s", new byte[] {'?'}), ExecutorRig.FAR, wrong);
        wrong.failure();
        assertEquals(1, executor.figures().errors());
        assertEquals(2, executor.figures().calls());
    }

    @Test
    void shouldCountACancelledCallAsSuch() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        HandlerExecutor executor = rig.open(1, 10, (request, context) -> {
            begun.countDown();
            new CountDownLatch(1).await();
            return Reply.text("");
        });
        Answer answer = new Answer();
        HandlerCall call = executor.execute(ExecutorRig.REQUEST, ExecutorRig.FAR, answer);
        assertTrue(begun.await(Answer.WAIT_SECONDS, TimeUnit.SECONDS));
        call.cancel();
        answer.failure();

        HandlerFigures figures = executor.figures();
        assertEquals(1, figures.cancelled());
        assertEquals(0, figures.errors());
    }

    @Test
    void shouldCountEveryCallInlineAndTimeOneInSixteen() throws Exception {
        HandlerExecutor executor = rig.openInline((request, context) -> {
            rig.nowNs.addAndGet(2_000);
            return Reply.text("");
        });
        for (int i = 0; i < 33; i++) {
            rig.inline(executor);
        }
        HandlerFigures figures = executor.figures();
        assertEquals(34, figures.calls());
        assertEquals("loop", figures.runs());
        assertEquals(16, figures.timedOneIn());
        assertAbout(2, figures.p99Us());
    }

    @Test
    void shouldTimeAnAsynchronousCallToTheEndOfItsStageAndDropASecondEnd() throws Exception {
        CompletableFuture<Reply> stage = new CompletableFuture<>();
        AsyncHandler handler = (request, context) -> new TwiceTold(stage);
        HandlerExecutor executor = rig.open(1, 10, handler);
        Answer answer = ExecutorRig.run(executor);
        ExecutorRig.await("both listen", () -> stage.getNumberOfDependents() == 2);
        rig.nowNs.addAndGet(7_000);
        stage.complete(Reply.text("one"));

        assertEquals("one", answer.text());
        assertEquals(0, executor.inFlight());
        assertEquals(7, executor.figures().maxUs());
        assertEquals(1, executor.figures().calls());
        assertEquals("one", ExecutorRig.run(executor).text());
        ExecutorRig.await("its permit is back", () -> executor.inFlight() == 0);
    }

    /** Tells whoever asks of its end twice. */
    private static final class TwiceTold extends CompletableFuture<Reply> {
        private final CompletableFuture<Reply> origin;

        TwiceTold(CompletableFuture<Reply> origin) {
            this.origin = origin;
        }

        @Override
        public CompletableFuture<Reply> whenComplete(
                java.util.function.BiConsumer<? super Reply, ? super Throwable> action) {
            return origin.whenComplete(action).thenCombine(origin.whenComplete(action), (first, second) -> first);
        }
    }

    private static void assertAbout(long expected, long told) {
        assertTrue(told >= expected && told <= expected + expected / 16 + 1, () -> told + " for " + expected);
    }
}
