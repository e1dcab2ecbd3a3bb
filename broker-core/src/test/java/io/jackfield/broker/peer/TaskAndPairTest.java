package io.jackfield.broker.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.peer.EndpointSettings.OnFailure;
import io.jackfield.broker.peer.EndpointSettings.Role;
import io.jackfield.broker.tasks.QueueLimits;
import io.jackfield.broker.transport.SocketType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** PUSH, PULL and PAIR peers of one endpoint, peer by peer. */
final class TaskAndPairTest {
    private static final int FULL = PatternLimits.DEFAULT.taskOutputBytesMax();

    private final Bench bench = new Bench();

    /** Four messages may wait. */
    private final Bench.Endpoint endpoint = bench.endpoint(queueing(new QueueLimits(4, 1 << 20)));

    @Test
    void shouldGiveTasksInTurn() {
        TestPeer pusher = endpoint.connect(SocketType.PUSH);
        TestPeer one = endpoint.connect(SocketType.PULL);
        TestPeer two = endpoint.connect(SocketType.PULL);
        for (String task : List.of("a", "b", "c", "d")) {
            pusher.says(task, "");
        }

        assertEquals(List.of(List.of("a", ""), List.of("c", "")), List.of(one.hears(), one.hears()));
        assertEquals(List.of(List.of("b", ""), List.of("d", "")), List.of(two.hears(), two.hears()));
    }

    @Test
    void shouldPassOverAPullerThatIsFull() {
        TestPeer pusher = endpoint.connect(SocketType.PUSH);
        TestPeer slow = endpoint.connect(SocketType.PULL);
        TestPeer fast = endpoint.connect(SocketType.PULL);
        slow.stopsReading(FULL);
        for (String task : List.of("a", "b", "c")) {
            pusher.says(task);
        }
        slow.hearsNothing();
        assertEquals(3, fast.unread());
        slow.readsAgain();
        pusher.says("d");
        pusher.says("e");

        assertEquals(1, slow.unread());
    }

    @Test
    void shouldQueueWithoutPullersAndPauseEveryPusherWhenTheQueueIsFull() {
        TestPeer pusher = endpoint.connect(SocketType.PUSH);
        TestPeer other = endpoint.connect(SocketType.PUSH);
        for (String task : List.of("a", "b", "c")) {
            pusher.says(task);
        }
        assertTrue(pusher.isReadFrom());
        other.says("d");
        assertFalse(pusher.isReadFrom());
        assertFalse(other.isReadFrom());
        assertFalse(endpoint.connect(SocketType.PUSH).isReadFrom(), "one that comes later waits too");
        TestPeer puller = endpoint.connect(SocketType.PULL);

        assertEquals("a b c d", heard(puller));
        assertTrue(pusher.isReadFrom());
        assertTrue(other.isReadFrom());
    }

    @Test
    void shouldCountTheQueueInBytesToo() {
        Bench.Endpoint bytes = bench.endpoint(queueing(new QueueLimits(100, 1000)));
        TestPeer pusher = bytes.connect(SocketType.PUSH);
        pusher.says("x".repeat(900));
        assertTrue(pusher.isReadFrom());
        pusher.says("x".repeat(900));

        assertFalse(pusher.isReadFrom());
    }

    @Test
    void shouldReadOnWhenTheQueueIsHalfEmpty() {
        TestPeer puller = endpoint.connect(SocketType.PULL);
        TestPeer pusher = endpoint.connect(SocketType.PUSH);
        puller.stopsReading(FULL);
        for (String task : List.of("a", "b", "c", "d")) {
            pusher.says(task);
        }
        assertFalse(pusher.isReadFrom());
        puller.leaves();
        assertFalse(pusher.isReadFrom());
        TestPeer next = endpoint.connect(SocketType.PULL);

        assertTrue(pusher.isReadFrom());
        assertEquals("a b c d", heard(next), "nothing that was queued is lost with a puller");
    }

    /** A write can find out that a peer has died, some time before the broker is told of its end. */
    @Test
    void shouldGiveAPullerThatHasDiedNothingMore() {
        Bench.Endpoint many = bench.endpoint(queueing(new QueueLimits(1_000, 1 << 20)));
        TestPeer pusher = many.connect(SocketType.PUSH);
        for (int i = 0; i < 100; i++) {
            pusher.says("" + i);
        }
        TestPeer dying = many.connect(SocketType.PULL, peer -> peer.diesAfter(3));
        pusher.says("100");
        dying.leaves();
        TestPeer next = many.connect(SocketType.PULL);

        assertEquals(List.of(3, 98), List.of(dying.unread(), next.unread()));
        assertEquals(List.of("3"), next.hears());
    }

    @Test
    void shouldGiveTheEndOfAPairThatHasDiedNothingMore() {
        TestPeer one = endpoint.connect(SocketType.PAIR);
        TestPeer dying = endpoint.connect(SocketType.PAIR);
        dying.diesAfter(1);
        for (String text : List.of("a", "b", "c")) {
            one.says(text);
        }
        dying.leaves();

        assertEquals("a", heard(dying));
        assertEquals("b c", heard(endpoint.connect(SocketType.PAIR)));
    }

    @Test
    void shouldKeepTasksOfAPusherThatHasGone() {
        TestPeer pusher = endpoint.connect(SocketType.PUSH);
        pusher.says("a");
        pusher.leaves();

        assertEquals("a", heard(endpoint.connect(SocketType.PULL)));
    }

    @Test
    void shouldShareTheQueueAndThePairOfAGroup() {
        QueueLimits limits = new QueueLimits(4, 1 << 20);
        Bench.Endpoint in = bench.endpoint(queueing("in", Optional.of("tasks"), limits));
        Bench.Endpoint out = bench.endpoint(queueing("out", Optional.of("tasks"), limits));
        Bench.Endpoint other = bench.endpoint(queueing("other", Optional.of("results"), limits));
        TestPeer pusher = in.connect(SocketType.PUSH);
        TestPeer stranger = other.connect(SocketType.PULL);
        pusher.says("a");
        TestPeer puller = out.connect(SocketType.PULL);
        pusher.says("b");
        TestPeer left = in.connect(SocketType.PAIR);
        TestPeer right = out.connect(SocketType.PAIR);
        left.says("c");

        assertEquals("a b", heard(puller));
        assertEquals(List.of("c"), right.hears());
        stranger.hearsNothing();
        assertTrue(in.connect(SocketType.PAIR).isCutOff());
    }

    @Test
    void shouldCountMessagesOfPullersAsBad() {
        TestPeer puller = endpoint.connect(SocketType.PULL);
        puller.says("what");

        assertEquals(1, bench.count(PeerEvent.BAD_MESSAGE));
    }

    /** Peers come, go, stop and start at random; a task is lost only in the hands of a puller that goes. */
    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14, 15, 16})
    void shouldNeitherLoseNorDoubleTasks(long seed) {
        Random random = new Random(seed);
        TestPeer pusher = endpoint.connect(SocketType.PUSH);
        List<TestPeer> pullers = new ArrayList<>();
        List<Integer> taken = new ArrayList<>();
        int sent = 0;
        for (int step = 0; step < 5_000; step++) {
            TestPeer some = pullers.isEmpty() ? null : pullers.get(random.nextInt(pullers.size()));
            switch (random.nextInt(6)) {
                case 0 -> pullers.add(endpoint.connect(SocketType.PULL));
                case 1 -> {
                    if (some != null && pullers.size() > 2) {
                        pullers.remove(some);
                        some.leaves();
                    }
                }
                case 2 -> {
                    if (some != null) {
                        some.stopsReading(FULL);
                    }
                }
                case 3 -> {
                    if (some != null) {
                        some.readsAgain();
                    }
                }
                default -> {
                    if (pusher.isReadFrom()) {
                        pusher.says("" + sent++);
                    }
                }
            }
            pullers.forEach(puller -> takeAll(puller, taken));
        }
        pullers.forEach(TestPeer::readsAgain);
        pullers.add(endpoint.connect(SocketType.PULL));
        pullers.forEach(puller -> takeAll(puller, taken));

        assertTrue(sent > 500, "seed " + seed + ": " + sent);
        assertEquals(sent, taken.size(), "seed " + seed);
        assertEquals(sent, taken.stream().distinct().count(), "seed " + seed);
        assertTrue(bench.registry.isQuiet());
    }

    @Test
    void shouldRelayAPair() {
        TestPeer one = endpoint.connect(SocketType.PAIR);
        one.says("early");
        TestPeer two = endpoint.connect(SocketType.PAIR);
        one.says("later", "");
        two.says("back");

        assertEquals(List.of("early"), two.hears());
        assertEquals(List.of("later", ""), two.hears());
        assertEquals(List.of("back"), one.hears());
    }

    @Test
    void shouldCloseAThirdPairPeerUntilThereIsRoom() {
        TestPeer one = endpoint.connect(SocketType.PAIR);
        TestPeer two = endpoint.connect(SocketType.PAIR);
        TestPeer third = endpoint.connect(SocketType.PAIR);
        assertTrue(third.closeReason().orElseThrow().contains("two PAIR peers"));
        third.leaves();
        endpoint.connect(SocketType.PAIR).leaves();
        assertEquals(2, bench.count(PeerEvent.PAIR_REFUSED));
        assertEquals(1, bench.log.warnings.size(), "one that tries again and again must not fill the log");
        two.says("last words");
        two.leaves();
        one.says("who comes next?");
        TestPeer next = endpoint.connect(SocketType.PAIR);

        assertEquals("last words", heard(one));
        assertEquals("who comes next?", heard(next));
    }

    @Test
    void shouldForgetWhatWasSaidWhenBothEndsThatMetHaveGone() {
        TestPeer one = endpoint.connect(SocketType.PAIR);
        TestPeer two = endpoint.connect(SocketType.PAIR);
        two.stopsReading(FULL);
        one.says("to the second alone");
        two.leaves();
        one.leaves();
        TestPeer three = endpoint.connect(SocketType.PAIR);
        TestPeer four = endpoint.connect(SocketType.PAIR);

        three.hearsNothing();
        four.hearsNothing();
    }

    @Test
    void shouldKeepWhatALoneEndSaidForTheOneThatComesWhenItHasGone() {
        TestPeer one = endpoint.connect(SocketType.PAIR);
        one.says("a");
        one.leaves();
        TestPeer again = endpoint.connect(SocketType.PAIR);
        assertEquals("a", heard(again));
        again.leaves();
        TestPeer two = endpoint.connect(SocketType.PAIR);
        TestPeer three = endpoint.connect(SocketType.PAIR);
        two.hearsNothing();
        three.says("b");

        assertEquals("b", heard(two));
        three.hearsNothing();
    }

    @Test
    void shouldNotReadFromALonePairPeerWithoutEnd() {
        TestPeer one = endpoint.connect(SocketType.PAIR);
        for (String text : List.of("a", "b", "c", "d")) {
            assertTrue(one.isReadFrom());
            one.says(text);
        }
        assertFalse(one.isReadFrom());
        TestPeer two = endpoint.connect(SocketType.PAIR);

        assertEquals("a b c d", heard(two));
        assertTrue(one.isReadFrom());
    }

    @Test
    void shouldHoldBackAPairPeerWhoseOtherEndIsFull() {
        TestPeer one = endpoint.connect(SocketType.PAIR);
        TestPeer two = endpoint.connect(SocketType.PAIR);
        two.stopsReading(FULL);
        for (String text : List.of("a", "b", "c", "d")) {
            one.says(text);
        }
        two.says("the other way is free");
        assertFalse(one.isReadFrom());
        assertEquals("the other way is free", heard(one));
        two.hearsNothing();
        assertFalse(bench.registry.isQuiet());
        two.readsAgain();

        assertEquals("a b c d", heard(two));
        assertTrue(one.isReadFrom());
        assertTrue(bench.registry.isQuiet());
    }

    @Test
    void shouldTakeNothingMoreWhileTheBrokerDrains() {
        TestPeer pusher = endpoint.connect(SocketType.PUSH);
        pusher.says("a");
        assertTrue(bench.registry.isQuiet(), "nobody is there who could take it");
        bench.registry.drain();
        assertFalse(pusher.isReadFrom());
        TestPeer puller = endpoint.connect(SocketType.PULL);

        assertEquals("a", heard(puller));
        assertFalse(pusher.isReadFrom());
        assertFalse(endpoint.connect(SocketType.PAIR).isReadFrom());
    }

    @Test
    void shouldBeQuietOnlyWhenPullersAndEndsHaveReadWhatTheyWereGiven() {
        endpoint.connect(SocketType.PUSH).says("task");
        TestPeer puller = endpoint.connect(SocketType.PULL);
        TestPeer end = endpoint.connect(SocketType.PAIR);
        assertTrue(bench.registry.isQuiet());
        puller.stopsReading(1);
        assertFalse(bench.registry.isQuiet());
        puller.readsAgain();
        end.stopsReading(1);
        assertFalse(bench.registry.isQuiet());
        end.readsAgain();

        assertTrue(bench.registry.isQuiet());
    }

    @Test
    void shouldNotWaitForPeersThatHaveDied() {
        TestPeer pusher = endpoint.connect(SocketType.PUSH);
        TestPeer dead = endpoint.connect(SocketType.PULL);
        TestPeer deadEnd = endpoint.connect(SocketType.PAIR);
        dead.diesAfter(0);
        deadEnd.diesAfter(0);
        pusher.says("task");
        dead.stopsReading(1);
        deadEnd.stopsReading(1);

        assertTrue(bench.registry.isQuiet());
    }

    /** What a peer sent before it went comes when there is room for it; it could not go to another broker. */
    @Test
    void shouldTakeWhatIsLeftOfPeersThatHaveGoneWhileTheBrokerDrains() {
        TestPeer puller = endpoint.connect(SocketType.PULL);
        TestPeer pusher = endpoint.connect(SocketType.PUSH);
        TestPeer end = endpoint.connect(SocketType.PAIR);
        pusher.diesAfter(0);
        end.diesAfter(0);
        bench.registry.drain();
        assertTrue(pusher.isReadFrom());
        assertTrue(end.isReadFrom());
        assertFalse(bench.registry.isQuiet());
        pusher.says("the last");
        pusher.leaves();

        assertEquals("the last", heard(puller));
        assertTrue(bench.registry.isQuiet());
    }

    @Test
    void shouldTakeWhatIsLeftOfPeersThatGoWhileTheBrokerDrains() {
        TestPeer puller = endpoint.connect(SocketType.PULL);
        TestPeer pusher = endpoint.connect(SocketType.PUSH);
        bench.registry.drain();
        assertFalse(pusher.isReadFrom());

        pusher.diesAfter(0);
        assertFalse(bench.registry.isQuiet());
        bench.pass(100);
        assertTrue(pusher.isReadFrom());
        pusher.says("the last");
        pusher.leaves();

        assertEquals("the last", heard(puller));
        assertTrue(bench.registry.isQuiet());
    }

    private static void takeAll(TestPeer puller, List<Integer> taken) {
        while (puller.unread() > 0) {
            taken.add(Integer.parseInt(puller.hears().get(0)));
        }
    }

    private static String heard(TestPeer peer) {
        List<String> heard = new ArrayList<>();
        while (peer.unread() > 0) {
            heard.add(String.join(" ", peer.hears()));
        }
        return String.join(" ", heard);
    }

    private static EndpointSettings queueing(QueueLimits limits) {
        return queueing("tasks", Optional.empty(), limits);
    }

    private static EndpointSettings queueing(String name, Optional<String> group, QueueLimits limits) {
        return new EndpointSettings(
                name,
                Role.ANY,
                "default",
                1,
                Optional.empty(),
                OnFailure.ERROR_BODY,
                new PatternSettings(group, limits),
                false);
    }
}
