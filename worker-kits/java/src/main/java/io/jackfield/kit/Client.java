package io.jackfield.kit;

import io.jackfield.api.Reply;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Asks services of a broker. Safe for any thread; one client for a whole program is enough: requests of all threads are on their way at
 * once. Connects, and connects again, by itself.
 *
 * <p>Of several brokers one is asked, and the next one when that is not there, drains or is lost. A request that was on its way when the
 * connection was lost fails, since nobody knows whether it was carried out, unless it is {@linkplain Call#asIdempotent idempotent}: then
 * it is asked again, and so is one that was refused for now.
 */
public final class Client implements AutoCloseable {
    private static final AtomicLong NUMBER = new AtomicLong();
    private static final long DELAY_FIRST_MS = 50;
    private static final long DELAY_MAX_MS = 2000;

    private final ClientOptions options;
    private final String threadName = "jackfield-client-" + NUMBER.incrementAndGet();
    private final Map<Long, Pending> pending = new ConcurrentHashMap<>();
    private final AtomicLong nextId = new AtomicLong(1);
    private final AtomicInteger broker = new AtomicInteger();
    private final AtomicInteger inVain = new AtomicInteger();
    private final Set<Line> lines = ConcurrentHashMap.newKeySet();
    /** Written by the link's thread of the line that it was. */
    private volatile Line current;

    private volatile boolean closed;

    Client(ClientOptions options) {
        this.options = options;
        this.current = newLine(0);
        current.link.start();
    }

    /**
     * A client of the broker at that endpoint, which need not be there yet.
     *
     * @param endpoint for example {@code tcp://127.0.0.1:5555}
     */
    public static Client connect(String endpoint) {
        return of(endpoint).connect();
    }

    /** Begins to say how to connect, to one broker or to whichever of several is there: at most 16. */
    public static ClientOptions of(String... endpoints) {
        return new ClientOptions(Endpoints.of(endpoints));
    }

    /**
     * Asks and waits.
     *
     * @throws RequestFailedException the request ended without a reply
     * @throws InterruptedException the waiting thread was interrupted; the request is cancelled
     */
    public Reply call(String service, byte[] body, Duration timeout) throws InterruptedException {
        return call(Call.of(service, body).withTimeout(timeout));
    }

    /** As {@link #call(String, byte[], Duration)}, with all that a request may have. */
    public Reply call(Call call) throws InterruptedException {
        CompletableFuture<Reply> answer = send(call);
        try {
            return answer.get();
        } catch (InterruptedException e) {
            answer.cancel(false);
            throw e;
        } catch (ExecutionException e) {
            throw RequestFailedException.again(e);
        }
    }

    /**
     * Asks and goes on. The future is completed on the client's own thread: what hangs on it must not block. It ends with
     * {@link RequestFailedException} if the request fails; cancelling it cancels the request.
     */
    public CompletableFuture<Reply> send(Call call) {
        long id = nextId.getAndIncrement();
        Answer answer = new Answer(id);
        long nowNs = System.nanoTime();
        Attempts attempts = new Attempts(
                call.idempotent ? options.retriesMax : 0,
                options.endpoints.size(),
                nowNs + options.silenceMaxMs() * 1_000_000);
        Pending request = new Pending(id, call, answer, attempts, nowNs);
        pending.put(id, request);
        long bytes = call.bodyBytes();
        if (bytes > options.bodyBytesMax) {
            String cause = "body: " + bytes + " bytes (expected: at most " + options.bodyBytesMax + ")";
            fail(id, Failure.of(ErrorCode.TOO_LARGE, cause, "raise the client's body-bytes-max, and the broker's"));
        } else {
            ask(request);
        }
        return answer;
    }

    /** Asks, and gives each reply as it comes: the partial ones, then the final one. Close it to cancel the rest. */
    public ReplyStream stream(Call call) {
        ReplyStream stream = new ReplyStream();
        stream.follow(send(call.onPartial(stream::partial)));
        return stream;
    }

    /** Cancels what is on its way and ends the connection. */
    @Override
    public void close() {
        closed = true;
        pending.values().forEach(request -> {
            Line line = request.line.get();
            if (line != null) {
                line.cancel(request);
            }
        });
        lines.forEach(line -> line.link.close());
        pending.keySet().forEach(id -> fail(id, isClosed()));
    }

    /** Puts a request that is on no line on the one to the broker that is asked now. Any thread. */
    void ask(Pending request) {
        while (!closed) {
            Line line = current;
            request.line.set(line);
            if (line.link.send(request.request())) {
                return;
            }
            if (!line.link.isClosed() || current == line) {
                fail(request.id, notSent(line));
                return;
            }
            if (!request.line.compareAndSet(line, null)) {
                return; // whoever has taken it off asks
            }
        }
        fail(request.id, isClosed());
    }

    /** Has new requests go elsewhere. False if there is no elsewhere: then the line is used on. */
    boolean leave(Line line) {
        if (options.endpoints.size() == 1 || closed) {
            return false;
        }
        if (current == line) {
            Line next = newLine(broker.incrementAndGet() % options.endpoints.size());
            current = next;
            next.link.start(delayMs(inVain.incrementAndGet()));
            // Closing may have looked at the lines before this one was there.
            if (closed) {
                next.link.close();
            }
        }
        return true;
    }

    /** A broker has done something for a request: the next one that is lost is not the last of many. */
    void served() {
        inVain.set(0);
    }

    /** Each broker is tried once at once; after that the rounds become slower. */
    private long delayMs(int linesInVain) {
        int again = linesInVain - options.endpoints.size();
        return again < 0 ? 0 : Math.min(DELAY_FIRST_MS << Math.min(again, 10), DELAY_MAX_MS);
    }

    private Line newLine(int number) {
        lines.removeIf(line -> line.link.isClosed());
        Line line = new Line(this, options.link(number, threadName));
        lines.add(line);
        return line;
    }

    List<Pending> onLine(Line line) {
        return pending.values().stream()
                .filter(request -> request.line.get() == line)
                .toList();
    }

    Optional<Pending> find(long id) {
        return Optional.ofNullable(pending.get(id));
    }

    Optional<Pending> take(long id) {
        return Optional.ofNullable(pending.remove(id));
    }

    void fail(long id, Failure failure) {
        take(id).ifPresent(request -> request.answer.completeExceptionally(new RequestFailedException(failure)));
    }

    private Failure notSent(Line line) {
        return line.link.isClosed()
                ? isClosed()
                : Failure.of(ErrorCode.OVERLOADED, "too much waits to be sent by this client", "wait for replies");
    }

    private static Failure isClosed() {
        return Failure.of(ErrorCode.CONNECTION_LOST, "the client is closed", "make a new one");
    }

    /** Cancelling it tells the broker. */
    private final class Answer extends CompletableFuture<Reply> {
        private final long id;

        Answer(long id) {
            this.id = id;
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            boolean cancelled = super.cancel(mayInterruptIfRunning);
            take(id).ifPresent(request -> {
                Line line = request.line.get();
                if (line != null) {
                    line.cancel(request);
                }
            });
            return cancelled;
        }
    }
}
