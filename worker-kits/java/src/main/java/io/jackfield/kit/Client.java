package io.jackfield.kit;

import io.jackfield.api.Reply;
import io.jackfield.kit.Link.LinkOptions;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.FixedHeader;
import io.jackfield.protocol.Flags;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Jf1Message;
import io.jackfield.protocol.Limits;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Asks services of a broker. Safe for any thread; one client for a whole program is enough: requests of all threads are on their way at
 * once. Connects, and connects again, by itself; a request that was on its way when the connection was lost fails, since nobody knows
 * whether it was carried out.
 */
public final class Client implements AutoCloseable {
    private static final AtomicLong NUMBER = new AtomicLong();

    /** The broker ends a request at its deadline; only when it does not, for this long, does the client end it itself. */
    private static final long GRACE_MS = 500;

    private final Map<Long, Pending> pending = new ConcurrentHashMap<>();
    private final AtomicLong nextId = new AtomicLong(1);
    private final Link link;

    private record Pending(Call call, CompletableFuture<Reply> answer, long deadlineNs) {}

    private Client(String endpoint) {
        LinkOptions options = LinkOptions.of(endpoint, "jackfield-client-" + NUMBER.incrementAndGet());
        link = new Link(options, new Conversation());
    }

    /**
     * A client of the broker at that endpoint, which need not be there yet.
     *
     * @param endpoint for example {@code tcp://127.0.0.1:5555}
     */
    public static Client connect(String endpoint) {
        Client client = new Client(endpoint);
        client.link.start();
        return client;
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
            if (e.getCause() instanceof RequestFailedException failed) {
                throw new RequestFailedException(failed.failure());
            }
            throw new IllegalStateException("a request ended in an unforeseen way", e);
        }
    }

    /**
     * Asks and goes on. The future is completed on the client's own thread: what hangs on it must not block. It ends with
     * {@link RequestFailedException} if the request fails; cancelling it cancels the request.
     */
    public CompletableFuture<Reply> send(Call call) {
        long id = nextId.getAndIncrement();
        long timeoutMs = Math.max(1, Math.min(call.timeout.toMillis(), Limits.U32_MAX));
        Answer answer = new Answer(id);
        long deadlineNs = System.nanoTime() + (timeoutMs + GRACE_MS) * 1_000_000;
        Jf1Message request = Jf1Message.request(id, call.service, Headers.of(call.headers), call.parts)
                .withFlags((call.idempotent ? Flags.IDEMPOTENT : 0) | Contents.objectFlag(call.headers))
                .withTimeMs(timeoutMs);
        pending.put(id, new Pending(call, answer, deadlineNs));
        if (!link.send(request)) {
            fail(id, notSent());
        }
        return answer;
    }

    /** Cancels what is on its way and ends the connection. */
    @Override
    public void close() {
        link.close();
    }

    private Failure notSent() {
        return link.isClosed()
                ? Failure.of(ErrorCode.CONNECTION_LOST, "the client is closed", "make a new one")
                : Failure.of(ErrorCode.OVERLOADED, "too much waits to be sent by this client", "wait for replies");
    }

    private void fail(long id, Failure failure) {
        Pending ended = pending.remove(id);
        if (ended != null) {
            ended.answer.completeExceptionally(new RequestFailedException(failure));
        }
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
            if (pending.remove(id) != null) {
                link.send(Jf1Message.cancel(id), link.session());
            }
            return cancelled;
        }
    }

    /** On the link's thread. */
    private final class Conversation implements Link.Events {
        @Override
        public void opened() {
            // A client says nothing before its first request.
        }

        @Override
        public void received(Jf1Message message) {
            FixedHeader header = message.header();
            switch (message.command()) {
                case REPLY -> replied(header, message);
                case FAILURE -> fail(header.id(), message.failure());
                default -> {
                    // HEARTBEAT is an answer, DRAIN and DISCONNECT say what the end of the connection will say.
                }
            }
        }

        private void replied(FixedHeader header, Jf1Message message) {
            Reply reply = Contents.reply(message);
            if (header.has(Flags.PARTIAL)) {
                Pending waiting = pending.get(header.id());
                if (waiting != null) {
                    waiting.call.partial.accept(reply);
                }
                return;
            }
            Pending ended = pending.remove(header.id());
            if (ended != null) {
                ended.answer.complete(reply);
            }
        }

        @Override
        public void lost(String reason) {
            Failure failure =
                    Failure.of(ErrorCode.CONNECTION_LOST, reason, "whether the request was carried out is not known");
            pending.keySet().forEach(id -> fail(id, failure));
        }

        @Override
        public void tick(long nowNs) {
            pending.forEach((id, waiting) -> {
                if (nowNs - waiting.deadlineNs > 0) {
                    link.send(Jf1Message.cancel(id), link.session());
                    fail(id, Failure.of(ErrorCode.DEADLINE_EXCEEDED, "the broker did not answer in time", ""));
                }
            });
        }
    }
}
