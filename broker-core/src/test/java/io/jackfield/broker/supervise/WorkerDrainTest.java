package io.jackfield.broker.supervise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens between the wish to end a process and the signal. */
class WorkerDrainTest {
    private static final long MS = 1_000_000;
    private static final WorkerProgram.Limits LIMITS = new WorkerProgram.Limits(100, 1_000, 10, 4, 20_000, 10_000, 1);
    private static final long PID = 100;

    private final FakeProcesses processes = new FakeProcesses();
    private final FakeWorkers workers = new FakeWorkers();
    private final Supervisor supervisor = new Supervisor(
            List.of(new WorkerProgram("hello", List.of("hello"), "/", Map.of(), 1, LIMITS, List.of())),
            processes,
            workers,
            0);
    private long nowMs;

    @BeforeEach
    void start() {
        tick(0);
        tick(100);
    }

    @ParameterizedTest
    @ValueSource(strings = {"restart", "drain", "memory", "scale"})
    void shouldLetItsWorkersFinishBeforeTheSignal(String cause) {
        if (cause.equals("scale")) {
            supervisor.scale("hello", 2);
            tick(100);
        }
        FakeProcesses.Life last = processes.last();
        workers.has(1, last.pid, 2);
        workers.has(2, last.pid, 1);
        workers.has(3, 4711, 5);

        stop(cause, last);

        assertEquals(Set.of(1L, 2L), workers.withdrawn);
        SupervisedView view = view(last.name);
        assertEquals("draining", view.state());
        assertEquals(3, view.inFlight());
        workers.has(1, last.pid, 0);
        tick(10_000);
        assertEquals(1, view(last.name).inFlight());
        workers.has(2, last.pid, 0);
        tick(10);
        assertTrue(last.isOver(), "it got the signal");
    }

    @Test
    void shouldEndAtOnceWhatHasNothingInFlight() {
        workers.has(1, PID, 0);

        supervisor.drain("hello", "enough");

        assertEquals("draining", view("hello-1").state(), "who has come meanwhile?");
        tick(10);
        assertEquals("stopped", view("hello-1").state());
    }

    @Test
    void shouldEndAtOnceWhatIsNoWorker() {
        supervisor.drain("hello", "enough");

        assertEquals("stopped", view("hello-1").state());
    }

    @Test
    void shouldWaitForAWorkerThatConnectedWhileTheFirstOneFinished() {
        workers.has(1, PID, 1);
        supervisor.drain("hello", "enough");
        workers.has(1, PID, 0);
        workers.has(2, PID, 1);

        tick(10);

        assertEquals(Set.of(1L, 2L), workers.withdrawn);
        assertEquals("draining", view("hello-1").state());
        workers.has(2, PID, 0);
        tick(10);
        assertEquals("stopped", view("hello-1").state());
    }

    @Test
    void shouldWaitNoLongerThanItsLimit() {
        workers.has(1, PID, 1);
        supervisor.restart("hello", "a new version");
        tick(LIMITS.drainMs() - 1);
        assertEquals(1, processes.lives.size());

        tick(1);

        assertEquals(List.of(), processes.alive());
        tick(1);
        assertEquals(2, processes.lives.size());
    }

    @Test
    void shouldNotWaitWhereNothingIsKnownOfItsConnections() {
        processes.slowLooks();
        supervisor.drain("hello", "enough");
        tick(5_000);
        assertEquals("draining", view("hello-1").state(), "nobody has looked yet");
        assertEquals(1, processes.last().looks, "one look at a time");

        processes.last().seen("it is in another network namespace");

        assertEquals("stopped", view("hello-1").state());
    }

    @Test
    void shouldNotBeHeldUpByALookThatIsNotAnswered() {
        processes.slowLooks();
        supervisor.drain("hello", "enough");

        tick(LIMITS.drainMs());

        assertEquals("stopped", view("hello-1").state());
        processes.last().seen("too late");
    }

    @Test
    void shouldTakeTheEndOfAProcessThatDrainsForWhatWasWanted() {
        workers.has(1, PID, 1);
        supervisor.drain("hello", "enough");

        processes.last().end("exit code 1");

        tick(100_000);
        assertEquals(1, processes.lives.size());
        assertEquals("stopped", view("hello-1").state());
    }

    @Test
    void shouldStartAgainWhenARestartIsWantedWhileItDrains() {
        workers.has(1, PID, 1);
        supervisor.drain("hello", "enough");
        supervisor.restart("hello", "on second thoughts");
        assertEquals(1, processes.alive().size(), "what it has in hand goes on");

        workers.has(1, PID, 0);
        tick(10);
        tick(10);

        assertEquals(2, processes.lives.size());
        assertEquals("running", view("hello-1").state());
    }

    @Test
    void shouldNotWaitAnyMoreWhenTheBrokerGoes() {
        workers.has(1, PID, 1);
        supervisor.drain("hello", "enough");

        supervisor.stopAll("the broker shuts down");

        assertTrue(supervisor.isEmpty());
    }

    private void stop(String cause, FakeProcesses.Life process) {
        switch (cause) {
            case "restart" -> supervisor.restart("hello", "a new version");
            case "drain" -> supervisor.drain("hello", "enough");
            case "memory" -> process.listener.measured(2);
            default -> supervisor.scale("hello", 1);
        }
    }

    private SupervisedView view(String name) {
        return supervisor.views().stream()
                .filter(view -> view.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private void tick(long afterMs) {
        nowMs += afterMs;
        supervisor.tick(nowMs * MS);
    }
}
