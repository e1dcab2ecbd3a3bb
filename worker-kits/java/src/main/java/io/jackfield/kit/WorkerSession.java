package io.jackfield.kit;

import io.jackfield.host.HostedHandler;
import io.jackfield.protocol.Command;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Jf1Message;
import io.jackfield.protocol.ProtocolException;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker's conversation with one broker: joining, serving, losing the broker and finding it again, leaving. What happens on it happens
 * on its link's thread; handlers answer from theirs.
 */
final class WorkerSession implements Link.Events {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerSession.class);
    private static final long NO_DEADLINE_MS = 24 * 3_600_000;
    private static final long OUTPUT_BYTES_MAX = 1L << 30;
    private static final long READY_AGAIN_MS = 1000;
    private static final long TELL_DRAIN_NS = 1_000_000_000;
    /** Asks whether the broker has read what was sent before. */
    private static final Jf1Message LAST_READ = Jf1Message.heartbeat(true);

    private final Worker worker;
    private final WorkerOptions options;
    private final String endpoint;
    private final int credit;
    private final Jf1Message ready;
    private final Link link;
    private final Map<RequestKey, HandlerAnswer> answers = new ConcurrentHashMap<>();

    /** Requests whose last answer is being sent. Counted before they leave {@link #answers}. */
    private final AtomicInteger ending = new AtomicInteger();

    private final CountDownLatch drained = new CountDownLatch(1);
    private volatile int bodyBytesMax;
    private volatile boolean serving;
    /** READY is on its way to the broker, or there, and has no answer. */
    private volatile boolean joining;

    private volatile boolean draining;
    private final AtomicBoolean drainTold = new AtomicBoolean();

    /**
     * Heartbeats of {@link #LAST_READ}, from the decision to send one to its answer: the first goes out behind DRAIN, and one more behind each
     * answer after which nothing is in flight.
     */
    private final AtomicInteger asking = new AtomicInteger(1);

    // Of this connection, owned by the link's thread.
    private int heartbeatsOpen;
    private int askingSent;

    /** Counts how often this worker has joined. Written by the link's thread. */
    private final AtomicInteger joined = new AtomicInteger();

    private long tellDrainNs;
    /** When to offer the worker again that was refused for now. */
    private OptionalLong readyAgainNs = OptionalLong.empty();

    /** A broker that took the worker in anew may use ids again that handlers of older requests still hold. */
    record RequestKey(int joined, int session, long id) {}

    WorkerSession(Worker worker, WorkerOptions options, String endpoint, String threadName, Jf1Message ready) {
        this.worker = worker;
        this.options = options;
        this.endpoint = endpoint;
        this.credit = ready.header().count();
        this.ready = ready;
        this.bodyBytesMax = options.bodyBytesMax();
        LinkOptions link = new LinkOptions(
                endpoint,
                threadName,
                options.heartbeatMs(),
                options.liveness(),
                options.bodyBytesMax() + LinkOptions.ENVELOPE_BYTES_MAX,
                // Besides the partial replies, every final one that may be on its way fits, up to a bound.
                Outbox.BRAKE_BYTES
                        + Math.max(
                                2L * options.bodyBytesMax(),
                                Math.min((credit + 1L) * options.bodyBytesMax(), OUTPUT_BYTES_MAX)),
                false);
        this.link = new Link(link, this);
    }

    void start() {
        link.start();
    }

    /**
     * Asks for no more requests. Where the broker has READY it is asked when it has answered that: requests may be behind its WELCOME. Any
     * thread.
     */
    void drain() {
        draining = true;
        tellDrain();
        // In this order: who joins serves before it joins no more.
        if (joining) {
            return;
        }
        if (serving) {
            sendDrain();
        } else {
            drained.countDown();
        }
    }

    /**
     * A DRAIN that comes may be the broker's own, with requests behind it. The answer to the heartbeat cannot be mistaken: the broker has read
     * our DRAIN before it, and sends no request after it. So it is with the last answer: what is only handed over may still be lost.
     */
    private void sendDrain() {
        if (drainTold.compareAndSet(false, true)) {
            link.send(Jf1Message.drain(Math.min(answers.size(), 65535)), link.session());
            link.send(LAST_READ, link.session());
        }
    }

    CountDownLatch drained() {
        return drained;
    }

    /** Says goodbye and ends. Any thread. */
    void close() {
        link.send(Jf1Message.disconnect(0), link.session());
        link.close();
    }

    boolean serving() {
        return serving;
    }

    int bodyBytesMax() {
        return bodyBytesMax;
    }

    /** When each request in flight came. Any thread. */
    List<Long> begunNs() {
        return answers.values().stream().map(answer -> answer.begunNs).toList();
    }

    /** Sends an answer to the broker that asked, unless that has lost the request. Any thread. */
    void send(RequestKey key, Jf1Message answer) {
        // What cannot be sent does not just vanish: without the connection the broker knows that the answers are lost.
        if (key.joined == joined.get() && !link.send(answer, key.session)) {
            LOG.debug("an answer to request {} of {} was not sent", key.id, endpoint);
        }
    }

    /**
     * Sends a partial answer as {@link #send} does, but waits while much waits to be sent. Any thread.
     *
     * @return false if it was not sent
     */
    boolean sendPartial(RequestKey key, Jf1Message answer, HandlerAnswer from) throws InterruptedException {
        BooleanSupplier wanted = () -> key.joined == joined.get() && !from.isCancelled();
        return link.sendWhenThereIsRoom(answer, key.session, wanted, from.deadlineNs);
    }

    /** Those who wait to send a partial answer look whether it is wanted. Any thread. */
    void wakeSenders() {
        link.wakeSenders();
    }

    /** Sends the last answer to a request: with it the broker may give the credit away before this thread goes on. Any thread. */
    void end(RequestKey key, Jf1Message last) {
        ending.incrementAndGet();
        answers.remove(key);
        send(key, last);
        // Of those who end at the same time, whoever sends last sees this.
        if (drainTold.get() && answers.isEmpty()) {
            asking.incrementAndGet();
            link.send(LAST_READ, link.session());
        }
        ending.decrementAndGet();
        tellIfDrained();
    }

    /** In this order: a request is ending before it is none of the answers, and asks, if it does, before it has ended. */
    private void tellIfDrained() {
        if (answers.isEmpty() && ending.get() == 0 && asking.get() == 0) {
            drained.countDown();
        }
    }

    private void tellDrain() {
        WorkerStatus status = worker.status();
        LOG.info(
                "{}: draining: {} requests in flight, oldest {} s",
                endpoint,
                status.inFlight(),
                status.oldest().toMillis() / 1000.0);
    }

    private void join() {
        readyAgainNs = OptionalLong.empty();
        serving = false;
        joined.incrementAndGet();
        link.sendFirst(ready);
    }

    @Override
    public void opened() {
        heartbeatsOpen = 0;
        askingSent = 0;
        if (!draining) {
            join();
        }
    }

    /** Who is told to leave before READY goes out does not join. Says that it joins, then looks: {@link #drain} the other way round. */
    @Override
    public boolean wanted(Jf1Message message) {
        if (message.command() != Command.READY) {
            return true;
        }
        joining = true;
        if (draining) {
            leftUnjoined();
        }
        return joining;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // one that is equal asks for a sign of life and no more
    public void sent(Jf1Message message) {
        if (message.command() == Command.HEARTBEAT && message.header().count() == 1) {
            heartbeatsOpen++;
            askingSent += message == LAST_READ ? 1 : 0;
        }
    }

    @Override
    public void misread(ProtocolException breach, boolean answerable) {
        // An answer to a request in flight would end that.
        if (answerable && !answers.containsKey(key(breach.requestId()))) {
            link.send(Jf1Message.failure(breach.requestId(), breach.failure()), link.session());
        }
    }

    /** It has not joined, and does not wait for that any more. */
    private void leftUnjoined() {
        joining = false;
        if (draining) {
            drained.countDown();
        }
    }

    @Override
    public void received(Jf1Message message) {
        switch (message.command()) {
            case WELCOME -> welcome(message);
            case REQUEST -> request(message);
            case CANCEL -> cancel(message.id());
            case FAILURE -> refused(message);
            case HEARTBEAT -> heartbeatAnswered();
            default -> {
                // DRAIN is an answer or the broker's own; DISCONNECT says what the end of the connection will say.
            }
        }
    }

    private void welcome(Jf1Message message) {
        message.headers().value(Headers.BODY_BYTES_MAX).ifPresent(this::bodyLimit);
        serving = true;
        joining = false;
        if (draining) {
            sendDrain();
        }
        LOG.info("serving {} at {}", options.handlers.keySet(), endpoint);
        worker.welcomed();
        options.onReady.accept(endpoint);
    }

    private void bodyLimit(String bytes) {
        if (bytes.matches("[0-9]{1,18}")) {
            bodyBytesMax = (int) Math.min(Long.parseLong(bytes), Integer.MAX_VALUE);
        }
    }

    private void refused(Jf1Message message) {
        Failure failure = message.failure();
        if (message.id() == 0 && failure.code() == ErrorCode.NOT_READY) {
            unknown();
            return;
        }
        LOG.warn("{} says: {}", endpoint, failure.errorLine());
        if (serving || message.id() != 0) {
            return; // of a message, not of the registration
        }
        if (failure.code().retryable()) {
            long waitMs = Math.max(failure.retryAfterMs(), READY_AGAIN_MS);
            readyAgainNs = OptionalLong.of(System.nanoTime() + waitMs * 1_000_000);
        } else {
            worker.refused(this, failure);
        }
        leftUnjoined();
    }

    /** The broker does not know this worker, hence none of the requests that it has: they are elsewhere or have failed. */
    private void unknown() {
        abandonAll();
        if (draining) {
            leftUnjoined();
        } else {
            join();
        }
    }

    private void abandonAll() {
        serving = false;
        answers.values().forEach(HandlerAnswer::cancel);
    }

    private void heartbeatAnswered() {
        heartbeatsOpen = Math.max(0, heartbeatsOpen - 1);
        if (askingSent > 0 && heartbeatsOpen == 0) {
            asking.addAndGet(-askingSent);
            askingSent = 0;
            tellIfDrained();
        }
    }

    private void cancel(long id) {
        HandlerAnswer answer = answers.get(key(id));
        if (answer != null) {
            answer.cancel();
        }
    }

    private RequestKey key(long id) {
        return new RequestKey(joined.get(), link.session(), id);
    }

    private void request(Jf1Message message) {
        RequestKey key = key(message.id());
        HostedHandler handler = options.handlers.get(message.service());
        long inFlight = answers.keySet().stream()
                .filter(each -> each.joined == joined.get())
                .count();
        if (answers.containsKey(key)) {
            // An answer would end the first one.
            LOG.error("{} sent request {} while it was in flight; the second one is dropped", endpoint, message.id());
        } else if (handler == null) {
            fail(key, ErrorCode.NO_SUCH_SERVICE, "this worker does not serve " + message.service());
        } else if (inFlight >= credit) {
            String cause = "the worker has " + inFlight + " requests in flight (credit: " + credit + ")";
            fail(key, ErrorCode.OVERLOADED, cause);
        } else {
            begin(message, key, handler);
        }
    }

    private void fail(RequestKey key, ErrorCode code, String cause) {
        end(key, Jf1Message.failure(key.id, Failure.of(code, cause, "it serves " + options.handlers.keySet())));
    }

    private void begin(Jf1Message message, RequestKey key, HostedHandler handler) {
        long nowNs = System.nanoTime();
        long timeMs = message.header().timeMs() == 0
                ? NO_DEADLINE_MS
                : message.header().timeMs();
        long deadlineNs = nowNs + timeMs * 1_000_000;
        boolean asksForOrigin = message.headers().value(Headers.SERVED_BY).isPresent();
        HandlerAnswer answer =
                new HandlerAnswer(this, key, nowNs, deadlineNs, asksForOrigin ? handler::signed : reply -> reply);
        answers.put(key, answer);
        answer.of(handler.executor().execute(Contents.request(message), deadlineNs, answer));
    }

    @Override
    public void lost(String reason) {
        LOG.info("{}; connecting again", reason);
        abandonAll();
        leftUnjoined();
    }

    @Override
    public void tick(long nowNs) {
        if (readyAgainNs.isPresent() && nowNs - readyAgainNs.getAsLong() > 0 && !draining) {
            join();
        }
        if (draining && nowNs - tellDrainNs > TELL_DRAIN_NS) {
            tellDrainNs = nowNs;
            tellDrain();
        }
    }
}
