package io.jackfield.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.api.AsyncHandler;
import io.jackfield.api.HandlerException;
import io.jackfield.api.Reply;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class HandlerCallTest {

    private final ExecutorRig rig = new ExecutorRig();

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void shouldSendPartialRepliesInOrderBeforeTheFinalOne() throws Exception {
        HandlerExecutor executor = rig.open(1, 10, (request, context) -> {
            boolean heard = context.partial(Reply.text("one")) && context.partial(Reply.text("two"));
            return Reply.text("three " + heard);
        });
        Answer answer = ExecutorRig.run(executor);
        assertEquals("three true", answer.text());
        assertEquals(List.of("one", "two"), answer.partials);
    }

    @Test
    void shouldNotTellTheEndWhileAnotherThreadTellsAPartialReply() throws Exception {
        CountDownLatch telling = new CountDownLatch(1);
        CountDownLatch told = new CountDownLatch(1);
        CompletableFuture<Thread> ending = new CompletableFuture<>();
        HandlerExecutor executor = rig.open(1, 10, (request, context) -> {
            new Thread(() -> context.partial(Reply.text("part"))).start();
            telling.await();
            ending.complete(Thread.currentThread());
            return Reply.text("end");
        });
        Queue<String> heard = new ConcurrentLinkedQueue<>();
        CompletableFuture<Void> ended = new CompletableFuture<>();
        executor.execute(ExecutorRig.REQUEST, ExecutorRig.FAR, new CallListener() {
            @Override
            public void partial(Reply reply) {
                telling.countDown();
                try {
                    told.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                heard.add("part");
            }

            @Override
            public void complete(Reply reply) {
                heard.add("end");
                ended.complete(null);
            }

            @Override
            public void fail(Failure failure) {
                ended.completeExceptionally(new AssertionError(failure));
            }
        });
        awaitWaiting(ending.get(Answer.WAIT_SECONDS, TimeUnit.SECONDS));
        told.countDown();
        ended.get(Answer.WAIT_SECONDS, TimeUnit.SECONDS);
        assertEquals(List.of("part", "end"), List.copyOf(heard));
    }

    private static void awaitWaiting(Thread thread) {
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(Answer.WAIT_SECONDS);
        while (thread.getState() != Thread.State.WAITING) {
            assertTrue(System.nanoTime() < endNs, "the end was told before the partial reply");
            Thread.onSpinWait();
        }
    }

    @Test
    void shouldDropAPartialReplyAfterTheEnd() throws Exception {
        CompletableFuture<Boolean> heard = new CompletableFuture<>();
        CountDownLatch ended = new CountDownLatch(1);
        HandlerExecutor executor = rig.open(1, 10, (request, context) -> {
            Thread late = new Thread(() -> {
                try {
                    ended.await();
                    heard.complete(context.partial(Reply.text("late")));
                } catch (InterruptedException e) {
                    heard.completeExceptionally(e);
                }
            });
            late.start();
            return Reply.text("end");
        });
        Answer answer = ExecutorRig.run(executor);
        assertEquals("end", answer.text());
        ended.countDown();
        assertFalse(heard.get(Answer.WAIT_SECONDS, TimeUnit.SECONDS));
        assertEquals(List.of(), answer.partials);
    }

    @Test
    void shouldRefuseAPartialReplyThatExitsEarly() throws Exception {
        HandlerExecutor executor = rig.open(1, 10, (request, context) -> {
            context.partial(Reply.text("x").withEarlyExit());
            return Reply.text("end");
        });
        Failure failure = ExecutorRig.run(executor).failure();
        assertEquals(ErrorCode.HANDLER_FAILED, failure.code());
        assertTrue(failure.cause().contains("early exit"), failure::toString);
    }

    @Test
    void shouldTellTheTypedFailureOfAHandler() throws Exception {
        HandlerExecutor known = rig.open(1, 1, (request, context) -> {
            throw HandlerException.badRequest("x: 1 (expected: 2)", "send 2");
        });
        assertEquals(
                Failure.of(ErrorCode.BAD_REQUEST, "x: 1 (expected: 2)", "send 2"),
                ExecutorRig.run(known).failure());
        HandlerExecutor unknown = rig.open(1, 1, (request, context) -> {
            throw new HandlerException("OUT_OF_PAPER", "tray 2", "refill");
        });
        assertEquals(
                Failure.of(ErrorCode.HANDLER_FAILED, "OUT_OF_PAPER: tray 2", "refill"),
                ExecutorRig.run(unknown).failure());
    }

    @Test
    void shouldContainWhateverAHandlerThrowsOrReturnsAndGoOn() throws Exception {
        Queue<Throwable> thrown = new ConcurrentLinkedQueue<>(List.of(
                new IllegalStateException("broken"),
                new StackOverflowError(),
                new NoClassDefFoundError("x/Y"),
                new Hostile()));
        HandlerExecutor executor = rig.open(1, 10, (request, context) -> {
            Throwable next = thrown.poll();
            if (next instanceof Error error) {
                throw error;
            }
            if (next instanceof Exception exception) {
                throw exception;
            }
            return nothing();
        });
        assertEquals(
                "service s: java.lang.IllegalStateException: broken",
                ExecutorRig.run(executor).failure().cause());
        assertEquals(
                "service s: java.lang.StackOverflowError",
                ExecutorRig.run(executor).failure().cause());
        assertEquals(
                "service s: java.lang.NoClassDefFoundError: x/Y",
                ExecutorRig.run(executor).failure().cause());
        Failure hostile = ExecutorRig.run(executor).failure();
        assertEquals(ErrorCode.HANDLER_FAILED, hostile.code());
        assertTrue(hostile.cause().contains(Hostile.class.getName()), hostile::toString);
        assertEquals(
                "service s returned null (expected: a Reply)",
                ExecutorRig.run(executor).failure().cause());
    }

    @Test
    void shouldInterruptARunningCallThatIsCancelledAndNotTheNextOne() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        Set<Long> threads = ConcurrentHashMap.newKeySet();
        HandlerExecutor executor = rig.open(1, 10, (request, context) -> {
            threads.add(Thread.currentThread().getId());
            if (started.getCount() > 0) {
                started.countDown();
                new CountDownLatch(1).await();
            }
            return Reply.text("interrupted: " + Thread.currentThread().isInterrupted());
        });
        Answer first = new Answer();
        HandlerCall call = executor.execute(ExecutorRig.REQUEST, ExecutorRig.FAR, first);
        Answer second = ExecutorRig.run(executor);
        assertTrue(started.await(Answer.WAIT_SECONDS, TimeUnit.SECONDS));
        call.cancel();

        assertEquals(ErrorCode.CANCELLED, first.code());
        assertEquals("interrupted: false", second.text());
        assertEquals(1, threads.size());
    }

    @Test
    void shouldKeepThePermitOfACancelledCallUntilItsHandlerLetsGo() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch letGo = new CountDownLatch(1);
        CompletableFuture<Boolean> heard = new CompletableFuture<>();
        HandlerExecutor executor = rig.open(1, 10, (request, context) -> {
            started.countDown();
            boolean waits = true;
            while (waits) {
                try {
                    letGo.await();
                    waits = false;
                } catch (InterruptedException e) {
                    heard.complete(context.isCancelled() && !context.partial(Reply.text("x")));
                }
            }
            return Reply.text("too late");
        });
        Answer answer = new Answer();
        HandlerCall call = executor.execute(ExecutorRig.REQUEST, ExecutorRig.FAR, answer);
        assertTrue(started.await(Answer.WAIT_SECONDS, TimeUnit.SECONDS));
        call.cancel();
        call.cancel();

        assertTrue(heard.get(Answer.WAIT_SECONDS, TimeUnit.SECONDS));
        assertFalse(answer.ended());
        assertEquals(1, executor.inFlight());
        letGo.countDown();
        assertEquals(ErrorCode.CANCELLED, answer.code());
        assertEquals(List.of(), answer.partials);
    }

    @Test
    void shouldEndAWaitingCallAtOnceWhenItIsCancelled() throws Exception {
        CountDownLatch letGo = new CountDownLatch(1);
        HandlerExecutor executor = rig.open(1, 10, (request, context) -> {
            letGo.await();
            return Reply.text("ran");
        });
        Answer running = ExecutorRig.run(executor);
        Answer waiting = new Answer();
        HandlerCall call = executor.execute(ExecutorRig.REQUEST, ExecutorRig.FAR, waiting);
        call.cancel();

        assertTrue(waiting.ended());
        assertEquals(ErrorCode.CANCELLED, waiting.code());
        assertEquals(0, executor.queueLength());
        letGo.countDown();
        assertEquals("ran", running.text());
    }

    @Test
    void shouldNotBeginACallWhoseDeadlinePassedWhileItWaited() throws Exception {
        CountDownLatch letGo = new CountDownLatch(1);
        HandlerExecutor executor = rig.open(1, 10, (request, context) -> {
            letGo.await();
            return Reply.text("ran " + context.remaining() + " " + context.isCancelled() + " " + context.deadline());
        });
        Answer first = ExecutorRig.run(executor, 1_000);
        Answer late = ExecutorRig.run(executor, 500);
        rig.nowNs.set(500);
        letGo.countDown();

        assertEquals("ran PT0.0000005S false 1970-01-01T00:00:00.000000500Z", first.text());
        assertEquals(ErrorCode.DEADLINE_EXCEEDED, late.code());
    }

    @Test
    void shouldRunAnAsynchronousHandlerWithoutHoldingAThreadButWithAPermit() throws Exception {
        Queue<CompletableFuture<Reply>> stages = new ConcurrentLinkedQueue<>();
        CountDownLatch begun = new CountDownLatch(2);
        AsyncHandler handler = (request, context) -> {
            CompletableFuture<Reply> stage = new CompletableFuture<>();
            stages.add(stage);
            begun.countDown();
            return stage;
        };
        HandlerExecutor executor = rig.open(2, 10, handler);
        List<Answer> answers = List.of(ExecutorRig.run(executor), ExecutorRig.run(executor), ExecutorRig.run(executor));
        assertTrue(begun.await(Answer.WAIT_SECONDS, TimeUnit.SECONDS));
        assertEquals(1, executor.queueLength());
        assertEquals(2, stages.size());

        next(stages).complete(Reply.text("one"));
        next(stages).completeExceptionally(new HandlerException("BAD_REQUEST", "two", ""));
        Answer end = new Answer();
        executor.execute(ExecutorRig.REQUEST, ExecutorRig.FAR, end);
        // The third was queued before the fourth: both run once the first two have given their permits back.
        untilStages(stages, 2);
        stages.forEach(stage -> stage.complete(Reply.text("rest")));
        assertEquals("rest", answers.get(2).text());
        assertEquals("rest", end.text());
        List<String> ends = new ArrayList<>();
        for (Answer answer : answers.subList(0, 2)) {
            ends.add(answer.outcome());
        }
        ends.sort(null);
        assertEquals(List.of("BAD_REQUEST", "one"), ends);
    }

    @Test
    void shouldCancelTheFutureOfAnAsynchronousCall() throws Exception {
        CompletableFuture<Reply> stage = new CompletableFuture<>();
        CountDownLatch begun = new CountDownLatch(1);
        AsyncHandler handler = (request, context) -> {
            begun.countDown();
            return stage;
        };
        HandlerExecutor executor = rig.open(1, 10, handler);
        Answer answer = new Answer();
        HandlerCall call = executor.execute(ExecutorRig.REQUEST, ExecutorRig.FAR, answer);
        assertTrue(begun.await(Answer.WAIT_SECONDS, TimeUnit.SECONDS));
        call.cancel();

        assertEquals(ErrorCode.CANCELLED, answer.code());
        assertThrows(java.util.concurrent.CancellationException.class, () -> stage.getNow(null));
    }

    @Test
    void shouldGoOnWhenAListenerThrows() throws Exception {
        HandlerExecutor executor = rig.open(1, 10, (request, context) -> Reply.text("ran"));
        CountDownLatch told = new CountDownLatch(1);
        CallListener throwing = new CallListener() {
            @Override
            public void partial(Reply reply) {}

            @Override
            public void complete(Reply reply) {
                told.countDown();
                throw new IllegalStateException("listener");
            }

            @Override
            public void fail(Failure failure) {}
        };
        executor.execute(ExecutorRig.REQUEST, ExecutorRig.FAR, throwing);
        assertTrue(told.await(Answer.WAIT_SECONDS, TimeUnit.SECONDS));
        assertEquals("ran", ExecutorRig.run(executor).text());
    }

    @Test
    void shouldGiveThePluginsLoggerToItsHandlers() throws Exception {
        CompletableFuture<System.Logger> logger = new CompletableFuture<>();
        HandlerExecutor executor = rig.open(1, 10, (request, context) -> {
            logger.complete(context.logger());
            return Reply.text("");
        });
        ExecutorRig.run(executor).text();
        assertEquals("plugin.p", logger.get().getName());
        assertSame(logger.get(), logger.get());
    }

    private static CompletableFuture<Reply> next(Queue<CompletableFuture<Reply>> stages) {
        CompletableFuture<Reply> stage = stages.poll();
        if (stage == null) {
            throw new AssertionError("no stage");
        }
        return stage;
    }

    private static void untilStages(Queue<CompletableFuture<Reply>> stages, int count) throws ExecutionException {
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(Answer.WAIT_SECONDS);
        while (stages.size() < count) {
            if (System.nanoTime() > endNs) {
                throw new AssertionError("stages: " + stages.size() + " (expected: " + count + ")");
            }
            Thread.onSpinWait();
        }
    }

    // What a handler compiled without null checks does.
    @SuppressWarnings("NullAway")
    private static Reply nothing() {
        return null;
    }

    /** Fails even when it is asked what it is. */
    private static final class Hostile extends RuntimeException {
        @Override
        public String getMessage() {
            throw new IllegalStateException("nobody may read this");
        }
    }
}
