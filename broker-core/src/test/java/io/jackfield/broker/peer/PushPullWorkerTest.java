package io.jackfield.broker.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.peer.EndpointSettings.OnFailure;
import io.jackfield.broker.peer.EndpointSettings.Role;
import io.jackfield.broker.transport.SocketType;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Workers of two halves: requests by PULL, replies by PUSH, each on an endpoint for workers. */
final class PushPullWorkerTest {
    private final Bench bench = new Bench();
    private final Bench.Endpoint requests = bench.endpoint(workers("requests", "default", 1));
    private final Bench.Endpoint replies = bench.endpoint(workers("replies", "default", 1));

    @Test
    void shouldCarryARequestOutByOneEndpointAndItsReplyInByAnother() {
        TestPeer pull = requests.connect(SocketType.PULL);
        TestPeer push = replies.connect(SocketType.PUSH);
        TestPeer client = bench.connect(SocketType.REQ);

        client.says("0x00000001", "", "a", "");
        List<byte[]> request = pull.hearsBytes();

        assertEquals(8, request.get(0).length);
        assertEquals(List.of("a", ""), texts(request.subList(1, 3)));
        push.says(request.get(0), "re", "more");
        assertEquals(List.of("0x00000001", "", "re", "more"), client.hears());
    }

    @Test
    void shouldGiveAWorkerOneRequestAtATimeAndTheNextToWhoeverIsFree() {
        TestPeer one = requests.connect(SocketType.PULL);
        TestPeer two = requests.connect(SocketType.PULL);
        TestPeer push = requests.connect(SocketType.PUSH);
        TestPeer client = bench.connect(Bench.CLIENTS, SocketType.DEALER);
        for (String body : List.of("1", "2", "3")) {
            client.says(body);
        }

        one.hearsBytes();
        one.hearsNothing();
        List<byte[]> second = two.hearsBytes();
        two.hearsNothing();
        push.says(second.toArray());

        assertEquals(List.of("2"), client.hears());
        assertEquals("3", texts(two.hearsBytes()).get(1));
        one.hearsNothing();
    }

    @Test
    void shouldGiveAsManyAsTheEndpointsCreditSays() {
        TestPeer pull = bench.endpoint(workers("two", "default", 2)).connect(SocketType.PULL);
        TestPeer client = bench.connect(Bench.CLIENTS, SocketType.DEALER);
        for (String body : List.of("1", "2", "3")) {
            client.says(body);
        }

        assertEquals(2, pull.unread());
    }

    @Test
    void shouldLoseWhatAWorkerHasWithItsPullingHalf() {
        TestPeer pull = requests.connect(SocketType.PULL);
        TestPeer push = replies.connect(SocketType.PUSH);
        TestPeer client = bench.connect(SocketType.REQ);
        client.says("", "x");
        byte[] token = pull.hearsBytes().get(0);

        push.leaves();
        client.hearsNothing();
        pull.leaves();

        assertTrue(client.hears().get(1).startsWith("JACKFIELD-ERROR 9 WORKER_LOST: worker plain PULL "));
        replies.connect(SocketType.PUSH).says(token, "late");
        client.hearsNothing();
        assertEquals(1, bench.count(PeerEvent.STRAY_REPLY));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0x00", "0x0000000000000001", "0xffffffffffffffff"})
    void shouldDropRepliesToNothing(String token) {
        requests.connect(SocketType.PULL);
        TestPeer push = replies.connect(SocketType.PUSH);

        push.says(token, "x");
        push.says(token);

        assertEquals(2, bench.count(PeerEvent.STRAY_REPLY));
        assertFalse(push.isCutOff());
    }

    @Test
    void shouldTakeRepliesForTheServiceOfTheEndpointAlone() {
        TestPeer pull = requests.connect(SocketType.PULL);
        TestPeer foreign = bench.endpoint(workers("foreign", "other", 1)).connect(SocketType.PUSH);
        TestPeer client = bench.connect(SocketType.REQ);
        client.says("", "x");

        foreign.says(pull.hearsBytes().get(0), "re");

        client.hearsNothing();
        assertEquals(1, bench.count(PeerEvent.STRAY_REPLY));
    }

    @Test
    void shouldNotTakePushedRepliesToRequestsOfWorkersThatAnswerThemselves() {
        TestPeer dealer = requests.connect(SocketType.DEALER);
        TestPeer push = replies.connect(SocketType.PUSH);
        TestPeer client = bench.connect(SocketType.REQ);
        client.says("", "x");
        byte[] token = dealer.hearsBytes().get(0);

        push.says(token, "stolen");
        client.hearsNothing();
        dealer.says(token, "re");

        assertEquals(List.of("", "re"), client.hears());
    }

    @Test
    void shouldGoOnTakingRepliesWhileTheBrokerDrains() {
        TestPeer pull = requests.connect(SocketType.PULL);
        TestPeer push = replies.connect(SocketType.PUSH);
        TestPeer client = bench.connect(SocketType.REQ);
        client.says("", "x");
        bench.dispatcher.drain();
        bench.registry.drain();

        assertTrue(push.isReadFrom());
        push.says(pull.hearsBytes().get(0), "re");

        assertEquals(List.of("", "re"), client.hears());
    }

    @Test
    void shouldCountMessagesOfAPullerAsBad() {
        requests.connect(SocketType.PULL).says("what");

        assertEquals(1, bench.count(PeerEvent.BAD_MESSAGE));
    }

    private static EndpointSettings workers(String name, String service, int credit) {
        return new EndpointSettings(name, Role.WORKERS, service, credit, Optional.empty(), OnFailure.ERROR_BODY);
    }

    private static List<String> texts(List<byte[]> frames) {
        return frames.stream().map(TestPeer::text).toList();
    }
}
