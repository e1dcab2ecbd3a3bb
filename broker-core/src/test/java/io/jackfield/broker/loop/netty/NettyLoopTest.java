package io.jackfield.broker.loop.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jackfield.broker.loop.Timers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class NettyLoopTest {
    private static final long WAIT_S = 10;

    private final BlockingQueue<Error> fatal = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    @ParameterizedTest
    @EnumSource
    void shouldRunCommandsOfAllThreadsInOrderOnTheNamedThread(Polling polling) throws Exception {
        try (NettyLoop loop = loop(polling)) {
            List<Integer> seen = new ArrayList<>();
            CountDownLatch done = new CountDownLatch(1);
            for (int i = 0; i < 1000; i++) {
                int number = i;
                loop.post(() -> seen.add(number));
            }
            loop.post(() -> told.add(Thread.currentThread().getName() + " " + loop.onLoop()));
            loop.post(done::countDown);

            assertTrue(done.await(WAIT_S, TimeUnit.SECONDS));
            for (int i = 0; i < 1000; i++) {
                assertEquals(i, seen.get(i));
            }
            assertEquals("test-loop true", next());
            assertFalse(loop.onLoop());
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldSurviveACommandThatThrows(Polling polling) throws Exception {
        try (NettyLoop loop = loop(polling)) {
            loop.post(() -> {
                throw new OnPurpose();
            });
            loop.post(() -> told.add("after"));

            assertEquals("after", next());
            assertEquals(1, loop.failures());
            assertTrue(fatal.isEmpty());
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldHandAnErrorToTheFatalHandler(Polling polling) throws Exception {
        Error error = new Error("on purpose", null, false, false) {};
        try (NettyLoop loop = loop(polling)) {
            loop.after(1, () -> {
                throw error;
            });

            assertSame(error, fatal.poll(WAIT_S, TimeUnit.SECONDS));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldRunACommandPostedOnTheLoopAfterTheOneThatPostedIt(Polling polling) throws Exception {
        try (NettyLoop loop = loop(polling)) {
            loop.post(() -> {
                loop.post(() -> told.add("inner"));
                told.add("outer");
            });

            assertEquals("outer", next());
            assertEquals("inner", next());
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldRunAnUnhurriedCommandInItsPlaceInTheNextTurn(Polling polling) throws Exception {
        try (NettyLoop loop = loop(polling)) {
            loop.post(() -> told.add("begun"));
            assertEquals("begun", next());
            assertTrue(loop.postUnhurried(() -> told.add("unhurried")));
            loop.post(() -> told.add("posted"));

            assertEquals("unhurried", next());
            assertEquals("posted", next());
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldRunAnUnhurriedCommandWithATimerAtTheLatest(Polling polling) throws Exception {
        try (NettyLoop loop = loop(polling)) {
            loop.every(5, () -> {});
            assertTrue(loop.postUnhurried(() -> told.add("unhurried")));

            assertEquals("unhurried", next());
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldRunTheEndOfTheTurnAfterTheTurnsCommands(Polling polling) throws Exception {
        try (NettyLoop loop = loop(polling)) {
            loop.post(() -> {
                loop.afterTurn(() -> told.add("end of turn"));
                loop.post(() -> told.add("command"));
            });

            assertEquals("command", next());
            assertEquals("end of turn", next());
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldRepeatUntilClosedEvenAfterAFailure(Polling polling) throws Exception {
        try (NettyLoop loop = loop(polling)) {
            Timers.Timer timer = loop.every(1, () -> {
                told.add("tick");
                throw new OnPurpose();
            });
            assertEquals("tick", next());
            assertEquals("tick", next());
            assertEquals("tick", next());

            timer.close();
            loop.post(() -> told.add("closed"));
            loop.after(50, () -> told.add("later"));
            for (String earlier = next(); !earlier.equals("closed"); earlier = next()) {
                assertEquals("tick", earlier);
            }

            assertEquals("later", next());
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotRunWhatWasClosedBeforeItsTime(Polling polling) throws Exception {
        try (NettyLoop loop = loop(polling)) {
            loop.after(20, () -> told.add("cancelled")).close();
            loop.after(60, () -> told.add("kept"));

            assertEquals("kept", next());
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldRefuseCommandsAfterItsEnd(Polling polling) {
        NettyLoop loop = loop(polling);
        loop.post(() -> {});
        loop.close();

        assertFalse(loop.post(() -> told.add("never")));
        loop.every(1, () -> told.add("never")).close();
        loop.after(1, () -> told.add("never")).close();
        assertTrue(told.isEmpty());
    }

    private NettyLoop loop(Polling polling) {
        assumeTrue(polling.available(), polling + " is not available here");
        return new NettyLoop("test-loop", polling, fatal::add);
    }

    private String next() throws InterruptedException {
        return String.valueOf(told.poll(WAIT_S, TimeUnit.SECONDS));
    }

    /** One line in the log of the test, not a stack trace. */
    private static final class OnPurpose extends RuntimeException {
        private static final long serialVersionUID = 1L;

        OnPurpose() {
            super("on purpose", null, false, false);
        }
    }
}
