package io.jackfield.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.api.AsyncHandler;
import io.jackfield.api.Reply;
import io.jackfield.api.Request;
import io.jackfield.protocol.ErrorCode;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls whose handler does not let go of them. */
final class LostCallTest {

    private final ExecutorRig rig = new ExecutorRig();
    private final CountDownLatch letGo = new CountDownLatch(1);
    private final Set<String> threads = ConcurrentHashMap.newKeySet();

    @AfterEach
    void close() {
        letGo.countDown();
        rig.close();
    }

    private HandlerExecutor stubborn(int concurrency) {
        return rig.open(concurrency, 10, (request, context) -> {
            threads.add(Thread.currentThread().getName());
            while (request.text().equals("hang") && letGo.getCount() > 0) {
                try {
                    letGo.await();
                } catch (InterruptedException e) {
                    // It does not listen.
                }
            }
            return Reply.text("done");
        });
    }

    private HandlerCall hang(HandlerExecutor executor, Answer answer) throws InterruptedException {
        int before = threads.size();
        HandlerCall call = executor.execute(Request.of("s", new byte[] {'h', 'a', 'n', 'g'}), ExecutorRig.FAR, answer);
        ExecutorRig.await("it hangs", () -> threads.size() > before);
        return call;
    }

    @Test
    void shouldEndTheCallAndReplaceItsThread() throws Exception {
        HandlerExecutor executor = stubborn(1);
        Answer first = new Answer();
        HandlerCall call = hang(executor, first);
        Answer second = ExecutorRig.run(executor);
        call.cancel();
        assertFalse(first.ended());
        assertTrue(call.writeOff());

        assertEquals(ErrorCode.HANDLER_FAILED, first.code());
        assertTrue(first.failure().cause().contains("does not let go"));
        assertEquals("done", second.text());
        assertEquals(Set.of("p#1-s-1", "p#1-s-2"), threads);
        assertEquals(1, executor.figures().lost());
        assertEquals(1, executor.figures().errors());
        assertFalse(call.writeOff());

        letGo.countDown();
        ExecutorRig.await("the thread is back", () -> executor.lost() == 0);
        for (int i = 0; i < 10; i++) {
            assertEquals("done", ExecutorRig.run(executor).text());
        }
        ExecutorRig.await("one thread too many", () -> executor.figures().threads() == 1);
    }

    @Test
    void shouldLoseNoMoreThanAsManyAsMayRun() throws Exception {
        HandlerExecutor executor = stubborn(1);
        Answer second = new Answer();
        assertTrue(hang(executor, new Answer()).writeOff());
        HandlerCall call = hang(executor, second);
        assertFalse(call.writeOff());
        assertEquals(1, executor.lost());
        assertFalse(second.ended());
        assertEquals(1, executor.inFlight());
        letGo.countDown();
        assertEquals("done", second.text());
    }

    @Test
    void shouldNotWaitForALostCallWhenDrained() throws Exception {
        HandlerExecutor executor = stubborn(2);
        HandlerCall call = hang(executor, new Answer());
        CompletableFuture<Void> drained = executor.drain();
        assertFalse(drained.isDone());
        assertTrue(call.writeOff());
        drained.get(Answer.WAIT_SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void shouldWriteOffAnAsynchronousCallWhoseStageDoesNotEnd() throws Exception {
        CompletableFuture<Reply> stage = new CompletableFuture<>();
        AsyncHandler handler = (request, context) -> stage;
        HandlerExecutor executor = rig.open(1, 10, handler);
        Answer first = new Answer();
        HandlerCall call = executor.execute(ExecutorRig.REQUEST, ExecutorRig.FAR, first);
        ExecutorRig.await("it listens", () -> stage.getNumberOfDependents() == 1);
        Answer second = ExecutorRig.run(executor);
        assertTrue(call.writeOff());
        assertEquals(ErrorCode.HANDLER_FAILED, first.code());
        ExecutorRig.await("the next begins", () -> stage.getNumberOfDependents() == 2);

        stage.complete(Reply.text("late"));
        assertEquals("late", second.text());
        assertEquals(0, executor.lost());
        assertEquals(ErrorCode.HANDLER_FAILED, first.code());
    }

    @Test
    void shouldTakeACallBackThatStillWaits() throws Exception {
        HandlerExecutor executor = stubborn(1);
        Answer running = new Answer();
        HandlerCall unused = hang(executor, running);
        Answer waiting = new Answer();
        HandlerCall call = executor.execute(ExecutorRig.REQUEST, ExecutorRig.FAR, waiting);

        assertTrue(call.writeOff());

        assertEquals(ErrorCode.CANCELLED, waiting.code());
        assertEquals(0, executor.lost());
        assertEquals(0, executor.queueLength());
        letGo.countDown();
        assertEquals("done", running.text());
        executor.drain().get(Answer.WAIT_SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void shouldLeaveACallAloneThatHasEnded() throws Exception {
        HandlerExecutor executor = stubborn(1);
        Answer answer = new Answer();
        HandlerCall call = executor.execute(ExecutorRig.REQUEST, ExecutorRig.FAR, answer);
        assertEquals("done", answer.text());
        assertFalse(call.writeOff());
        assertEquals(0, executor.lost());
    }
}
