package io.jackfield.broker.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.api.AsyncHandler;
import io.jackfield.api.Handler;
import io.jackfield.api.HandlerContext;
import io.jackfield.api.Reply;
import io.jackfield.api.Request;
import io.jackfield.broker.dispatch.DispatchLimits;
import io.jackfield.broker.dispatch.DispatchSnapshot.ServiceView;
import io.jackfield.broker.dispatch.DispatchSnapshot.WorkerView;
import io.jackfield.broker.model.Envelope.Traits;
import io.jackfield.broker.model.Frames;
import io.jackfield.host.Declared;
import io.jackfield.host.HostedHandler;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of calls that end before their handler does, of credit, and of many calls at a time. */
final class LocalWorkerFlowTest {
    private static final Frames BODY = Frames.of("body".getBytes(StandardCharsets.UTF_8));
    private static final DispatchLimits D = DispatchLimits.DEFAULT;

    private Bench bench = new Bench();
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    @AfterEach
    void close() throws Exception {
        released.countDown();
        try {
            bench.awaitNothingInFlight();
        } finally {
            bench.close();
        }
    }

    @Test
    void shouldInterruptACancelledHandlerDropItsAnswerAndHaveItsCreditBack() throws Exception {
        Queue<String> seen = new ConcurrentLinkedQueue<>();
        Served.of(bench, Served.threaded("s", 1, (request, context) -> {
            if (request.text().equals("next")) {
                return Reply.text("next");
            }
            entered.countDown();
            try {
                released.await();
            } catch (InterruptedException e) {
                seen.add("interrupted, cancelled: " + context.isCancelled() + ", partial: "
                        + context.partial(Reply.text("late")));
            }
            return Reply.text("late");
        }));
        Asked asked = bench.ask("s", "");
        entered.await();

        bench.cancel(asked);

        asked.failure(ErrorCode.CANCELLED);
        assertEquals("next", bench.ask("s", "next").text());
        assertEquals(List.of("interrupted, cancelled: true, partial: false"), List.copyOf(seen));
        asked.assertNothingMore();
        assertEquals(1, service("s").late());
    }

    @Test
    void shouldEndACallAtItsDeadlineAndHoldItsCreditUntilTheHandlerLetsGo() throws Exception {
        AtomicReference<Boolean> cancelled = new AtomicReference<>();
        Served.of(bench, Served.threaded("s", 1, (request, context) -> {
            if (request.text().equals("next")) {
                return Reply.text("next");
            }
            entered.countDown();
            awaitUninterruptibly(released);
            cancelled.set(context.isCancelled());
            return Reply.text("late");
        }));
        Asked asked = bench.ask("s", Headers.EMPTY, BODY, new Traits(500_000_000, false, false, false));
        entered.await();
        asked.failure(ErrorCode.DEADLINE_EXCEEDED);

        Asked next = bench.ask("s", "next");
        assertEquals(1, bench.snapshot().abandoned());
        assertEquals(1, service("s").queued());
        released.countDown();

        assertEquals("next", next.text());
        assertEquals(true, cancelled.get());
        asked.assertNothingMore();
        assertEquals(1, service("s").late());
    }

    /** Another plugin blocks in what it hung on the end of its call; a call that is told to stop while it waits for room does so all the same. */
    @Test
    void shouldStopAStreamWhileAnotherPluginBlocksWhatIsCancelled() throws Exception {
        AsyncHandler blocking = (request, context) -> {
            CompletableFuture<Reply> answer = new CompletableFuture<>();
            CompletableFuture<Reply> unused = answer.whenComplete((reply, thrown) -> {
                entered.countDown();
                awaitUninterruptibly(released);
            });
            return answer;
        };
        CountDownLatch streams = new CountDownLatch(20);
        CountDownLatch stopped = new CountDownLatch(1);
        Served.of(bench, Served.threaded("blocking", 1, blocking));
        Served stream = Served.of(bench, Served.threaded("stream", 1, (request, context) -> {
            Reply part = Reply.of(new byte[Served.BODY_BYTES_MAX]);
            while (context.partial(part)) {
                streams.countDown();
            }
            stopped.countDown();
            return Reply.text("stopped");
        }));
        Asked first = bench.ask("blocking", "");
        Asked second = bench.ask("stream", "");
        assertTrue(streams.await(Asked.WAIT_S, TimeUnit.SECONDS));
        bench.cancel(first);
        assertTrue(entered.await(Asked.WAIT_S, TimeUnit.SECONDS));

        bench.cancel(second);

        assertTrue(stopped.await(Asked.WAIT_S, TimeUnit.SECONDS));
        Bench.await("the stream's call", () -> stream.inFlight() == 0);
    }

    @Test
    void shouldHaveAsManyRequestsAsTheHandlerIsConcurrent() throws Exception {
        CountDownLatch three = new CountDownLatch(3);
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Served.of(bench, Served.threaded("s", 3, (request, context) -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            three.countDown();
            released.await();
            running.decrementAndGet();
            return Reply.text("done");
        }));
        List<Asked> all = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            all.add(bench.ask("s", ""));
        }
        three.await();

        WorkerView worker = bench.snapshot().workers().get(0);
        assertEquals(3, worker.credit());
        assertEquals(3, worker.inFlight());
        assertEquals("plugin p@1.0.0#1", worker.description());
        assertEquals(7, service("s").queued());
        released.countDown();

        for (Asked asked : all) {
            assertEquals("done", asked.text());
        }
        assertEquals(3, most.get());
    }

    @Test
    void shouldGiveAQuickHandlerMoreThanItsThreadsRunAndAHandlerThatTurnsSlowNoMore() throws Exception {
        Served.of(bench, Served.threaded("s", 1, (request, context) -> {
            if (request.text().equals("slow")) {
                entered.countDown();
                awaitUninterruptibly(released);
            }
            return Reply.text("done");
        }));
        do { // on a slow machine not every answer is quick
            bench.ask("s", "").text();
        } while (bench.creditOfTheOnlyWorker() == 1);

        Asked slow = bench.ask("s", "slow");
        entered.await();
        Bench.await("the credit stays", () -> {
            bench.ask("s", ""); // a request that is given to it is what tells that the answer before is late
            return bench.creditOfTheOnlyWorker() == 1;
        });
        released.countDown();
        assertEquals("done", slow.text());
    }

    @Test
    void shouldTellWhatTheHandlersExecutorRefuses() throws Exception {
        Endless endless = new Endless();
        Served.of(bench, Served.hosted(new Declared("s", "1", 0, 1, false, true), endless, 0));
        Asked first = bench.ask("s", "");
        Asked second = bench.ask("s", "");

        assertTrue(second.failure(ErrorCode.OVERLOADED).cause().contains("is full: 0 calls"));
        endless.begun().complete(Reply.text("one"));
        assertEquals("one", first.text());
    }

    @Test
    void shouldReplaceTheThreadOfAHandlerThatDoesNotLetGo() throws Exception {
        bench.close();
        bench = new Bench(new DispatchLimits(D.requestsMax(), D.requestsBytesMax(), 10, 10, 20));
        Served served = Served.of(bench, Served.threaded("s", 1, (request, context) -> {
            if (request.text().equals("next")) {
                return Reply.text("next");
            }
            entered.countDown();
            awaitUninterruptibly(released);
            return Reply.text("late");
        }));
        Asked asked = bench.ask("s", "");
        entered.await();
        bench.cancel(asked);
        asked.failure(ErrorCode.CANCELLED);

        assertEquals("next", bench.ask("s", "next").text());
        assertEquals(1, served.lost());
        assertEquals(0, bench.snapshot().abandoned());
        released.countDown();
        Bench.await("the lost thread", () -> served.lost() == 0);
        assertEquals("next", bench.ask("s", "next").text());
        asked.assertNothingMore();
    }

    @Test
    void shouldTellThatADrainedExecutorTakesNoMore() throws Exception {
        Served served = Served.of(bench, Served.threaded("s", 1, (request, context) -> Reply.text("ok")));
        served.close();

        bench.ask("s", "").failure(ErrorCode.DRAINING);
    }

    @ParameterizedTest
    @ValueSource(strings = {"threaded", "inline", "asynchronous"})
    void shouldAnswerTenThousandRequestsOfSeveralClients(String kind) throws Exception {
        ExecutorService others = Executors.newFixedThreadPool(2);
        ExecutorService clientThreads = Executors.newFixedThreadPool(4);
        HostedHandler handler =
                switch (kind) {
                    case "threaded" -> Served.threaded("s", 3, (request, context) -> Reply.of(request.body()));
                    case "inline" -> Served.inline("s", 1, (request, context) -> Reply.of(request.body()));
                    default ->
                        Served.cold("s", 1000, (Async) (request, context) ->
                                CompletableFuture.supplyAsync(() -> Reply.of(request.body()), others));
                };
        Served.of(bench, handler);

        List<CompletableFuture<Void>> clients = new ArrayList<>();
        for (int client = 0; client < 4; client++) {
            int id = client;
            clients.add(CompletableFuture.runAsync(() -> askAll(id, 2_500), clientThreads));
        }
        for (CompletableFuture<Void> client : clients) {
            client.get(3 * Asked.WAIT_S, TimeUnit.SECONDS);
        }

        assertEquals(10_000, service("s").replied());
        others.shutdown();
        clientThreads.shutdown();
    }

    private void askAll(int client, int count) {
        List<Asked> asked = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                asked.add(bench.ask("s", client + "-" + i));
            }
            for (int i = 0; i < count; i++) {
                assertEquals(client + "-" + i, asked.get(i).text());
                asked.get(i).assertNothingMore();
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldGiveIdempotentRequestsOfAnAbandonedHandlerToAnotherAndFailTheRest() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        Served first = Served.of(bench, Served.threaded("s", 2, (request, context) -> {
            both.countDown();
            awaitUninterruptibly(released);
            return Reply.text("of the first");
        }));
        Asked once = bench.ask("s", "");
        Asked again = bench.ask("s", Headers.EMPTY, BODY, new Traits(0, true, false, false));
        both.await();
        Served.of(bench, Served.threaded("s", 2, (request, context) -> Reply.text("of the second")));

        bench.onLoop(() -> {
            first.generation.abandon("the test took it away");
            return true;
        });

        assertTrue(once.failure(ErrorCode.WORKER_LOST).cause().contains("the test took it away"));
        assertEquals("of the second", again.text());
        released.countDown();
        Bench.await("the abandoned calls", () -> first.inFlight() == 0);
        assertEquals("of the second", bench.ask("s", "").text());
        once.assertNothingMore();
        again.assertNothingMore();
    }

    @Test
    void shouldDrainOnceEverythingInHandHasBeenAnswered() throws Exception {
        CountDownLatch idle = new CountDownLatch(1);
        Served first = Served.of(
                bench,
                Served.threaded("s", 1, (request, context) -> {
                    entered.countDown();
                    released.await();
                    return Reply.text("old");
                }),
                Served.threaded("t", 1, (request, context) -> Reply.text("t")));
        Asked asked = bench.ask("s", "");
        entered.await();
        Served.of(bench, Served.threaded("s", 1, (request, context) -> Reply.text("new")));

        bench.onLoop(() -> {
            first.generation.drain(idle::countDown);
            return true;
        });

        assertEquals("new", bench.ask("s", "").text());
        assertEquals(1, idle.getCount());
        released.countDown();
        assertEquals("old", asked.text());
        assertTrue(idle.await(Asked.WAIT_S, TimeUnit.SECONDS));
        assertEquals(1, bench.snapshot().workers().size());
    }

    /** To cancel an asynchronous call ends it at once, while the dispatcher walks through the worker's requests. */
    @Test
    void shouldEndEveryCallWhenTheBrokerEndsThemAll() throws Exception {
        Endless endless = new Endless();
        Served.of(bench, Served.threaded("s", 5, endless));
        List<Asked> all = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            all.add(bench.ask("s", ""));
            assertFalse(endless.begun().isDone());
        }

        bench.onLoop(() -> {
            bench.dispatcher.failAll(Failure.of(ErrorCode.DRAINING, "the end", ""));
            return true;
        });

        for (Asked asked : all) {
            asked.failure(ErrorCode.DRAINING);
        }
    }

    @Test
    void shouldNotRunOnTheLoopWhatAPluginDoesWhenItIsCancelled() throws Exception {
        AtomicReference<String> cleaner = new AtomicReference<>();
        Endless endless = new Endless();
        Served.of(bench, Served.threaded("s", 5, endless));
        Asked asked = bench.ask("s", "");
        CompletableFuture<Void> cleaned = endless.begun().handle((reply, thrown) -> {
            cleaner.set(Thread.currentThread().getName());
            awaitUninterruptibly(released);
            return null;
        });

        bench.cancel(asked);

        asked.failure(ErrorCode.CANCELLED);
        Bench.await("the clean-up has not begun", () -> cleaner.get() != null);
        assertFalse(cleaned.isDone());
        bench.snapshot();
        // Where the call was cancelled before its thread had handed it over, that thread does it.
        assertTrue(Set.of("plugin-cancel p@1.0.0#1", "s-1").contains(cleaner.get()), cleaner::get);
    }

    @Test
    void shouldHoldAHandlerThatWritesFasterThanTheLoopReads() throws Exception {
        AtomicInteger written = new AtomicInteger();
        CompletableFuture<Thread> writer = new CompletableFuture<>();
        Served.of(bench, Served.threaded("s", 1, (request, context) -> {
            writer.complete(Thread.currentThread());
            entered.await();
            for (int i = 0; i < 200; i++) {
                context.partial(Reply.of(new byte[50_000]));
                written.incrementAndGet();
            }
            return Reply.text("end");
        }));
        CountDownLatch busy = new CountDownLatch(1);
        Asked asked = bench.ask("s", "");
        Thread held = writer.join();
        bench.loop.post(() -> {
            entered.countDown();
            awaitUninterruptibly(busy);
        });

        Bench.await("the writer is not held", () -> held.getState() == Thread.State.WAITING && written.get() > 0);
        assertEquals(20, written.get());
        busy.countDown();

        for (int i = 0; i < 200; i++) {
            asked.partialText();
        }
        assertEquals("end", asked.text());
    }

    @Test
    void shouldServeAllOfAPluginsServicesOrNoneOfThem() throws Exception {
        bench.close();
        bench = new Bench(new DispatchLimits(D.requestsMax(), D.requestsBytesMax(), 1, 10, D.workerOverdueMs()));
        AtomicInteger calls = new AtomicInteger();
        Asked waiting = bench.ask("one", Headers.EMPTY, BODY, Traits.PLAIN);
        Handler counting = (request, context) -> Reply.text("" + calls.incrementAndGet());
        Served refused =
                Served.unregistered(bench, Served.threaded("one", 1, counting), Served.threaded("two", 1, counting));

        ExecutionException e = assertThrows(ExecutionException.class, refused::serve);

        assertTrue(e.toString().contains("services-max"), e::toString);
        assertEquals(0, bench.snapshot().workers().size());
        Served.of(bench, Served.threaded("one", 1, (request, context) -> Reply.text("other")));
        assertEquals("other", waiting.text());
        assertEquals(0, calls.get());
    }

    private ServiceView service(String name) throws Exception {
        return bench.snapshot().services().stream()
                .filter(view -> view.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        while (true) {
            try {
                assertTrue(latch.await(Asked.WAIT_S, TimeUnit.SECONDS));
                return;
            } catch (InterruptedException e) {
                // The test wants a handler that does not listen.
            }
        }
    }

    /** An asynchronous handler as a lambda. */
    @FunctionalInterface
    private interface Async extends AsyncHandler {
        @Override
        CompletionStage<Reply> handleAsync(Request request, HandlerContext context);

        @Override
        default Reply handle(Request request, HandlerContext context) throws Exception {
            return AsyncHandler.super.handle(request, context);
        }
    }

    /** Its calls end when the test ends them. */
    private static final class Endless implements AsyncHandler {
        private final LinkedBlockingQueue<CompletableFuture<Reply>> calls = new LinkedBlockingQueue<>();

        @Override
        public CompletionStage<Reply> handleAsync(Request request, HandlerContext context) {
            CompletableFuture<Reply> call = new CompletableFuture<>();
            calls.add(call);
            return call;
        }

        CompletableFuture<Reply> begun() throws InterruptedException {
            CompletableFuture<Reply> call = calls.poll(Asked.WAIT_S, TimeUnit.SECONDS);
            if (call == null) {
                throw new AssertionError("no call has begun");
            }
            return call;
        }
    }
}
