package io.jackfield.broker.http;

import io.jackfield.broker.loop.Clock;
import io.jackfield.broker.loop.Timers.Timer;
import io.jackfield.broker.loop.netty.NettyLoop;
import io.jackfield.broker.model.Envelope;
import io.jackfield.broker.model.RequestSink;
import io.jackfield.broker.transport.OutputBudget;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the HTTP connections share. Owned by the broker loop. */
final class HttpFrontend implements OutputBudget.Outputs {
    static final long RETRY_AFTER_MS = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(HttpFrontend.class);

    /** Connections over the limit that may be told so at once; those beyond are closed without a word. */
    private static final int TURNED_AWAY_MAX = 64;

    private static final long STEPS_PER_LIMIT = 10;
    private static final long STEP_MS_MIN = 10;
    private static final long STEP_MS_MAX = 500;
    private static final long NS_PER_MS = 1_000_000;

    private static final String JSON = "application/json";
    private static final int UP_STATUS = 200;
    private static final int DRAINING_STATUS = 503;
    private static final byte[] UP = "{\"status\":\"up\"}".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DRAINING = "{\"status\":\"draining\"}".getBytes(StandardCharsets.US_ASCII);
    private static final Failure DRAINING_FAILURE =
            Failure.of(ErrorCode.DRAINING, "the broker is shutting down", "ask another broker");

    private final NettyLoop loop;
    private final HttpSettings.Limits limits;
    private final RequestSink sink;
    private final Clock clock;
    private final OutputBudget output;
    private final RequestReader reader;
    private final Origins origins;
    private final Heads heads = new Heads(InstantSource.system());
    private final HttpCounters counters = new HttpCounters();
    private final BodyBuffer scratch = new BodyBuffer(RequestDecoder.CONTENT_BYTES_MAX);
    private final Set<HttpConnection> connections = new HashSet<>();
    private final List<ReplyLine> unflushed = new ArrayList<>();
    private final Runnable flushAll;
    private final long stepMs;
    private @Nullable Timer sweeping;
    private @Nullable CompletableFuture<Void> whenClosed;
    private long nowMs;
    private long inputBytes;
    private boolean draining;
    private boolean cutOffLogged;

    HttpFrontend(
            NettyLoop loop,
            HttpSettings settings,
            RequestSink sink,
            Clock clock,
            OutputBudget output,
            boolean loopback) {
        this.loop = loop;
        this.limits = settings.limits();
        this.sink = sink;
        this.clock = clock;
        this.output = output;
        this.reader = new RequestReader(settings);
        this.origins = new Origins(settings, loopback);
        this.flushAll = loop.guarded(this::flushAll);
        long stepMsWanted = Math.min(limits.requestTimeMs(), limits.idleTimeMs()) / STEPS_PER_LIMIT;
        this.stepMs = Math.max(STEP_MS_MIN, Math.min(STEP_MS_MAX, stepMsWanted));
        this.nowMs = clock.nowNs() / NS_PER_MS;
    }

    /** Time begins to pass. Any thread. */
    void start() {
        loop.post(() -> {
            output.share(this);
            sweeping = loop.every(stepMs, this::sweep);
        });
    }

    void opened(Channel channel) {
        counters.connectionsAccepted++;
        boolean tooMany = connections.size() >= limits.connectionsMax();
        if (tooMany) {
            counters.connectionsRefused++;
        }
        if (whenClosed != null || connections.size() >= limits.connectionsMax() + TURNED_AWAY_MAX) {
            ChannelFuture unused = channel.close();
            return;
        }
        HttpConnection connection = new HttpConnection(this, channel);
        connections.add(connection);
        channel.pipeline().addLast(connection.decoder(), connection);
        if (tooMany) {
            connection.turnAway(new Failure(
                    ErrorCode.PEER_LIMIT,
                    "there are " + limits.connectionsMax() + " HTTP connections, the limit (connections-max)",
                    "try again later, or close connections that are not used",
                    RETRY_AFTER_MS));
        }
    }

    void closed(HttpConnection connection) {
        connections.remove(connection);
        tellIfClosed();
    }

    void drain() {
        draining = true;
    }

    boolean isDraining() {
        return draining;
    }

    /** True if nobody is waited for any more. */
    boolean isClosing() {
        return whenClosed != null;
    }

    /** Ends every connection, and tells when the last one is gone. */
    void close(CompletableFuture<Void> closed) {
        draining = true;
        whenClosed = closed;
        for (HttpConnection connection : List.copyOf(connections)) {
            connection.close(DRAINING_FAILURE);
        }
        tellIfClosed();
    }

    /** Ends every connection now. */
    void cut() {
        List.copyOf(connections).forEach(HttpConnection::cut);
    }

    HttpSnapshot snapshot() {
        return counters.snapshot(connections.size(), inputBytes);
    }

    NettyLoop loop() {
        return loop;
    }

    HttpSettings.Limits limits() {
        return limits;
    }

    HttpCounters counters() {
        return counters;
    }

    Heads heads() {
        return heads;
    }

    /** The time of the last step, in milliseconds from an arbitrary origin. */
    long nowMs() {
        return nowMs;
    }

    /** Memory for one body at a time: whoever is given its frame works with it before he returns. */
    BodyBuffer scratch() {
        return scratch;
    }

    /** What to do with the request. */
    RequestPlan plan(HttpRequest request) throws HttpRefusal {
        origins.check(request.headers());
        RequestPlan plan = reader.read(request);
        if (draining && plan instanceof RequestPlan.Ask) {
            throw HttpRefusal.of(DRAINING_FAILURE);
        }
        return plan;
    }

    /** Sends the request on its way. Whatever goes wrong there is that request's failure, and nobody else's. */
    void ask(Envelope envelope) {
        try {
            sink.accept(envelope);
        } catch (RuntimeException e) {
            loop.failed("a request to " + envelope.service(), e);
            envelope.cancel(internalError());
        }
    }

    void answerHealth(HttpReplyRoute route) {
        route.complete(draining ? DRAINING_STATUS : UP_STATUS, JSON, ByteBuffer.wrap(draining ? DRAINING : UP));
    }

    /** Charges memory for a body that is arriving; false if there is no room for it. */
    boolean reserveInput(int bytes) {
        if (inputBytes + bytes > limits.inputBytesMax()) {
            return false;
        }
        inputBytes += bytes;
        return true;
    }

    void freeInput(int bytes) {
        inputBytes -= bytes;
    }

    /** What all connections of the broker may leave unread. */
    OutputBudget output() {
        return output;
    }

    @Override
    public void settle() {
        connections.forEach(HttpConnection::settleOutput);
    }

    @Override
    public long most() {
        return connections.isEmpty() ? 0 : mostHolding().heldOutput();
    }

    @Override
    public void cutOffMost(String reason) {
        mostHolding().cutSlowReader(reason);
    }

    private HttpConnection mostHolding() {
        return Collections.max(connections, Comparator.comparingLong(HttpConnection::heldOutput));
    }

    void flushAfterTurn(ReplyLine line) {
        unflushed.add(line);
        if (unflushed.size() == 1) {
            loop.afterTurn(flushAll);
        }
    }

    /** At most one line a step: clients that come back to do it again must not fill the log. */
    void logCutOff(String text) {
        if (!cutOffLogged) {
            cutOffLogged = true;
            LOG.warn("HTTP client cut off: {}", text);
        }
    }

    private void flushAll() {
        for (int i = 0; i < unflushed.size(); i++) {
            unflushed.get(i).flush();
        }
        unflushed.clear();
    }

    private void sweep() {
        long lagMs = clock.nowNs() / NS_PER_MS - nowMs;
        nowMs += lagMs;
        cutOffLogged = false;
        heads.refreshDate();
        for (HttpConnection connection : connections) {
            connection.sweep(nowMs, lagMs);
        }
    }

    private void tellIfClosed() {
        CompletableFuture<Void> closed = whenClosed;
        if (closed == null || !connections.isEmpty()) {
            return;
        }
        if (sweeping != null) {
            sweeping.close();
        }
        // Not at once: the JDK's selector lets go of a closed address only when it selects again.
        Timer unused = loop.after(1, () -> closed.complete(null));
    }

    private static Failure internalError() {
        return Failure.of(ErrorCode.INTERNAL_ERROR, "the broker failed to take the request", "see the broker's log");
    }
}
