package io.jackfield.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.api.AsyncHandler;
import io.jackfield.api.Reply;
import io.jackfield.protocol.ErrorCode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Handlers on their caller's thread, and the watch over them, which looks when the test says so. */
final class InlineWatchTest {

    private static final int STALL = 6;
    private static final int INTERRUPT = 51;

    private final ExecutorRig rig = new ExecutorRig();

    @AfterEach
    void close() {
        rig.close();
        // Whatever a test does to a call, its caller's thread is not left interrupted.
        assertFalse(Thread.interrupted());
    }

    private void look(int times) {
        for (int i = 0; i < times; i++) {
            rig.watch.look();
        }
    }

    private static String threadName() {
        return Thread.currentThread().getName();
    }

    @Test
    void shouldRunOnThreadsUntilACallHasEndedThenOnTheCallersThread() throws Exception {
        CountDownLatch letGo = new CountDownLatch(1);
        HandlerExecutor executor = rig.open(2, 10, true, (request, context) -> {
            letGo.await();
            return Reply.text(threadName());
        });
        Answer first = rig.inline(executor);
        Answer second = rig.inline(executor);
        assertFalse(executor.runsInline());
        assertEquals("threads", executor.figures().runs());
        letGo.countDown();
        assertNotEquals(threadName(), first.text());
        assertNotEquals(threadName(), second.text());
        ExecutorRig.await("it runs inline", executor::runsInline);

        Answer third = rig.inline(executor);
        assertTrue(third.ended());
        assertEquals(threadName(), third.text());
        assertEquals("loop", executor.figures().runs());
    }

    @Test
    void shouldNeverRunInlineWhatDoesNotSayNonBlocking() throws Exception {
        HandlerExecutor executor = rig.open(1, 10, (request, context) -> Reply.text(threadName()));
        for (int i = 0; i < 3; i++) {
            assertNotEquals(threadName(), rig.inline(executor).text());
        }
        assertFalse(executor.runsInline());
    }

    @Test
    void shouldDemoteAHandlerThatHoldsItsCallerTooLongFromTheNextCallOn() throws Exception {
        HandlerExecutor executor = rig.openInline((request, context) -> {
            look(STALL);
            return Reply.text(threadName());
        });
        assertEquals(threadName(), rig.inline(executor).text());

        assertTrue(executor.isDemoted());
        HandlerFigures figures = executor.figures();
        assertEquals("demoted", figures.runs());
        assertEquals(1, figures.stalls());
        assertEquals("p#1-s-1", rig.inline(executor).text());
    }

    @Test
    void shouldLetAHandlerBeThatEndsInTime() throws Exception {
        HandlerExecutor executor = rig.openInline((request, context) -> {
            look(STALL - 1);
            return Reply.text(threadName());
        });
        for (int i = 0; i < 20; i++) {
            assertEquals(threadName(), rig.inline(executor).text());
            look(i);
        }
        assertTrue(executor.runsInline());
        assertEquals(0, executor.figures().stalls());
    }

    @Test
    void shouldWatchTheBeginningOfAnAsynchronousCallAndNotItsWaiting() throws Exception {
        CompletableFuture<Reply> stage = new CompletableFuture<>();
        AtomicInteger looks = new AtomicInteger();
        AsyncHandler handler = (request, context) -> {
            look(looks.get());
            return stage;
        };
        HandlerExecutor executor = rig.open(3, 10, true, handler);
        Answer first = rig.inline(executor);
        ExecutorRig.await("it runs inline", executor::runsInline);
        Answer second = rig.inline(executor);
        look(STALL);
        assertFalse(executor.isDemoted());
        assertEquals(2, executor.inFlight());
        looks.set(STALL);
        Answer third = rig.inline(executor);
        assertTrue(executor.isDemoted());

        stage.complete(Reply.text("all"));
        assertEquals(
                "all", first.text() + second.text().substring(3) + third.text().substring(3));
        assertEquals(0, executor.inFlight());
    }

    @Test
    void shouldInterruptAHandlerThatGoesOnWaiting() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        HandlerExecutor executor = rig.openInline((request, context) -> {
            entered.countDown();
            new CountDownLatch(1).await();
            return Reply.text("");
        });
        Answer answer = new Answer();
        AtomicBoolean leftInterrupted = new AtomicBoolean();
        Thread caller = new Thread(() -> {
            executor.executeInline(ExecutorRig.REQUEST, ExecutorRig.FAR, answer, rig.watch);
            leftInterrupted.set(Thread.currentThread().isInterrupted());
        });
        caller.start();
        assertTrue(entered.await(Answer.WAIT_SECONDS, TimeUnit.SECONDS));
        look(INTERRUPT);
        caller.join(TimeUnit.SECONDS.toMillis(Answer.WAIT_SECONDS));

        assertEquals(ErrorCode.HANDLER_FAILED, answer.code());
        assertTrue(answer.failure().cause().contains("InterruptedException"));
        assertFalse(leftInterrupted.get());
        assertTrue(executor.isDemoted());
    }

    @Test
    void shouldNotLetTheInterruptOfACallHitWhatComesAfterIt() throws Exception {
        HandlerExecutor executor = rig.openInline((request, context) -> {
            look(INTERRUPT);
            return Reply.text("interrupted: " + Thread.currentThread().isInterrupted());
        });
        assertEquals("interrupted: true", rig.inline(executor).text());
        assertFalse(Thread.currentThread().isInterrupted());
    }

    @Test
    void shouldBlameTheOuterOfTwoCalls() throws Exception {
        HandlerExecutor inner = rig.openInline((request, context) -> {
            look(STALL);
            return Reply.text("inner");
        });
        HandlerExecutor outer =
                rig.openInline((request, context) -> rig.inline(inner).reply());

        assertEquals("inner", rig.inline(outer).text());
        assertTrue(outer.isDemoted());
        assertTrue(inner.runsInline());
    }

    @Test
    void shouldWatchByItself() throws Exception {
        try (InlineWatch watch = new InlineWatch(5)) {
            watch.begin();
            watch.begin();
            HandlerExecutor executor = rig.openInline((request, context) -> {
                new CountDownLatch(1).await();
                return Reply.text("");
            });
            Answer answer = new Answer();
            executor.executeInline(ExecutorRig.REQUEST, ExecutorRig.FAR, answer, watch);
            assertEquals(ErrorCode.HANDLER_FAILED, answer.code());
            assertTrue(executor.isDemoted());
        }
    }

    @Test
    void shouldContainWhatAHandlerThrowsInline() throws Exception {
        HandlerExecutor executor = rig.openInline((request, context) -> {
            throw new StackOverflowError();
        });
        for (int i = 0; i < 3; i++) {
            assertEquals(ErrorCode.HANDLER_FAILED, rig.inline(executor).code());
        }
        assertEquals(3, executor.figures().errors());
        assertTrue(executor.runsInline());
    }

    @Test
    void shouldRefuseInlineCallsWhenDrained() throws Exception {
        HandlerExecutor executor = rig.openInline((request, context) -> Reply.text(""));
        executor.drain().get(Answer.WAIT_SECONDS, TimeUnit.SECONDS);
        assertEquals(ErrorCode.DRAINING, rig.inline(executor).code());
    }
}
