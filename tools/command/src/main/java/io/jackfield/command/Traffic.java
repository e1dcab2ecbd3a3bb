package io.jackfield.command;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Clients that ask one service again and again, each on a thread and a connection of its own, until closed. */
final class Traffic implements AutoCloseable {

    private static final long TIMEOUT_MS = 10_000;

    private final AtomicBoolean stopping = new AtomicBoolean();
    private final AtomicLong replies = new AtomicLong();
    private final ExecutorService threads;
    private final List<Future<?>> clients = new ArrayList<>();

    Traffic(String endpoint, int clientCount, String service, String body) {
        threads = Executors.newFixedThreadPool(clientCount);
        for (int i = 0; i < clientCount; i++) {
            clients.add(threads.submit(() -> flow(endpoint, service, body)));
        }
    }

    long replies() {
        return replies.get();
    }

    /** Whether a client gave up, because a request of it failed. */
    boolean ended() {
        return clients.stream().anyMatch(Future::isDone);
    }

    /** Ends the traffic; the first failed request of any client, if there was one, comes out of here. */
    long stop() throws InterruptedException {
        stopping.set(true);
        for (Future<?> client : clients) {
            try {
                client.get();
            } catch (ExecutionException e) {
                throw e.getCause() instanceof Failure failure ? failure : new IllegalStateException(e.getCause());
            }
        }
        return replies.get();
    }

    @Override
    public void close() {
        stopping.set(true);
        threads.shutdown();
    }

    private void flow(String endpoint, String service, String body) {
        byte[] asked = body.getBytes(StandardCharsets.UTF_8);
        try (Broker broker = Broker.connect(endpoint)) {
            while (!stopping.get()) {
                broker.ask(service, asked, Map.of(), TIMEOUT_MS);
                replies.incrementAndGet();
            }
        }
    }
}
