package io.jackfield.kit;

import io.jackfield.api.Reply;
import io.jackfield.host.CallListener;
import io.jackfield.host.HandlerCall;
import io.jackfield.host.HostedHandler;
import io.jackfield.kit.Link.LinkOptions;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Jf1Message;
import io.jackfield.protocol.ServiceDeclaration;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves services of a broker from this process. Handlers run on threads of their own; the connection, which comes back by itself, has one
 * thread, so a busy handler never silences the worker. Safe for any thread.
 */
public final class Worker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final long NO_DEADLINE_MS = 24 * 3_600_000;
    private static final int BODY_BYTES_MAX = 16 << 20;
    private static final long OUTPUT_BYTES_MAX = 1L << 30;
    private static final long READY_AGAIN_MS = 1000;

    private final WorkerOptions options;
    private final int credit;
    private final Jf1Message ready;
    private final Link link;
    private final Map<RequestKey, HandlerCall> calls = new ConcurrentHashMap<>();
    private final CompletableFuture<Void> welcomed = new CompletableFuture<>();
    private final CountDownLatch drained = new CountDownLatch(1);
    private volatile int bodyBytesMax = BODY_BYTES_MAX;
    private volatile boolean draining;
    private volatile boolean drainAnswered;

    /** A new connection may bring the ids of an older one again, while handlers still hold on to the older requests. */
    private record RequestKey(int session, long id) {}

    private Worker(WorkerOptions options) {
        this.options = options;
        this.credit = options.effectiveCredit();
        List<ServiceDeclaration> services =
                options.handlers.values().stream().map(Worker::declaration).toList();
        this.ready = Jf1Message.ready(options.heartbeatMs(), credit, options.headers(), services);
        LinkOptions link = new LinkOptions(
                options.endpoint,
                "jackfield-worker",
                options.heartbeatMs(),
                LinkOptions.LIVENESS,
                LinkOptions.MESSAGE_BYTES_MAX,
                // Every final reply that may be on its way fits, up to a bound.
                Math.min((credit + 1L) * BODY_BYTES_MAX, OUTPUT_BYTES_MAX));
        this.link = new Link(link, new Conversation());
    }

    /** Begins to say what a worker of the broker at that endpoint serves. */
    public static WorkerOptions connect(String endpoint) {
        return new WorkerOptions(endpoint);
    }

    static Worker started(WorkerOptions options) {
        Worker worker = new Worker(options);
        worker.link.start();
        return worker;
    }

    /**
     * Waits until a broker has taken the worker in for the first time.
     *
     * @throws RequestFailedException the broker refuses the worker; says why
     * @throws TimeoutException no broker has answered in that time
     */
    public void awaitReady(Duration timeout) throws InterruptedException, TimeoutException {
        try {
            welcomed.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RequestFailedException refused) {
                throw new RequestFailedException(refused.failure());
            }
            throw new IllegalStateException("the worker has failed", e);
        }
    }

    /**
     * Takes no more requests, finishes those it has, says goodbye and ends.
     *
     * @return false if requests were still running after that time; they were cancelled
     */
    public boolean drain(Duration timeout) throws InterruptedException {
        draining = true;
        link.send(Jf1Message.drain(calls.size()), link.session());
        boolean finished = !welcomed.isDone() || drained.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
        close();
        return finished;
    }

    /** Ends now; the broker treats what the worker still had as lost. */
    @Override
    public void close() {
        link.send(Jf1Message.disconnect(0), link.session());
        link.close();
        options.handlers.values().forEach(handler -> handler.executor().close());
        options.atEnd.forEach(Runnable::run);
    }

    /** Requests that run or wait for a thread now. */
    public int inFlight() {
        return calls.size();
    }

    private static ServiceDeclaration declaration(HostedHandler handler) {
        return new ServiceDeclaration(
                handler.declared().service(),
                handler.declared().version(),
                handler.declared().idempotent(),
                handler.declared().timeoutMs());
    }

    private void ended(RequestKey key) {
        calls.remove(key);
        tellIfDrained();
    }

    private void tellIfDrained() {
        if (drainAnswered && calls.isEmpty()) {
            drained.countDown();
        }
    }

    /** On the link's thread. */
    private final class Conversation implements Link.Events {
        /** When to offer the worker again that was refused for now. */
        private OptionalLong readyAgainNs = OptionalLong.empty();

        @Override
        public void opened() {
            readyAgainNs = OptionalLong.empty();
            link.sendFirst(ready);
        }

        @Override
        public void received(Jf1Message message) {
            switch (message.command()) {
                case WELCOME -> welcome(message);
                case REQUEST -> request(message);
                case CANCEL -> cancel(message.id());
                case FAILURE -> refused(message.failure());
                case DRAIN -> drainAnswered();
                default -> {
                    // HEARTBEAT is an answer; DISCONNECT says what the end of the connection will say.
                }
            }
        }

        private void welcome(Jf1Message message) {
            message.headers().value(Headers.BODY_BYTES_MAX).ifPresent(this::bodyLimit);
            welcomed.complete(null);
            LOG.info("serving {} at {}", options.handlers.keySet(), options.endpoint);
            options.onReady.run();
        }

        private void bodyLimit(String bytes) {
            if (bytes.matches("[0-9]{1,9}")) {
                bodyBytesMax = Integer.parseInt(bytes);
            }
        }

        private void refused(Failure failure) {
            if (failure.code() == ErrorCode.NOT_READY) {
                unknown();
                return;
            }
            LOG.warn("{} says: {}", options.endpoint, failure.errorLine());
            if (failure.code().retryable()) {
                long waitMs = Math.max(failure.retryAfterMs(), READY_AGAIN_MS);
                readyAgainNs = OptionalLong.of(System.nanoTime() + waitMs * 1_000_000);
            } else {
                welcomed.completeExceptionally(new RequestFailedException(failure));
            }
        }

        /** The broker does not know this worker, hence none of the requests that it has: they are elsewhere or have failed. */
        private void unknown() {
            calls.values().forEach(HandlerCall::cancel);
            if (draining) {
                drained.countDown();
            } else {
                link.sendFirst(ready);
            }
        }

        private void drainAnswered() {
            if (draining) {
                drainAnswered = true;
                tellIfDrained();
            }
        }

        private void cancel(long id) {
            HandlerCall call = calls.get(new RequestKey(link.session(), id));
            if (call != null) {
                call.cancel();
            }
        }

        private void request(Jf1Message message) {
            RequestKey key = new RequestKey(link.session(), message.id());
            Answer answer = new Answer(key);
            HostedHandler handler = options.handlers.get(message.service());
            if (handler == null) {
                answer.fail(Failure.of(
                        ErrorCode.NO_SUCH_SERVICE,
                        "this worker does not serve " + message.service(),
                        "it serves " + options.handlers.keySet()));
                return;
            }
            long timeMs = message.header().timeMs() == 0
                    ? NO_DEADLINE_MS
                    : message.header().timeMs();
            long deadlineNs = System.nanoTime() + timeMs * 1_000_000;
            // It may have ended before it was entered here.
            HandlerCall call = handler.executor().execute(Contents.request(message), deadlineNs, answer);
            calls.put(key, call);
            if (answer.ended) {
                ended(key);
            }
        }

        @Override
        public void lost(String reason) {
            LOG.info("{}; connecting again", reason);
            calls.values().forEach(HandlerCall::cancel);
            if (draining) {
                drained.countDown();
            }
        }

        @Override
        public void tick(long nowNs) {
            if (readyAgainNs.isPresent() && nowNs - readyAgainNs.getAsLong() > 0 && !draining) {
                readyAgainNs = OptionalLong.empty();
                link.sendFirst(ready);
            }
        }
    }

    /** Sends what a handler answers back on the connection that the request came on. Any thread. */
    private final class Answer implements CallListener {
        private final RequestKey key;
        private volatile boolean ended;

        Answer(RequestKey key) {
            this.key = key;
        }

        @Override
        public void partial(Reply reply) {
            if (ended) {
                return;
            }
            if (fits(reply)) {
                send(reply, true);
            } else {
                fail(tooLarge());
            }
        }

        @Override
        public void complete(Reply reply) {
            if (ended) {
                return;
            }
            if (!fits(reply)) {
                fail(tooLarge());
            } else if (send(reply, false)) {
                end();
            }
        }

        @Override
        public void fail(Failure failure) {
            if (!ended) {
                send(Jf1Message.failure(key.id(), failure));
                end();
            }
        }

        /** False if the reply cannot be put into a message: then the request has failed. */
        private boolean send(Reply reply, boolean partial) {
            Jf1Message message;
            try {
                message = Contents.message(key.id(), reply, partial);
            } catch (IllegalArgumentException e) {
                fail(Failure.of(
                        ErrorCode.HANDLER_FAILED,
                        "the handler's reply cannot be sent: " + e.getMessage(),
                        "mend the handler"));
                return false;
            }
            send(message);
            return true;
        }

        /** What cannot be sent must not vanish: without the connection the broker knows that the answers are lost. */
        private void send(Jf1Message message) {
            if (!link.send(message, key.session())) {
                link.abandon(key.session());
            }
        }

        private Failure tooLarge() {
            return Failure.of(
                    ErrorCode.TOO_LARGE,
                    "a reply is larger than the broker's body-bytes-max: " + bodyBytesMax,
                    "send it in partial replies");
        }

        private boolean fits(Reply reply) {
            long bytes = 0;
            for (java.nio.ByteBuffer part : reply.parts()) {
                bytes += part.remaining();
            }
            return bytes <= bodyBytesMax;
        }

        private void end() {
            ended = true;
            ended(key);
        }
    }
}
