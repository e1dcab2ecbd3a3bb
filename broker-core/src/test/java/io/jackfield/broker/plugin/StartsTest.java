package io.jackfield.broker.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jackfield.api.Reply;
import io.jackfield.api.Request;
import io.jackfield.broker.loop.Clock;
import io.jackfield.broker.loop.Mailbox;
import io.jackfield.broker.loop.Timers;
import io.jackfield.host.CallListener;
import io.jackfield.host.HandlerCall;
import io.jackfield.host.HostedHandler;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** Threads that are woken once for many requests leave none behind. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class StartsTest {
    private static final int QUICK_REQUESTS = 20;
    private static final int MANY = 300;
    private static final int ROUNDS = 20;

    private final Bench bench = new Bench();

    @AfterEach
    void close() throws Exception {
        try {
            bench.awaitNothingInFlight();
        } finally {
            bench.close();
        }
    }

    @Test
    void shouldGiveAQuickHandlersRequestsToOtherThreadsWhenTheOneIsHeld() throws Exception {
        AtomicBoolean slow = new AtomicBoolean();
        CountDownLatch bothRun = new CountDownLatch(2);
        HostedHandler handler = Served.threaded("s", 2, (request, context) -> {
            if (slow.get()) {
                bothRun.countDown();
                bothRun.await();
            }
            return Reply.text(request.text());
        });
        Served.of(bench, handler);
        for (int i = 0; i < QUICK_REQUESTS; i++) {
            assertEquals("quick", bench.ask("s", "quick").text());
        }
        slow.set(true);
        List<Asked> held = askInOneTurn(2);
        assertEquals("0", held.get(0).text());
        assertEquals("1", held.get(1).text());
    }

    @Test
    void shouldAnswerEveryOneOfManyRequestsOfOneTurn() throws Exception {
        Set<String> threads = ConcurrentHashMap.newKeySet();
        Served.of(bench, Served.threaded("s", 2, (request, context) -> {
            threads.add(Thread.currentThread().getName());
            return Reply.text(request.text());
        }));
        for (int round = 0; round < ROUNDS; round++) {
            List<Asked> asked = askInOneTurn(MANY);
            for (int i = 0; i < MANY; i++) {
                assertEquals(String.valueOf(i), asked.get(i).text());
            }
        }
        assertEquals(true, threads.size() <= 2, threads::toString);
    }

    /** A loop whose turns and timers the test runs. */
    private static final class Stepped implements Mailbox, Timers {
        private final Deque<Runnable> commands = new ArrayDeque<>();
        private final Deque<Runnable> delayed = new ArrayDeque<>();

        @Override
        public boolean post(Runnable command) {
            return commands.add(command);
        }

        @Override
        public boolean onLoop() {
            return true;
        }

        @Override
        public Timer every(long intervalMs, Runnable command) {
            throw new IllegalStateException("repeated work (expected: none)");
        }

        @Override
        public Timer after(long delayMs, Runnable command) {
            delayed.add(command);
            return () -> delayed.remove(command);
        }
    }

    private final Failures failures = new Failures();

    private static final class Failures implements CallListener {
        private final Queue<ErrorCode> codes = new ConcurrentLinkedQueue<>();

        @Override
        public void partial(Reply reply) {}

        @Override
        public void complete(Reply reply) {}

        @Override
        public void fail(Failure failure) {
            codes.add(failure.code());
        }
    }

    /** The last that waited when help was thought of has begun, but it is the one that holds the thread now. */
    @Test
    void shouldGiveHelpToWhatCameLaterThoughNothingMoreComes() throws Exception {
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch second = new CountDownLatch(1);
        Queue<String> begun = new ConcurrentLinkedQueue<>();
        HostedHandler handler = Served.threaded("s", 2, (request, context) -> {
            begun.add(request.text());
            if (request.text().equals("first")) {
                first.await();
            } else if (request.text().equals("second")) {
                second.await();
            }
            return Reply.text("");
        });
        Stepped loop = new Stepped();
        Starts starts = new Starts(handler.executor(), loop, loop, Clock.system());
        HandlerCall unused = give(loop, starts, handler, "first");
        Bench.await("the first", () -> begun.contains("first"));
        unused = give(loop, starts, handler, "second");
        first.countDown();
        Bench.await("the second", () -> begun.contains("second"));
        unused = give(loop, starts, handler, "third");
        while (!loop.delayed.isEmpty() && handler.executor().queueLength() > 0) {
            loop.delayed.remove().run();
        }
        Bench.await("the third, on the other thread", () -> begun.contains("third"));
        second.countDown();
        handler.executor().drain().get(30, TimeUnit.SECONDS);
    }

    /** Help is given to those that wait before one that is gone. */
    @Test
    void shouldGiveHelpThoughTheLastThatWaitedWasCancelled() throws Exception {
        CountDownLatch letGo = new CountDownLatch(1);
        Queue<String> begun = new ConcurrentLinkedQueue<>();
        HostedHandler handler = Served.threaded("s", 2, (request, context) -> {
            begun.add(request.text());
            if (request.text().equals("held")) {
                letGo.await();
            }
            return Reply.text("");
        });
        Stepped loop = new Stepped();
        Starts starts = new Starts(handler.executor(), loop, loop, Clock.system());
        HandlerCall unused = give(loop, starts, handler, "held");
        Bench.await("the first", () -> begun.contains("held"));
        unused = give(loop, starts, handler, "waits");
        give(loop, starts, handler, "cancelled").cancel();
        while (!loop.delayed.isEmpty() && handler.executor().queueLength() > 0) {
            loop.delayed.remove().run();
        }
        Bench.await("the one that waits", () -> begun.contains("waits"));
        letGo.countDown();
        handler.executor().drain().get(30, TimeUnit.SECONDS);
        assertEquals(List.of("held", "waits"), List.copyOf(begun));
        assertEquals(List.of(ErrorCode.CANCELLED), List.copyOf(failures.codes));
    }

    private HandlerCall give(Stepped loop, Starts starts, HostedHandler handler, String text) {
        Request request = Request.of("s", text.getBytes(StandardCharsets.UTF_8));
        long nowNs = starts.turnNs();
        HandlerCall call = handler.executor().prepare(request, nowNs, Long.MAX_VALUE / 2, failures);
        starts.soon(call, true);
        loop.commands.remove().run();
        return call;
    }

    private List<Asked> askInOneTurn(int count) throws Exception {
        List<Asked> asked = new ArrayList<>();
        return bench.onLoop(() -> {
            for (int i = 0; i < count; i++) {
                asked.add(bench.askNow("s", String.valueOf(i)));
            }
            return asked;
        });
    }
}
