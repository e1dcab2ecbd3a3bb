package io.jackfield.kit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.api.Reply;
import io.jackfield.protocol.Command;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Jf1Message;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class LinkTest {
    private static final int OUTPUT_BYTES_MAX = 3000;
    private static final int WAITING = 60;
    /** Sockets of a link connect again after 100 ms. */
    private static final long ITSELF_MS = 300;
    /** At least: the first is given 400 ms, the second twice that. */
    private static final long TWO_SILENT_SOCKETS_MS = 1000;

    @Test
    void shouldReplaceSocketsThatNeverStartToSpeakWithoutLosingTheRequestOrItsDeadline() throws Exception {
        long beganNs = System.nanoTime();
        try (FakeBroker broker = new FakeBroker();
                Relay relay = new Relay(2, broker.port());
                Client client = Client.connect(relay.endpoint())) {
            CompletableFuture<Reply> answer = client.send(Call.of("echo", "hello".getBytes(UTF_8)));
            long askedNs = System.nanoTime();

            Jf1Message request = broker.receive(Command.REQUEST);
            long waitedMs = TWO_SILENT_SOCKETS_MS - TimeUnit.NANOSECONDS.toMillis(askedNs - beganNs);
            long timeMsMax = Call.TIMEOUT_DEFAULT.toMillis() - waitedMs;
            long timeMs = request.header().timeMs();
            assertTrue(0 < timeMs && timeMs <= timeMsMax, () -> "time-ms: " + timeMs + " (at most: " + timeMsMax + ")");
            broker.send(Jf1Message.reply(
                    request.id(), 0, Headers.EMPTY, List.of(ByteBuffer.wrap("hello".getBytes(UTF_8)))));

            assertEquals("hello", new String(answer.get(10, TimeUnit.SECONDS).body(), UTF_8));
            assertEquals(3, relay.accepted());
        }
    }

    @Test
    void shouldTellThatItIsLostAndRefuseAllWhenItFailsItself() throws Exception {
        CompletableFuture<String> lost = new CompletableFuture<>();
        Link.Events failing = events(lost, () -> {
            throw new AssertionError("no more memory, for example");
        });
        try (Link link = new Link(to("tcp://127.0.0.1:9"), failing)) {
            link.start();

            assertTrue(lost.get(10, TimeUnit.SECONDS).contains("no more memory"));
            assertFalse(link.send(Jf1Message.heartbeat(true)));
        }
    }

    @Test
    void shouldEndTheSessionAndTakeNothingLaterOfItWhenAMessageIsRefused() throws Exception {
        CompletableFuture<String> lost = new CompletableFuture<>();
        CountDownLatch opened = new CountDownLatch(1);
        try (FakeBroker broker = new FakeBroker();
                Link link = new Link(to(broker.endpoint()), events(lost, opened::countDown))) {
            link.start();
            assertTrue(opened.await(10, TimeUnit.SECONDS));

            assertTrue(link.send(reply(OUTPUT_BYTES_MAX), 1));
            assertFalse(link.send(reply(OUTPUT_BYTES_MAX), 1));
            assertFalse(link.send(reply(0), 1));

            assertTrue(lost.get(10, TimeUnit.SECONDS).contains("wait to be sent"));
        }
    }

    @Test
    void shouldSendNothingOfALostConnectionToTheNextBroker() throws Exception {
        CountDownLatch sent = new CountDownLatch(WAITING);
        CompletableFuture<String> lost = new CompletableFuture<>();
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        Link.Events held = new Link.Events() {
            @Override
            public void opened() {}

            @Override
            public void received(Jf1Message message) {
                busy.countDown();
                Await.whateverComes(release);
            }

            @Override
            public void sent(Jf1Message message) {
                sent.countDown();
            }

            @Override
            public void lost(String reason) {
                lost.complete(reason);
            }

            @Override
            public void tick(long nowNs) {}
        };
        FakeBroker broker = new FakeBroker();
        LinkOptions large = new LinkOptions(broker.endpoint(), "link", 1000, 30, 1000, 1L << 30, false);
        try (Link link = new Link(large, held)) {
            link.start();
            // Large, so that most of them wait in the socket of the link.
            for (int i = 0; i < WAITING; i++) {
                assertTrue(link.send(reply(1 << 20), 1));
            }
            assertEquals(Command.REPLY, broker.receive().command());
            assertTrue(sent.await(10, TimeUnit.SECONDS));
            broker.send(reply(0));
            assertTrue(busy.await(10, TimeUnit.SECONDS));

            broker.close();
            try (FakeBroker successor = new FakeBroker(broker.port())) {
                // The link's thread cannot close the socket before that one connects by itself, if it does.
                successor.awaitConnectionFor(ITSELF_MS);
                release.countDown();
                lost.get(10, TimeUnit.SECONDS);
                assertTrue(link.send(Jf1Message.cancel(7)));

                assertEquals(7, successor.receive(Command.CANCEL).id());
            }
        }
    }

    private static LinkOptions to(String endpoint) {
        return new LinkOptions(endpoint, "link", 1000, 3, 1000, OUTPUT_BYTES_MAX, false);
    }

    private static Jf1Message reply(int bytes) {
        return Jf1Message.reply(1, 0, Headers.EMPTY, List.of(ByteBuffer.allocate(bytes)));
    }

    private static Link.Events events(CompletableFuture<String> lost, Runnable opened) {
        return new Link.Events() {
            @Override
            public void opened() {
                opened.run();
            }

            @Override
            public void received(Jf1Message message) {}

            @Override
            public void lost(String reason) {
                lost.complete(reason);
            }

            @Override
            public void tick(long nowNs) {}
        };
    }
}
