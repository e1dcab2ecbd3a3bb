package io.jackfield.broker.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.peer.EndpointSettings.OnFailure;
import io.jackfield.broker.peer.EndpointSettings.Role;
import io.jackfield.broker.tasks.QueueLimits;
import io.jackfield.broker.transport.SocketType;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Publishers and subscribers of one endpoint, peer by peer. */
final class PublishSubscribeTest {
    private static final PatternLimits SMALL = new PatternLimits(5, 3, 4, 1000, 1000);

    private final Bench bench = new Bench();

    @ParameterizedTest
    @EnumSource(names = {"SUB", "XSUB"})
    void shouldDeliverWhatIsSubscribedToAndNothingElse(SocketType type) {
        TestPeer subscriber = bench.connect(type);
        TestPeer publisher = bench.connect(SocketType.PUB);
        publisher.says("news", "nobody asked yet");
        subscriber.subscribes("news");
        publisher.says("news.uk", "rain", "");
        publisher.says("sport", "news is in the second frame");

        assertEquals(List.of("news.uk", "rain", ""), subscriber.hears());
        subscriber.hearsNothing();
        subscriber.cancels("news");
        publisher.says("news.uk", "sun");
        subscriber.hearsNothing();
    }

    @Test
    void shouldTakeSubscriptionsInBothForms() {
        TestPeer subscriber = bench.connect(SocketType.SUB);
        TestPeer publisher = bench.connect(SocketType.XPUB);
        subscriber.subscribesByCommand("a");
        subscriber.subscribes("b");
        publisher.says("a1");
        publisher.says("b1");
        assertEquals(List.of("a1"), subscriber.hears());
        assertEquals(List.of("b1"), subscriber.hears());
        subscriber.cancels("a");
        subscriber.cancelsByCommand("b");
        publisher.says("a2");
        publisher.says("b2");

        subscriber.hearsNothing();
        assertEquals(List.of("+a", "+b", "-a", "-b"), publisher.isAskedFor());
    }

    @Test
    void shouldDeliverAcrossTheEndpointsOfAGroup() {
        TestPeer subscriber = bench.connect(inGroup("out", "news"), SocketType.SUB);
        TestPeer stranger = bench.connect(inGroup("else", "weather"), SocketType.SUB);
        TestPeer publisher = bench.connect(inGroup("in", "news"), SocketType.PUB);
        stranger.subscribes("");
        subscriber.subscribes("a");
        publisher.says("a1");

        assertEquals(List.of("a1"), subscriber.hears());
        stranger.hearsNothing();
        assertEquals(List.of("+a"), publisher.isAskedFor());
    }

    @Test
    void shouldDeliverOnceHoweverManySubscriptionsMatch() {
        TestPeer subscriber = bench.connect(SocketType.SUB);
        TestPeer other = bench.connect(SocketType.SUB);
        TestPeer publisher = bench.connect(SocketType.PUB);
        subscriber.subscribes("");
        subscriber.subscribes("a");
        subscriber.subscribes("ab");
        other.subscribes("a");
        publisher.says("abc");

        assertEquals(List.of("abc"), subscriber.hears());
        subscriber.hearsNothing();
        assertEquals(List.of("abc"), other.hears());
    }

    @Test
    void shouldAskPublishersForEachTopicOnceWhileSomebodyWantsIt() {
        TestPeer publisher = bench.connect(SocketType.PUB);
        TestPeer one = bench.connect(SocketType.SUB);
        TestPeer two = bench.connect(SocketType.SUB);
        one.subscribes("a");
        one.subscribes("a");
        two.subscribes("a");
        two.subscribes("b");
        assertEquals(List.of("+a", "+b"), publisher.isAskedFor());
        one.cancels("a");
        one.cancels("a");
        one.cancels("never");
        assertEquals(List.of(), publisher.isAskedFor());
        TestPeer late = bench.connect(SocketType.XPUB);
        assertEquals(List.of("+a", "+b"), late.isAskedFor());
        two.leaves();

        assertEquals(
                2,
                publisher.isAskedFor().stream()
                        .filter(ask -> ask.startsWith("-"))
                        .count());
        assertEquals(2, late.isAskedFor().size());
        assertEquals(List.of(), bench.connect(SocketType.PUB).isAskedFor());
    }

    @Test
    void shouldKeepEndpointsApart() {
        Bench.Endpoint here = bench.endpoint(Bench.ANY);
        Bench.Endpoint there = bench.endpoint(Bench.ANY);
        TestPeer subscriber = here.connect(SocketType.SUB);
        TestPeer publisher = there.connect(SocketType.PUB);
        subscriber.subscribes("");
        publisher.says("a");

        subscriber.hearsNothing();
        assertEquals(List.of(), publisher.isAskedFor());
    }

    @Test
    void shouldDropForASlowSubscriberAlone() {
        TestPeer slow = bench.connect(SocketType.SUB);
        TestPeer fast = bench.connect(SocketType.SUB);
        TestPeer publisher = bench.connect(SocketType.PUB);
        slow.subscribes("");
        fast.subscribes("");
        int max = PatternLimits.DEFAULT.subscriberOutputBytesMax();
        slow.stopsReading(max - 3);
        publisher.says("a");
        publisher.says("bc");
        publisher.says("d");

        assertEquals(List.of("a"), slow.hears());
        slow.stopsReading(max);
        publisher.says("e");
        slow.stopsReading(0);
        publisher.says("f");
        assertEquals(List.of("d"), slow.hears());
        assertEquals(List.of("f"), slow.hears());
        assertEquals(5, fast.unread());
        assertEquals(
                List.of(2L, 0L, 0L),
                bench.registry.snapshot().stream().map(PeerView::dropped).toList());
        assertEquals(2, bench.count(PeerEvent.DROPPED));
        assertEquals(1, bench.log.warnings.size());
        assertTrue(bench.log.warnings.get(0).contains("subscriber-output-bytes-max"), bench.log.warnings::toString);
    }

    @Test
    void shouldLetAMessageThroughThatIsLargerThanTheLimitWhenNothingElseWaits() {
        Bench small = new Bench(limits(SMALL));
        TestPeer subscriber = small.connect(SocketType.SUB);
        subscriber.subscribes("");
        TestPeer publisher = small.connect(SocketType.PUB);
        publisher.says("x".repeat(5000));

        assertEquals(1, subscriber.unread());
    }

    @Test
    void shouldCountWhatASubscriberSendsBesidesSubscriptions() {
        TestPeer subscriber = bench.connect(SocketType.XSUB);
        TestPeer publisher = bench.connect(SocketType.XPUB);
        subscriber.says("upstream");
        subscriber.says("");
        subscriber.says(new byte[] {1}, "two frames are no subscription");

        publisher.hearsNothing();
        assertEquals(3, bench.count(PeerEvent.NOT_A_SUBSCRIPTION));
        assertEquals(3, bench.registry.snapshot().get(0).dropped());
        assertFalse(subscriber.isCutOff());
    }

    @Test
    void shouldCloseASubscriberWithTooLongATopic() {
        Bench small = new Bench(limits(SMALL));
        TestPeer subscriber = small.connect(SocketType.SUB);
        TestPeer publisher = small.connect(SocketType.PUB);
        subscriber.subscribes("four");
        subscriber.cancels("fives");
        subscriber.subscribesByCommand("fives");

        assertTrue(subscriber.closeReason().orElseThrow().contains("topic-bytes-max: 4"));
        assertEquals(List.of("+four", "-four"), publisher.isAskedFor());
        assertEquals(1, small.count(PeerEvent.SUBSCRIPTION_REFUSED));
    }

    @Test
    void shouldCloseASubscriberWithTooManySubscriptions() {
        Bench small = new Bench(limits(SMALL));
        TestPeer greedy = small.connect(SocketType.SUB);
        TestPeer modest = small.connect(SocketType.SUB);
        for (String topic : List.of("a", "b", "c", "a")) {
            greedy.subscribes(topic);
        }
        assertEquals(3, small.registry.snapshot().get(0).subscriptions());
        modest.subscribes("a");
        modest.subscribes("d");
        modest.subscribes("e");
        assertTrue(modest.closeReason().orElseThrow().contains("subscriptions-max: 5"));
        greedy.subscribes("d");

        assertTrue(greedy.closeReason().orElseThrow().contains("peer-subscriptions-max: 3"));
        TestPeer next = small.connect(SocketType.SUB);
        next.subscribes("a");
        next.subscribes("b");
        next.subscribes("c");
        assertFalse(next.isCutOff(), "what was taken is given back");
    }

    @Test
    void shouldShowTheirSides() {
        bench.connect(SocketType.SUB);
        bench.connect(SocketType.XPUB);

        assertEquals(
                List.of("subscriber", "publisher"),
                bench.registry.snapshot().stream().map(PeerView::side).toList());
    }

    private static PeerLimits limits(PatternLimits patterns) {
        return new PeerLimits(100, 100, 1 << 20, 2500, 3, patterns);
    }

    private static EndpointSettings inGroup(String name, String group) {
        PatternSettings patterns = new PatternSettings(Optional.of(group), QueueLimits.DEFAULT);
        return new EndpointSettings(
                name, Role.ANY, "default", 1, Optional.empty(), OnFailure.ERROR_BODY, patterns, false);
    }
}
