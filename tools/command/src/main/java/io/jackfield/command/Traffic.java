package io.jackfield.command;

import io.jackfield.api.Reply;
import io.jackfield.protocol.Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** Clients that ask one service again and again, each on a thread and a connection of its own, until closed. */
final class Traffic implements AutoCloseable {

    private static final long TIMEOUT_MS = 10_000;

    private final AtomicBoolean stopping = new AtomicBoolean();
    private final AtomicLong replies = new AtomicLong();
    private final Map<String, LongAdder> byOrigin = new ConcurrentHashMap<>();
    private final ExecutorService threads;
    private final List<Future<?>> clients = new ArrayList<>();

    Traffic(String endpoint, int clientCount, String service, String body) {
        this(endpoint, clientCount, service, body, Map.of());
    }

    private Traffic(String endpoint, int clientCount, String service, String body, Map<String, String> headers) {
        threads = Executors.newFixedThreadPool(clientCount);
        for (int i = 0; i < clientCount; i++) {
            clients.add(threads.submit(() -> flow(endpoint, service, body, headers)));
        }
    }

    /** The same with each reply saying which plugin it is of. */
    static Traffic traced(String endpoint, int clientCount, String service, String body) {
        return new Traffic(endpoint, clientCount, service, body, Map.of(Headers.SERVED_BY, ""));
    }

    long replies() {
        return replies.get();
    }

    /** How many replies each plugin, version and generation gave; of traced traffic. */
    Map<String, Long> byOrigin() {
        Map<String, Long> counts = new TreeMap<>();
        byOrigin.forEach((origin, count) -> counts.put(origin, count.sum()));
        return counts;
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

    private void flow(String endpoint, String service, String body, Map<String, String> headers) {
        byte[] asked = body.getBytes(StandardCharsets.UTF_8);
        try (Broker broker = Broker.connect(endpoint)) {
            while (!stopping.get()) {
                Reply reply = broker.ask(service, asked, headers, TIMEOUT_MS);
                replies.incrementAndGet();
                String origin = reply.headers().get(Headers.SERVED_BY);
                if (origin != null) {
                    byOrigin.computeIfAbsent(origin, first -> new LongAdder()).increment();
                }
            }
        }
    }
}
