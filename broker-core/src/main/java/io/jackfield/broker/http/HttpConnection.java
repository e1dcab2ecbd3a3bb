package io.jackfield.broker.http;

import io.jackfield.broker.model.Envelope;
import io.jackfield.broker.model.Frames;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP connection: collects requests and sends each on its way once it is whole. Owned by the broker loop.
 *
 * <p>A request takes its place in the line of answers as soon as its head is read, so that a refusal, too, is answered in order. When
 * something leaves it unclear where the next request begins, the connection ends with that answer and ignores what still comes.
 */
final class HttpConnection extends ChannelInboundHandlerAdapter {
    private static final long LINGER_QUIET_MS = 2_000;
    private static final long LINGER_BYTES_MAX = 64 << 20;
    private static final long NEVER = -1;
    private static final String EXPECT_CONTINUE = "100-continue";
    private static final Failure CLIENT_GONE = Failure.of(
            ErrorCode.CANCELLED,
            "the client closed its connection",
            "keep the connection open until the answer is there");

    private final HttpFrontend frontend;
    private final Channel channel;
    private final RequestDecoder decoder;
    private final ReplyLine line;

    /** The request that is arriving; what becomes of it, none once it is refused; its body, if that comes in pieces. */
    private @Nullable HttpReplyRoute receiving;

    private @Nullable RequestPlan plan;
    private @Nullable BodyBuffer body;
    /** Charged for a request that has begun and cannot be told yet, or waits until those before it are answered. */
    private int restBytes;

    private long bodyBytes;
    private int expectedBytes;

    private @Nullable Failure turnedAway;
    private boolean reading;
    private boolean paused;
    private boolean ignoring;
    private boolean begun;
    private long begunMs = NEVER;
    private long quietMs;
    private long lingerMs = NEVER;
    private long lingerInputMs;
    private long lingerBytes;
    private long lastProgress;
    private long progressMs;

    HttpConnection(HttpFrontend frontend, Channel channel) {
        this.frontend = frontend;
        this.channel = channel;
        this.decoder = new RequestDecoder(this, frontend.limits());
        this.line = new ReplyLine(frontend, this, channel);
        this.quietMs = frontend.nowMs();
        this.progressMs = quietMs;
    }

    RequestDecoder decoder() {
        return decoder;
    }

    /** Input is dropped from now on. */
    boolean ignoresInput() {
        return ignoring || line.isClosing();
    }

    /** False between two requests while reading is paused. */
    boolean takesRequests() {
        return (receiving != null || !paused) && channel.isActive();
    }

    /** A part of a request has arrived that says nothing yet. */
    void requestBegun() {
        begun = true;
    }

    /** True if the request of that answer has not wholly arrived. */
    boolean isReceiving(HttpReplyRoute route) {
        return receiving == route;
    }

    /** Input came that nobody needs. */
    void dropped(int bytes) {
        if (lingerMs != NEVER) {
            lingerInputMs = frontend.nowMs();
            lingerBytes += bytes;
            if (lingerBytes > LINGER_BYTES_MAX) {
                line.cut();
            }
        }
    }

    /** True while input is worked off: the output is flushed at the end of it. */
    boolean isReading() {
        return reading;
    }

    /** Once it is open, it answers so and ends. */
    void turnAway(Failure why) {
        turnedAway = why;
        ignoring = true;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (turnedAway != null) {
            HttpReplyRoute route = new HttpReplyRoute(line, false, false, false);
            line.join(route);
            endWith(route, HttpRefusal.of(turnedAway));
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        reading = true;
        try {
            if (ignoresInput()) {
                return;
            }
            if (message instanceof HttpRequest request) {
                head(request);
            } else if (message instanceof HttpContent content && receiving != null) {
                content(receiving, content);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        reading = false;
        line.flush();
        chargeRest();
        if (!isArriving()) {
            begunMs = NEVER;
        } else if (begunMs == NEVER) {
            begunMs = frontend.nowMs();
        }
    }

    /** True if the rest of a request is for the client to send: one whose body is held back until its turn comes is not late. */
    private boolean isArriving() {
        if (paused || ignoresInput()) {
            return false;
        }
        return receiving == null ? begun || decoder.hasRest() : !receiving.awaitsContinue();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        adjustReading();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        body(null);
        receiving = null;
        frontend.freeInput(restBytes);
        restBytes = 0;
        if (line.gone(CLIENT_GONE)) {
            frontend.counters().clientsGone++;
        }
        frontend.closed(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
            frontend.loop().failed("HTTP connection " + channel.remoteAddress(), cause);
        }
        line.cut();
    }

    /** The client is told to send its body, and has the time of a request for it. */
    void letGoOn() {
        begunMs = frontend.nowMs();
    }

    /** An answer is out: there may be room for more requests. */
    void answered() {
        quietMs = frontend.nowMs();
        if (paused) {
            adjustReading();
        }
    }

    /**
     * Everything is sent: what still comes is read, so that the client sees the answer and not a reset, as long as it comes without a pause,
     * for the time that a request may take at most.
     */
    void linger() {
        lingerMs = frontend.nowMs();
        lingerInputMs = lingerMs;
        // As more comes it is dropped by the decoder; reading may have been paused.
        channel.config().setAutoRead(true);
    }

    /** Answers what is in flight with the failure, and ends once that is out; nothing more is read. */
    void close(Failure why) {
        ignoring = true;
        if (lingerMs != NEVER) {
            ChannelFuture unused = channel.close();
        } else {
            line.failAll(why);
            line.close(false);
        }
    }

    /** Ends the connection now. */
    void cut() {
        line.cut();
    }

    /** The client leaves too much unread. */
    void cutSlowReader(String why) {
        frontend.counters().slowReaders++;
        frontend.logCutOff("slow reader, " + channel.remoteAddress() + ": " + why);
        line.cut();
    }

    void settleOutput() {
        line.settle();
    }

    /** What its output has of the budget of all connections. */
    long heldOutput() {
        return line.shareBytes();
    }

    /**
     * Looks at the time; called several times in each limit. Nothing is judged too early: what was noted since the last look may be younger
     * than it seems by {@code lagMs}, which is a lot when the loop was held up.
     */
    void sweep(long nowMs, long lagMs) {
        HttpSettings.Limits limits = frontend.limits();
        if (lingerMs != NEVER) {
            if (nowMs - lingerInputMs > LINGER_QUIET_MS + lagMs || nowMs - lingerMs > limits.requestTimeMs() + lagMs) {
                line.cut();
            }
            return;
        }
        if (isStuck(nowMs, limits.idleTimeMs() + lagMs)) {
            cutSlowReader(line.pendingBytes() + " bytes of its answers are unread, and it took none of them for "
                    + limits.idleTimeMs() + " ms (idle-time)");
        } else if (begunMs != NEVER && nowMs - begunMs > limits.requestTimeMs() + lagMs) {
            slowSender(limits.requestTimeMs());
        } else if (line.isIdle() && begunMs == NEVER && nowMs - quietMs > limits.idleTimeMs() + lagMs) {
            line.close(false);
        }
    }

    /** What the decoder holds between two reads is memory that a client may take without having said anything. */
    private void chargeRest() {
        frontend.freeInput(restBytes);
        restBytes = decoder.restBytes() + (begun ? CountedHeaders.bytesMax(frontend.limits()) : 0);
        if (!frontend.reserveInput(restBytes)) {
            restBytes = 0;
            if (!ignoresInput()) {
                turnAwayBegun();
            }
        }
    }

    /** Without lingering: it would keep what there is no memory for. */
    private void turnAwayBegun() {
        if (line.isIdle()) {
            HttpReplyRoute route = new HttpReplyRoute(line, false, false, false);
            line.join(route);
            ignoring = true;
            route.refuse(HttpRefusal.of(tooMuchInput()));
        } else {
            frontend.counters().refusedRequests++;
            frontend.logCutOff(channel.remoteAddress() + ": " + tooMuchInput().cause());
            line.cut();
        }
    }

    private boolean isStuck(long nowMs, long timeMs) {
        long progress = line.progress();
        if (progress == 0 || progress != lastProgress) {
            lastProgress = progress;
            progressMs = nowMs;
        }
        return nowMs - progressMs > timeMs;
    }

    private void slowSender(long timeMs) {
        frontend.counters().slowSenders++;
        refuseBegun(HttpRefusal.ending(
                ErrorCode.SLOW_SENDER,
                "the request did not arrive within " + timeMs + " ms (request-time)",
                "send the request without pauses"));
    }

    private void refuseBegun(HttpRefusal refusal) {
        HttpReplyRoute route = receiving;
        if (route == null) {
            route = new HttpReplyRoute(line, false, false, false);
            line.join(route);
        }
        endWith(route, refusal);
    }

    private void head(HttpRequest request) {
        frontend.counters().requests++;
        begun = false;
        bodyBytes = 0;
        boolean isHttp10 = request.protocolVersion().majorVersion() == 1
                && request.protocolVersion().minorVersion() == 0;
        HttpReplyRoute route = new HttpReplyRoute(
                line, HttpMethod.HEAD.equals(request.method()), isHttp10, HttpUtil.isKeepAlive(request));
        receiving = route;
        line.join(route);
        String expected = request.headers().get(HttpHeaderNames.EXPECT);
        route.awaitContinue(!isHttp10 && EXPECT_CONTINUE.equalsIgnoreCase(expected));
        try {
            RequestChecks.check(request, frontend.limits());
            expectedBytes = Math.toIntExact(
                    HttpUtil.getContentLength(request, (long) frontend.limits().bodyBytesMax()));
            plan = frontend.plan(request);
            line.tellToContinue(route);
        } catch (HttpRefusal refusal) {
            refuse(route, refusal);
        }
    }

    private void content(HttpReplyRoute route, HttpContent content) {
        boolean isLast = content instanceof LastHttpContent;
        try {
            RequestChecks.decoded(content.decoderResult(), frontend.limits());
            ByteBuf bytes = content.content();
            if (bytes.isReadable()) {
                route.awaitContinue(false); // it does not wait
            }
            bodyBytes += bytes.readableBytes();
            RequestChecks.length(bodyBytes, frontend.limits());
            if (isLast && body == null) {
                whole(route, frontend.scratch().clear().add(bytes));
                return;
            }
            if (plan != null && plan.takesBody()) {
                collect(bytes);
            }
        } catch (HttpRefusal refusal) {
            refuse(route, refusal);
            if (refusal.endsConnection) {
                return;
            }
        }
        if (isLast) {
            whole(route, body == null ? frontend.scratch().clear() : body);
        }
    }

    private void collect(ByteBuf bytes) throws HttpRefusal {
        BodyBuffer into = body == null ? new BodyBuffer(expectedBytes) : body;
        body = into;
        int more = into.capacityWith(bytes.readableBytes()) - into.capacity();
        if (more > 0 && !frontend.reserveInput(more)) {
            throw HttpRefusal.of(tooMuchInput());
        }
        into.add(bytes);
    }

    private Failure tooMuchInput() {
        return new Failure(
                ErrorCode.OVERLOADED,
                "requests are arriving with more than " + frontend.limits().inputBytesMax()
                        + " bytes (input-bytes-max)",
                "try again later",
                HttpFrontend.RETRY_AFTER_MS);
    }

    /** The request has arrived. */
    private void whole(HttpReplyRoute route, BodyBuffer arrived) {
        RequestPlan todo = plan;
        route.awaitContinue(false);
        if (route.closes()) {
            ignoring = true;
        }
        receiving = null;
        plan = null;
        begun = false; // what came last belonged to the body
        begunMs = NEVER;
        if (todo != null) {
            carryOut(todo, route, arrived);
        }
        body(null);
        adjustReading();
    }

    private void carryOut(RequestPlan todo, HttpReplyRoute route, BodyBuffer arrived) {
        if (todo instanceof RequestPlan.Ask ask) {
            Frames frames = ask.query().isPresent()
                    ? frontend.scratch().clear().add(ask.query().get()).frame()
                    : arrived.frame();
            Envelope envelope = new Envelope(ask.service(), ask.headers(), frames, ask.traits(), route);
            route.asked(envelope);
            frontend.ask(envelope);
        } else {
            frontend.answerHealth(route);
        }
    }

    private void refuse(HttpReplyRoute route, HttpRefusal refusal) {
        plan = null;
        body(null);
        if (refusal.endsConnection) {
            endWith(route, refusal);
            return;
        }
        if (route.awaitsContinue()) {
            // Whether a client that was not told to go on sends its body all the same is its own choice: nobody can
            // tell what comes next.
            endWith(route, refusal);
            return;
        }
        route.refuse(refusal);
    }

    private void endWith(HttpReplyRoute route, HttpRefusal refusal) {
        ignoring = true;
        receiving = null;
        plan = null;
        body(null);
        begun = false;
        begunMs = NEVER;
        route.closeAfter(true);
        if (!route.isEnded()) {
            route.refuse(refusal);
        } else if (line.count() == 0) {
            line.close(true);
        } // else its answer waits for its turn, and ends the connection then
    }

    /** Reading pauses while too many requests wait for their answers, or the client takes none of them. */
    private void adjustReading() {
        boolean wasPaused = paused;
        paused = line.count() >= frontend.limits().pipelinedMax() || !channel.isWritable();
        boolean reads = !paused || receiving != null;
        if (channel.config().isAutoRead() != reads) {
            channel.config().setAutoRead(reads);
        }
        if (wasPaused && !paused) {
            frontend.loop().post(this::decodeRest);
        }
    }

    /** What came before the pause waits in the decoder: an empty read makes it go on. */
    private void decodeRest() {
        if (channel.isActive()) {
            channel.pipeline().fireChannelRead(Unpooled.EMPTY_BUFFER);
            channel.pipeline().fireChannelReadComplete();
        }
    }

    private void body(@Nullable BodyBuffer next) {
        if (body != null) {
            frontend.freeInput(body.capacity());
        }
        body = next;
    }
}
