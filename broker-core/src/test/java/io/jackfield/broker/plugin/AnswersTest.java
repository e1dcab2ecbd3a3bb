package io.jackfield.broker.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.loop.Mailbox;
import io.jackfield.broker.loop.netty.NettyLoop;
import io.jackfield.broker.loop.netty.Polling;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** The way of a handler's answers to the loop: in their order, told once, and never left behind. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class AnswersTest {
    private static final int THREADS = 3;
    private static final int EACH = 20_000;

    private final List<String> heard = new ArrayList<>();

    /** A loop that the test steps: what would have woken it, and what would not. */
    private static final class Stepped implements Mailbox {
        final Deque<Runnable> commands = new ArrayDeque<>();
        int woken;

        @Override
        public boolean post(Runnable command) {
            woken++;
            return commands.add(command);
        }

        @Override
        public boolean postUnhurried(Runnable command) {
            return commands.add(command);
        }

        @Override
        public boolean onLoop() {
            return false;
        }

        void turn() {
            for (Runnable next = commands.poll(); next != null; next = commands.poll()) {
                next.run();
            }
        }
    }

    @Test
    void shouldBringWhatIsUnhurriedWithWhatComesThen() {
        Stepped loop = new Stepped();
        Answers answers = new Answers(loop);
        ok(answers.addUnhurried(Answers.News.of(() -> heard.add("first"))));
        ok(answers.addUnhurried(Answers.News.of(() -> heard.add("second"))));
        assertEquals(0, loop.woken);

        ok(answers.add(Answers.News.of(() -> heard.add("third"))));
        assertEquals(1, loop.woken);
        loop.turn();
        assertEquals(List.of("first", "second", "third"), heard);
    }

    @Test
    void shouldWakeTheLoopForSoManyUnhurriedOnes() {
        Stepped loop = new Stepped();
        Answers answers = new Answers(loop);
        for (int i = 1; i < Answers.UNHURRIED_MAX; i++) {
            ok(answers.addUnhurried(Answers.News.of(() -> heard.add("one"))));
        }
        assertEquals(0, loop.woken);

        ok(answers.addUnhurried(Answers.News.of(() -> heard.add("one"))));
        assertEquals(1, loop.woken);
        loop.turn();
        assertEquals(Answers.UNHURRIED_MAX, heard.size());
    }

    @Test
    void shouldBringTheOthersAfterOneThatThrew() {
        Stepped loop = new Stepped();
        Answers answers = new Answers(loop);
        ok(answers.add(Answers.News.of(() -> {
            throw new IllegalStateException("broken");
        })));
        ok(answers.add(Answers.News.of(() -> heard.add("next"))));

        try {
            loop.turn();
        } catch (IllegalStateException broken) {
            heard.add(String.valueOf(broken.getMessage()));
        }
        loop.turn();
        assertEquals(List.of("broken", "next"), heard);
    }

    private static void ok(boolean running) {
        assertTrue(running, "the loop has not ended");
    }

    /** Nothing else wakes this loop: an answer that it is not told of would stay away for good. */
    @Test
    void shouldLoseNoAnswerOfManyThreadsAndKeepTheOrderOfEach() throws Exception {
        try (NettyLoop loop = new NettyLoop("answers-test", Polling.best(), error -> {})) {
            Answers answers = new Answers(loop);
            int[] next = new int[THREADS];
            AtomicInteger outOfOrder = new AtomicInteger();
            CountDownLatch taken = new CountDownLatch(THREADS * EACH);
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                int number = t;
                threads.add(new Thread(() -> addAll(answers, number, next, outOfOrder, taken)));
            }
            threads.forEach(Thread::start);
            assertTrue(taken.await(50, TimeUnit.SECONDS), () -> taken.getCount() + " answers were lost");
            assertEquals(0, outOfOrder.get());
            assertEquals(0, loop.failures());
        }
    }

    /** Runs of unhurried ones of all lengths, each ended by one that is not; now and then waits until the loop sleeps. */
    private static void addAll(
            Answers answers, int thread, int[] next, AtomicInteger outOfOrder, CountDownLatch taken) {
        for (int i = 0; i < EACH; i++) {
            int number = i;
            Runnable command = () -> {
                if (next[thread]++ != number) {
                    outOfOrder.incrementAndGet();
                }
                taken.countDown();
            };
            boolean last = i == EACH - 1 || i % (1 + i % 50) == 0;
            if (last) {
                ok(answers.add(Answers.News.of(command)));
            } else {
                ok(answers.addUnhurried(Answers.News.of(command)));
            }
            if (i % 500 == 0) {
                LockSupport.parkNanos(100_000);
            }
        }
    }
}
