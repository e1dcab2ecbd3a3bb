package io.jackfield.broker.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jackfield.api.Reply;
import io.jackfield.host.HostedHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
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
