package io.jackfield.broker.supervise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SupervisorTest {
    private static final long MS = 1_000_000;
    private static final WorkerProgram.Limits LIMITS =
            new WorkerProgram.Limits(100, 1_000, 5_000, 4, 20_000, 10_000, 1_000);

    private final FakeProcesses processes = new FakeProcesses();
    private final FakeWorkers workers = new FakeWorkers();
    private long nowMs = 7;

    @Test
    void shouldStartAsManyAsConfigured() {
        Supervisor supervisor = supervisor(3);
        assertEquals(List.of(), processes.alive(), "before the first tick");
        tick(supervisor, 0);
        assertEquals(List.of("prime-1", "prime-2", "prime-3"), processes.alive());
        tick(supervisor, 50);
        assertEquals(3, processes.lives.size());
        assertEquals("running", supervisor.views().get(2).state());
        assertEquals(50, supervisor.views().get(2).upMs());
    }

    @Test
    void shouldWaitLongerAfterEachShortLifeAndGiveUpInTheEnd() {
        Supervisor supervisor = supervisor(1);
        tick(supervisor, 0);
        for (long pauseMs : List.of(100, 200, 400)) {
            processes.last().end("exit code 3");
            int lives = processes.lives.size();
            tick(supervisor, pauseMs - 1);
            assertEquals(lives, processes.lives.size(), "before " + pauseMs + " ms");
            assertEquals("waiting", supervisor.views().get(0).state());
            tick(supervisor, 1);
            assertEquals(lives + 1, processes.lives.size(), "after " + pauseMs + " ms");
        }
        processes.last().end("exit code 3");
        tick(supervisor, 1_000_000);
        assertEquals(4, processes.lives.size());
        assertEquals("given up", supervisor.views().get(0).state());
        assertEquals("exit code 3", supervisor.views().get(0).reason());
        assertEquals(3, supervisor.views().get(0).restarts());
        assertTrue(supervisor.isEmpty());
    }

    @Test
    void shouldStartAtOnceAfterALifeThatWasLongEnough() {
        Supervisor supervisor = supervisor(1);
        for (int life = 1; life <= 20; life++) {
            tick(supervisor, 0);
            assertEquals(life, processes.lives.size());
            tick(supervisor, LIMITS.healthyMs());
            processes.last().end("exit code 1");
        }
    }

    @Test
    void shouldNotGrowThePauseBeyondItsLimit() {
        Supervisor supervisor =
                supervisor(1, new WorkerProgram.Limits(100, 300, 5_000, Integer.MAX_VALUE, 20_000, 10_000, 0));
        tick(supervisor, 0);
        for (int i = 0; i < 6; i++) {
            processes.last().end("exit code 1");
            int lives = processes.lives.size();
            tick(supervisor, 300);
            assertEquals(lives + 1, processes.lives.size());
        }
    }

    @Test
    void shouldStartOneThatWasGivenUpWhenItIsTold() {
        Supervisor supervisor = supervisor(1);
        for (int life = 1; life <= 4; life++) {
            tick(supervisor, 10_000);
            processes.last().end("exit code 3");
        }
        assertEquals(Optional.empty(), supervisor.restart("prime", "mended"));
        tick(supervisor, 0);
        assertEquals("running", supervisor.views().get(0).state());
    }

    @Test
    void shouldKillWhatDoesNotEndInItsTime() {
        Supervisor supervisor = supervisor(1);
        tick(supervisor, 0);
        processes.stubborn();
        supervisor.drain("prime", "enough");
        tick(supervisor, LIMITS.stopMs() - 1);
        assertEquals("stopping", supervisor.views().get(0).state());
        assertFalse(supervisor.isEmpty());
        tick(supervisor, 1);
        assertEquals("stopped", supervisor.views().get(0).state());
        assertTrue(supervisor.isEmpty());
        tick(supervisor, 100_000);
        assertEquals(1, processes.lives.size());
    }

    @Test
    void shouldRestartOneAfterTheOther() {
        Supervisor supervisor = supervisor(3);
        tick(supervisor, LIMITS.healthyMs());
        supervisor.restart("prime", "a new version");
        assertEquals(List.of("prime-2", "prime-3"), processes.alive());
        tick(supervisor, 0);
        assertEquals(List.of("prime-2", "prime-3", "prime-1"), processes.alive());
        tick(supervisor, LIMITS.healthyMs() - 1);
        assertEquals(4, processes.lives.size(), "not before the first has shown that it lives");
        tick(supervisor, 1);
        assertEquals(List.of("prime-3", "prime-1"), processes.alive());
        tick(supervisor, 0);
        tick(supervisor, LIMITS.healthyMs());
        tick(supervisor, 0);
        assertEquals(List.of("prime-1", "prime-2", "prime-3"), processes.alive());
        assertEquals(6, processes.lives.size());
    }

    @Test
    void shouldTakeDownNoSecondOneWhenItIsToRestartWhileOneStarts() {
        Supervisor supervisor = supervisor(2);
        tick(supervisor, LIMITS.healthyMs());
        supervisor.restart("prime", "a new version");
        tick(supervisor, 0);
        tick(supervisor, LIMITS.healthyMs());
        processes.slowStarts();
        tick(supervisor, 0);
        assertEquals("running", supervisor.views().get(0).state());
        assertEquals("starting", supervisor.views().get(1).state());

        supervisor.restart("prime", "a newer version");
        assertEquals("running", supervisor.views().get(0).state());
        tick(supervisor, 0);
        assertEquals(List.of("prime-1", "prime-2"), processes.alive());
        assertEquals(5, processes.lives.size(), "the one that started is replaced");

        processes.last().listener.started(processes.last().pid);
        tick(supervisor, LIMITS.healthyMs());
        tick(supervisor, 0);
        assertEquals(List.of("prime-2", "prime-1"), processes.alive());
        assertEquals(6, processes.lives.size(), "and then the other, once each");
        processes.last().listener.started(processes.last().pid);
        tick(supervisor, LIMITS.healthyMs());
        tick(supervisor, LIMITS.healthyMs());
        assertEquals(6, processes.lives.size());
    }

    @Test
    void shouldNotTakeDownAllWithAVersionThatDoesNotStart() {
        Supervisor supervisor = supervisor(3);
        tick(supervisor, LIMITS.healthyMs());
        supervisor.restart("prime", "a bad version");
        for (int life = 0; life < 4; life++) {
            tick(supervisor, LIMITS.restartMsMax());
            processes.last().end("exit code 127");
        }
        tick(supervisor, 100_000);
        tick(supervisor, 100_000);
        assertEquals(List.of("prime-2", "prime-3"), processes.alive());
        assertEquals("given up", supervisor.views().get(0).state());
    }

    @Test
    void shouldRestartWhatTakesTooMuchMemory() {
        Supervisor supervisor = supervisor(1);
        tick(supervisor, LIMITS.healthyMs());
        processes.last().listener.measured(1_000);
        assertEquals(List.of("prime-1"), processes.alive());
        processes.last().listener.measured(1_001);
        tick(supervisor, 0);
        assertEquals(2, processes.lives.size());
        assertEquals(
                "memory: 1001 bytes (limit: 1000)", supervisor.views().get(0).reason());
        processes.lives.get(0).listener.measured(5_000); // the old one's last words
        assertEquals("running", supervisor.views().get(0).state());
    }

    @Test
    void shouldScaleUpAndDown() {
        Supervisor supervisor = supervisor(1);
        tick(supervisor, 0);
        assertEquals(Optional.empty(), supervisor.scale("prime", 3));
        tick(supervisor, 0);
        assertEquals(List.of("prime-1", "prime-2", "prime-3"), processes.alive());
        processes.stubborn();
        supervisor.scale("prime", 1);
        assertEquals(3, supervisor.views().size(), "those that leave are seen until they are gone");
        supervisor.scale("prime", 2);
        tick(supervisor, 0);
        assertEquals("prime-4", processes.last().name, "a name is free when its process has gone");
        tick(supervisor, LIMITS.stopMs());
        tick(supervisor, 0);
        assertEquals(List.of("prime-1", "prime-4"), processes.alive());
        assertEquals(2, supervisor.views().size());
    }

    @Test
    void shouldStartAgainAfterADrainWhenItIsScaled() {
        Supervisor supervisor = supervisor(2);
        tick(supervisor, 0);
        supervisor.drain("prime", "enough");
        assertTrue(supervisor.isEmpty());
        supervisor.scale("prime", 1);
        for (int i = 0; i < 3; i++) {
            tick(supervisor, LIMITS.healthyMs());
        }
        assertEquals(List.of("prime-1"), processes.alive());
    }

    @Test
    void shouldRefuseNamesAndNumbersThatMakeNoSense() {
        Supervisor supervisor = supervisor(1);
        assertEquals(
                "workers: divide (expected: one of prime)",
                supervisor.restart("divide", "?").orElseThrow().cause());
        assertEquals(
                "count: 0 (expected: 1 to 1000)",
                supervisor.scale("prime", 0).orElseThrow().cause());
        assertEquals(
                "count: 1001 (expected: 1 to 1000)",
                supervisor.scale("prime", 1001).orElseThrow().cause());
    }

    private Supervisor supervisor(int count) {
        return supervisor(count, LIMITS);
    }

    private Supervisor supervisor(int count, WorkerProgram.Limits limits) {
        WorkerProgram program = new WorkerProgram("prime", List.of("prime"), "/", Map.of(), count, limits, List.of());
        return new Supervisor(List.of(program), processes, workers, nowMs * MS);
    }

    private void tick(Supervisor supervisor, long afterMs) {
        nowMs += afterMs;
        supervisor.tick(nowMs * MS);
    }
}
