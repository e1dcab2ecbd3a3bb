package io.jackfield.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.api.AsyncHandler;
import io.jackfield.api.Reply;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class HandlerExecutorTest {

    private final ExecutorRig rig = new ExecutorRig();

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void shouldRunOnNamedDaemonThreadsOfItsOwn() throws Exception {
        HandlerExecutor executor = rig.open(2, 10, (request, context) -> {
            Thread thread = Thread.currentThread();
            return Reply.text(thread.getName() + " " + thread.isDaemon());
        });
        assertEquals("p#1-s-1 true", ExecutorRig.run(executor).text());
    }

    @Test
    void shouldNeverRunMoreCallsThanAllowedAndRefuseWhatTheQueueCannotHold() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        CyclicBarrier both = new CyclicBarrier(3);
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        HandlerExecutor executor = rig.open(2, 3, (request, context) -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            if (go.getCount() > 0) {
                both.await();
            }
            go.await();
            now.decrementAndGet();
            return Reply.text("done");
        });
        List<Answer> answers = new ArrayList<>(List.of(ExecutorRig.run(executor), ExecutorRig.run(executor)));
        both.await(Answer.WAIT_SECONDS, TimeUnit.SECONDS);
        for (int i = 0; i < 3; i++) {
            answers.add(ExecutorRig.run(executor));
        }
        assertEquals(3, executor.queueLength());
        assertEquals(5, executor.inFlight());
        Failure refused = ExecutorRig.run(executor).failure();
        assertEquals(ErrorCode.OVERLOADED, refused.code());
        assertTrue(refused.cause().contains("full: 3 calls"), refused::toString);

        go.countDown();
        for (Answer answer : answers) {
            assertEquals("done", answer.text());
        }
        assertEquals(2, most.get());
    }

    @Test
    void shouldStartWhatIsToBeginSoonWhenItIsTold() throws Exception {
        HandlerExecutor executor = rig.open(2, 1, (request, context) -> Reply.text("done"));
        List<Answer> answers = List.of(new Answer(), new Answer(), new Answer());
        enqueue(executor, answers);
        Answer refused = new Answer();
        enqueue(executor, List.of(refused));
        assertEquals(ErrorCode.OVERLOADED, refused.code(), "two may run and one may wait");
        assertEquals(3, executor.queueLength());

        executor.startWaiting();
        for (Answer answer : answers) {
            assertEquals("done", answer.text());
        }
    }

    private static void enqueue(HandlerExecutor executor, List<Answer> answers) {
        executor.enqueue(prepared(executor, answers));
    }

    private static List<HandlerCall> prepared(HandlerExecutor executor, List<Answer> answers) {
        return answers.stream()
                .map(answer -> executor.prepare(ExecutorRig.REQUEST, 0, ExecutorRig.FAR, answer))
                .toList();
    }

    @Test
    void shouldRunAllThatWaitOnTheThreadOfTheFirst() throws Exception {
        HandlerExecutor executor = rig.open(
                2, 10, (request, context) -> Reply.text(Thread.currentThread().getName()));
        List<Answer> answers = List.of(new Answer(), new Answer(), new Answer());
        enqueue(executor, answers);

        executor.startFirst();
        for (Answer answer : answers) {
            assertEquals("p#1-s-1", answer.text());
        }
    }

    @Test
    void shouldStartAsManyAsynchronousCallsAsMayRun() throws Exception {
        CompletableFuture<Reply> reply = new CompletableFuture<>();
        CountDownLatch begun = new CountDownLatch(2);
        AsyncHandler handler = (request, context) -> {
            begun.countDown();
            return reply;
        };
        HandlerExecutor executor = rig.open(2, 10, handler);
        List<Answer> answers = List.of(new Answer(), new Answer());
        enqueue(executor, answers);

        executor.startFirst();
        assertTrue(begun.await(Answer.WAIT_SECONDS, TimeUnit.SECONDS));
        reply.complete(Reply.text("done"));
        for (Answer answer : answers) {
            assertEquals("done", answer.text());
        }
    }

    @Test
    void shouldEndEveryOneOfManyCallsExactlyOnceUnderLoadFromSeveralThreads() throws Exception {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        HandlerExecutor executor = rig.open(3, 100_000, (request, context) -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            Thread.onSpinWait();
            now.decrementAndGet();
            return Reply.of(new byte[0]);
        });
        Queue<Answer> answers = new ConcurrentLinkedQueue<>();
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread caller = new Thread(() -> {
                for (int n = 0; n < 5_000; n++) {
                    Answer answer = new Answer();
                    answers.add(answer);
                    HandlerCall call = executor.execute(ExecutorRig.REQUEST, ExecutorRig.FAR, answer);
                    if (n % 3 == 0) {
                        call.cancel();
                    }
                }
            });
            caller.start();
            callers.add(caller);
        }
        for (Thread caller : callers) {
            caller.join();
        }
        executor.drain().get(Answer.WAIT_SECONDS, TimeUnit.SECONDS);
        assertEquals(20_000, answers.stream().filter(Answer::ended).count());
        assertTrue(most.get() <= 3, () -> "at a time: " + most);
        assertEquals(0, executor.queueLength());
    }

    @Test
    void shouldFinishWhatIsInFlightWhenDrainedAndTakeNothingNew() throws Exception {
        CountDownLatch letGo = new CountDownLatch(1);
        HandlerExecutor executor = rig.open(1, 10, (request, context) -> {
            letGo.await();
            return Reply.text("ran");
        });
        List<Answer> before = List.of(ExecutorRig.run(executor), ExecutorRig.run(executor));
        CompletableFuture<Void> drained = executor.drain();
        assertEquals(ErrorCode.DRAINING, ExecutorRig.run(executor).code());
        assertFalse(drained.isDone());

        letGo.countDown();
        for (Answer answer : before) {
            assertEquals("ran", answer.text());
        }
        drained.get(Answer.WAIT_SECONDS, TimeUnit.SECONDS);
        assertEquals(0, executor.inFlight());
    }

    @Test
    void shouldTakeNoneOfABatchOnceItIsDrained() throws Exception {
        HandlerExecutor executor = rig.open(2, 10, (request, context) -> Reply.text("ran"));
        List<Answer> answers = List.of(new Answer(), new Answer());
        List<HandlerCall> calls = prepared(executor, answers);
        executor.drain().get(Answer.WAIT_SECONDS, TimeUnit.SECONDS);

        executor.enqueue(calls);
        for (Answer answer : answers) {
            assertEquals(ErrorCode.DRAINING, answer.code());
        }
        assertEquals(0, executor.queueLength());
    }

    @Test
    void shouldNotRunACallThatWasCancelledBeforeItWasGiven() throws Exception {
        AtomicInteger ran = new AtomicInteger();
        HandlerExecutor executor = rig.open(2, 10, (request, context) -> Reply.text("" + ran.incrementAndGet()));
        List<Answer> answers = List.of(new Answer(), new Answer());
        List<HandlerCall> calls = prepared(executor, answers);
        calls.get(0).cancel();

        executor.enqueue(calls);
        executor.startWaiting();
        assertEquals(ErrorCode.CANCELLED, answers.get(0).code());
        assertEquals("1", answers.get(1).text());
        executor.drain().get(Answer.WAIT_SECONDS, TimeUnit.SECONDS);
        assertEquals(1, ran.get());
    }

    @Test
    void shouldCancelEverythingWhenClosed() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        HandlerExecutor executor = rig.open(1, 10, (request, context) -> {
            started.countDown();
            new CountDownLatch(1).await();
            return Reply.text("");
        });
        Answer running = ExecutorRig.run(executor);
        Answer waiting = ExecutorRig.run(executor);
        assertTrue(started.await(Answer.WAIT_SECONDS, TimeUnit.SECONDS));
        executor.close();

        assertEquals(ErrorCode.CANCELLED, waiting.code());
        assertEquals(ErrorCode.CANCELLED, running.code());
        executor.drain().get(Answer.WAIT_SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void shouldUseVirtualThreadsForManyCallsAtATimeWhereTheJdkHasThem() throws Exception {
        int many = 4 * Runtime.getRuntime().availableProcessors() + 1;
        CompletableFuture<Thread> seen = new CompletableFuture<>();
        HandlerExecutor executor = rig.open(many, 10, (request, context) -> {
            seen.complete(Thread.currentThread());
            return Reply.text(Thread.currentThread().getName());
        });
        assertEquals("p#1-s-1", ExecutorRig.run(executor).text());
        boolean virtual = seen.get().getClass() != Thread.class;
        assertEquals(CallThreads.virtualThreadsExist(), virtual);
        assertEquals(Runtime.version().feature() >= 21, virtual);
    }

    @Test
    void shouldLetItsThreadsEnd() throws Exception {
        CompletableFuture<Thread> seen = new CompletableFuture<>();
        HandlerExecutor executor = rig.open(1, 10, (request, context) -> {
            seen.complete(Thread.currentThread());
            return Reply.text("");
        });
        ExecutorRig.run(executor).text();
        executor.drain().get(Answer.WAIT_SECONDS, TimeUnit.SECONDS);
        Thread thread = seen.get();
        thread.join(TimeUnit.SECONDS.toMillis(Answer.WAIT_SECONDS));
        assertFalse(thread.isAlive());
        assertNotEquals(Thread.currentThread(), thread);
    }
}
