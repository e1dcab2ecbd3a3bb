package io.jackfield.kit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.api.Reply;
import io.jackfield.protocol.Command;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Jf1Message;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class LinkTest {
    private static final int OUTPUT_BYTES_MAX = 3000;

    @Test
    void shouldReplaceSocketsThatNeverStartToSpeakWithoutLosingTheRequest() throws Exception {
        try (FakeBroker broker = new FakeBroker();
                Front front = new Front(2, broker.port());
                Client client = Client.connect("tcp://127.0.0.1:" + front.port())) {
            CompletableFuture<Reply> answer = client.send(Call.of("echo", "hello".getBytes(UTF_8)));

            Jf1Message request = broker.receive(Command.REQUEST);
            broker.send(Jf1Message.reply(
                    request.id(), 0, Headers.EMPTY, List.of(ByteBuffer.wrap("hello".getBytes(UTF_8)))));

            assertEquals("hello", new String(answer.get(10, TimeUnit.SECONDS).body(), UTF_8));
            assertEquals(3, front.accepted());
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

    /** Leaves the first connections unanswered, as JeroMQ's own ends sometimes do, and passes on every later one. */
    private static final class Front implements AutoCloseable {
        private final ServerSocket listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        private final Queue<Socket> accepted = new ConcurrentLinkedQueue<>();
        private final Queue<Socket> passedOn = new ConcurrentLinkedQueue<>();
        private final int silent;
        private final int targetPort;

        Front(int silent, int targetPort) throws IOException {
            this.silent = silent;
            this.targetPort = targetPort;
            inBackground(this::accept);
        }

        int port() {
            return listener.getLocalPort();
        }

        int accepted() {
            return accepted.size();
        }

        @Override
        public void close() throws IOException {
            listener.close();
            for (Socket socket : accepted) {
                socket.close();
            }
            for (Socket socket : passedOn) {
                socket.close();
            }
        }

        private void accept() throws IOException {
            while (true) {
                Socket socket = listener.accept();
                accepted.add(socket);
                if (accepted.size() > silent) {
                    Socket target = new Socket(InetAddress.getLoopbackAddress(), targetPort);
                    passedOn.add(target);
                    inBackground(() -> copy(socket, target));
                    inBackground(() -> copy(target, socket));
                }
            }
        }

        private static void copy(Socket from, Socket to) throws IOException {
            InputStream input = from.getInputStream();
            byte[] bytes = new byte[8192];
            for (int count = input.read(bytes); count >= 0; count = input.read(bytes)) {
                to.getOutputStream().write(bytes, 0, count);
            }
        }

        private void inBackground(Copying copying) {
            Thread thread = new Thread(() -> {
                try {
                    copying.run();
                } catch (IOException e) {
                    if (!listener.isClosed()) {
                        throw new UncheckedIOException(e);
                    }
                }
            });
            thread.setDaemon(true);
            thread.start();
        }

        private interface Copying {
            void run() throws IOException;
        }
    }
}
