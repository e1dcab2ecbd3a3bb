package io.jackfield.broker.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A service that is worked on in this process, by remote workers, or both. */
final class PlacementTest {
    private static final String S = "s";

    private final Rig rig = new Rig();
    private final Placements placements = new Placements(rig.dispatcher);

    @Test
    void shouldMoveWhatComesAndWhatWaitsAndLeaveWhatIsInFlight() throws Exception {
        FakeWorker jar = rig.inProcessWorker("jar", 1, S);
        FakeWorker remote = rig.worker("remote", 1, S);
        placements.place(S, Placement.IN_PROCESS, false);
        Asked first = rig.asks(S, "1");
        Asked second = rig.asks(S, "2");
        assertEquals(List.of("1"), jar.got);
        assertEquals(List.of(), remote.got, "it is not theirs, though it has credit");

        Placements.View moved = placements.place(S, Placement.REMOTE, false);

        assertEquals(List.of("2"), remote.got);
        assertEquals(1, moved.leaving());
        assertEquals(1, moved.remoteInFlight());
        jar.replies("1");
        first.gotReply("re:1");
        assertEquals(0, placements.view(S).leaving());
        remote.replies("2");
        second.gotReply("re:2");
        Asked third = rig.asks(S, "3");
        assertEquals(List.of("1"), jar.got);
        remote.replies("3");
        third.gotReply("re:3");
        rig.isQuiet();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 33, 50, 99})
    void shouldGiveExactlyTheShares(int inProcessPercent) throws Exception {
        FakeWorker jar = rig.quick("jar", true, S);
        FakeWorker remote = rig.quick("remote", false, S);
        placements.place(S, new Placement(inProcessPercent), false);

        for (int i = 0; i < 1000; i++) {
            rig.asks(S, "x");
        }

        assertEquals(10 * inProcessPercent, jar.got.size());
        assertEquals(10 * (100 - inProcessPercent), remote.got.size());
    }

    @Test
    void shouldLeaveTheRequestsOfASideWithoutCreditToTheOther() throws Exception {
        FakeWorker jar = rig.inProcessWorker("jar", 2, S);
        FakeWorker remote = rig.worker("remote", 1, S);
        placements.place(S, new Placement(50), false);

        for (int i = 1; i <= 4; i++) {
            rig.asks(S, "" + i);
        }

        assertEquals(2, jar.got.size());
        assertEquals(1, remote.got.size());
        assertEquals(1, rig.service(S).queued());
    }

    @Test
    void shouldGiveEverythingToTheOtherSideAsLongAsOneHasNoWorker() throws Exception {
        FakeWorker jar = rig.quick("jar", true, S);
        placements.place(S, Placement.REMOTE, true);
        rig.asks(S, "1").gotReply("re:1");

        FakeWorker remote = rig.quick("remote", false, S);
        rig.asks(S, "2").gotReply("re:2");
        assertEquals(List.of("2"), remote.got);
        remote.leaves();
        rig.asks(S, "3").gotReply("re:3");

        assertEquals(List.of("1", "3"), jar.got);
    }

    @Test
    void shouldGiveWhatWaitsForASideToTheOtherWhenItsLastWorkerGoes() throws Exception {
        FakeWorker jar = rig.inProcessWorker("jar", 1, S);
        FakeWorker remote = rig.worker("remote", 1, S);
        placements.place(S, Placement.REMOTE, false);
        rig.asks(S, "1");
        rig.asks(S, "2");
        assertEquals(List.of(), jar.got);

        remote.session().drain(() -> {});

        assertEquals(List.of("2"), jar.got);
    }

    @Test
    void shouldKeepTheShareOfANewGenerationWithinItsSide() throws Exception {
        FakeWorker former = rig.quick("former", true, S);
        FakeWorker fresh = rig.quick("fresh", true, S);
        FakeWorker remote = rig.quick("remote", false, S);
        fresh.session().share(10);
        placements.place(S, new Placement(50), false);

        for (int i = 0; i < 1000; i++) {
            rig.asks(S, "x");
        }

        assertEquals(500, remote.got.size());
        assertEquals(450, former.got.size());
        assertEquals(50, fresh.got.size());
    }

    @Test
    void shouldRefuseAPlacementWhoseSideHasNoWorker() {
        rig.inProcessWorker("jar", 1, S);

        RefusedException refused =
                assertThrows(RefusedException.class, () -> placements.place(S, new Placement(90), false));

        assertEquals(
                "no remote worker serves s (in-process: 1, remote: 0)",
                refused.failure().cause());
        assertThrows(RefusedException.class, () -> placements.place("nobody", Placement.REMOTE, true));
        assertEquals("both", rig.service(S).placement());
    }

    @Test
    void shouldBeginAsTheConfigurationSaysAndSayWhetherItLasts() throws Exception {
        Rig configured = Rig.with(S, ServiceSettings.DEFAULT.placed(Placement.REMOTE));
        Placements there = new Placements(configured.dispatcher);
        FakeWorker jar = configured.inProcessWorker("jar", 1, S);
        FakeWorker remote = configured.worker("remote", 1, S);

        configured.asks(S, "1");

        assertEquals(List.of("1"), remote.got);
        assertTrue(there.view(S).lasts());
        assertEquals(false, there.place(S, Placement.BOTH, false).lasts());
        configured.asks(S, "2");
        assertEquals(List.of("2"), jar.got);
    }

    @Test
    void shouldBeWrittenAsItIsRead() {
        for (String text :
                List.of("both", "in-process", "remote", "in-process=90,remote=10", "in-process=1,remote=99")) {
            assertEquals(text, Placement.parse(text).orElseThrow().text());
        }
        assertEquals(Optional.of(new Placement(30)), Placement.parse("remote=70,in-process=30"));
        for (String text : List.of("", "Remote", "remote=10", "in-process=90,remote=20", "in-process=100,remote=0")) {
            assertEquals(Optional.empty(), Placement.parse(text), text);
        }
    }

    /** Workers come and go, services move, and everybody is slow: every request is answered, and the shares hold where they can. */
    @Test
    void shouldLoseNothingAndKeepTheSharesWhateverMoves() throws Exception {
        for (long seed = 1; seed <= 200; seed++) {
            try {
                new Wild(seed).live();
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
    }

    private static final class Wild {
        private final Random random;
        private final Rig rig = new Rig(
                Rig.LIMITS, Map.of(S, new ServiceSettings(Optional.empty(), Optional.of(true), 1000, 10_000, 1 << 20)));
        private final Placements placements = new Placements(rig.dispatcher);
        private final Inspection inspection = new Inspection(rig.dispatcher);
        private final List<FakeWorker> workers = new ArrayList<>();
        private final List<Asked> asked = new ArrayList<>();
        private Placement placement = Placement.BOTH;

        /** Requests that were given one after the other while both sides could take them, and those of them that went out. */
        private int inARow;

        private int remoteInARow;

        private Wild(long seed) {
            random = new Random(seed);
        }

        private void live() throws RefusedException {
            for (int step = 0; step < 500; step++) {
                int what = random.nextInt(100);
                if (what < 60) {
                    ask();
                } else if (what < 94) {
                    answer();
                } else if (what < 96 || workers.isEmpty()) {
                    join();
                } else if (what < 98) {
                    leave();
                } else {
                    place();
                }
                inspection.check();
            }
            while (asked.stream().anyMatch(one -> !one.ended())) {
                join();
                List.copyOf(workers)
                        .forEach(worker -> List.copyOf(worker.has.keySet()).forEach(worker::replies));
            }
            asked.forEach(one -> one.gotReply("re:" + one.body));
            rig.isQuiet();
        }

        private void ask() {
            boolean bothCan = canTake(true) && canTake(false) && rig.service(S).queued() == 0;
            int remoteBefore = given(false);
            asked.add(rig.asks(S, "" + asked.size()));
            if (!bothCan) {
                reset();
                return;
            }
            inARow++;
            remoteInARow += given(false) - remoteBefore;
            if (placement.hasShares()) {
                int off = Math.abs(100 * remoteInARow - inARow * placement.remotePercent());
                assertTrue(off <= 100, placement.text() + ": " + remoteInARow + " of " + inARow + " went out");
            }
        }

        private void answer() {
            List<FakeWorker> busy =
                    workers.stream().filter(worker -> !worker.has.isEmpty()).toList();
            if (!busy.isEmpty()) {
                FakeWorker worker = busy.get(random.nextInt(busy.size()));
                int givenBefore = given(false) + given(true);
                worker.replies(worker.has.keySet().iterator().next());
                if (given(false) + given(true) > givenBefore) { // what waited has gone to whoever was free
                    reset();
                }
            }
        }

        private void join() {
            String name = "w" + workers.size();
            int credit = 1 + random.nextInt(4);
            workers.add(random.nextBoolean() ? rig.inProcessWorker(name, credit, S) : rig.worker(name, credit, S));
            reset();
        }

        private void leave() {
            FakeWorker worker = workers.remove(random.nextInt(workers.size()));
            if (random.nextBoolean()) {
                worker.leaves();
            } else {
                worker.session().drain(() -> {});
                List.copyOf(worker.has.keySet()).forEach(worker::replies);
                worker.leaves();
            }
            reset();
        }

        private void place() throws RefusedException {
            placement = random.nextInt(4) == 0 ? Placement.BOTH : new Placement(random.nextInt(5) * 25);
            placements.place(S, placement, true);
            reset();
        }

        private void reset() {
            inARow = 0;
            remoteInARow = 0;
        }

        private boolean canTake(boolean inProcess) {
            return workers.stream()
                    .anyMatch(worker -> worker.isInProcess() == inProcess
                            && worker.session().hasCredit());
        }

        private int given(boolean inProcess) {
            return workers.stream()
                    .filter(worker -> worker.isInProcess() == inProcess)
                    .mapToInt(worker -> worker.got.size())
                    .sum();
        }
    }
}
