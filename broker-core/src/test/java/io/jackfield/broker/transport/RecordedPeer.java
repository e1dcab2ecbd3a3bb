package io.jackfield.broker.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.loop.Mailbox;
import io.jackfield.broker.model.Frames;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** One peer as the broker sees it: does with each message what the test says, and remembers what it was told. */
public final class RecordedPeer implements Transport.ConnectionHandler {
    private static final long WAIT_S = 20;

    private final Mailbox loop;
    private final Connection connection;
    private final BiConsumer<Connection, Frames> onMessage;
    private final BlockingQueue<Frames> messages = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> closings = new LinkedBlockingQueue<>();

    RecordedPeer(Mailbox loop, Connection connection, BiConsumer<Connection, Frames> onMessage) {
        this.loop = loop;
        this.connection = connection;
        this.onMessage = onMessage;
    }

    @Override
    public void message(Frames message) {
        if (!closings.isEmpty()) {
            closings.add("a message after closed");
        }
        messages.add(message.kept());
        onMessage.accept(connection, message);
    }

    @Override
    public void closed(String reason) {
        closings.add(reason);
    }

    /** Set before the peer is handed out; its methods are for the loop, see {@link #run}. */
    public Connection connection() {
        return connection;
    }

    /** Does something with the connection on the loop, and returns when it is done. */
    public void run(Consumer<Connection> action) throws Exception {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        loop.post(() -> {
            try {
                action.accept(connection);
                done.complete(true);
            } catch (RuntimeException | Error failure) {
                done.completeExceptionally(failure);
            }
        });
        assertTrue(done.get(WAIT_S, TimeUnit.SECONDS));
    }

    /** The next message that came, waiting for it. */
    public Frames message() throws InterruptedException {
        Frames message = messages.poll(WAIT_S, TimeUnit.SECONDS);
        assertNotNull(message, "no message came");
        return message;
    }

    /** Messages that came and were not taken. */
    public int waitingMessages() {
        return messages.size();
    }

    /** Why the connection ended, waiting for that. */
    public String closed() throws InterruptedException {
        String reason = closings.poll(WAIT_S, TimeUnit.SECONDS);
        assertNotNull(reason, "closed was not told");
        assertEquals(0, closings.size(), "closed was told again: " + closings);
        return reason;
    }

    /** Whether an end was told that was not taken with {@link #closed()}. */
    public boolean hasClosed() {
        return !closings.isEmpty();
    }
}
