package io.jackfield.broker.http;

import io.jackfield.broker.http.Heads.Ending;
import io.jackfield.broker.model.Envelope;
import io.jackfield.broker.model.Frames;
import io.jackfield.broker.model.Reply;
import io.jackfield.broker.model.ReplyRoute;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One request of an HTTP connection and its place in the line of answers. Owned by the broker loop.
 *
 * <p>Writes its response as bytes into the room that the line gives it: the connection's output once it is first, memory of its own before.
 */
final class HttpReplyRoute implements ReplyRoute {
    private static final int OK = 200;

    private final ReplyLine line;
    private final boolean bodyless;
    private final boolean isHttp10;
    private @Nullable Envelope envelope;
    private @Nullable String allow;
    private boolean streaming;
    private boolean ended;
    private boolean closes;
    private boolean lingers;
    private boolean awaitsContinue;

    /** What it has written before its turn came; of the line. */
    @Nullable
    ByteBuf held;

    /** What {@link #held} is charged with; of the line. */
    long heldBytes;

    /**
     * @param bodyless the answer to HEAD
     * @param isHttp10 no chunks, and keep-alive must be said
     * @param staysOpen the client wants the connection to go on
     */
    HttpReplyRoute(ReplyLine line, boolean bodyless, boolean isHttp10, boolean staysOpen) {
        this.line = line;
        this.bodyless = bodyless;
        this.isHttp10 = isHttp10;
        this.closes = !staysOpen;
    }

    /** The request is on its way to a service. */
    void asked(Envelope request) {
        envelope = request;
        line.counters().requestsInFlight++;
    }

    /** Ends it from the client's side: nobody need work for it any more. */
    void cancel(Failure why) {
        if (envelope != null) {
            envelope.cancel(why);
        }
        fail(why);
    }

    /** The connection ends after this answer; with {@code lingering}, what the client still sends is read and dropped for a while. */
    void closeAfter(boolean lingering) {
        closes = true;
        lingers |= lingering;
    }

    boolean closes() {
        return closes;
    }

    boolean lingers() {
        return lingers;
    }

    boolean isEnded() {
        return ended;
    }

    void awaitContinue(boolean awaits) {
        awaitsContinue = awaits;
    }

    /** True if the client waits for word before it sends its body, and nothing was answered yet. */
    boolean awaitsContinue() {
        return awaitsContinue && !ended;
    }

    /** Answers without having asked anybody. */
    void refuse(HttpRefusal refusal) {
        allow = refusal.allow.isEmpty() ? null : refusal.allow;
        line.counters().refusedRequests++;
        problem(refusal.failure());
        end();
    }

    @Override
    public void partial(Reply reply) {
        if (reply.object()) {
            // Not at once: whoever hands over the reply is in the middle of his own work with this request.
            line.later(() -> {
                if (envelope != null) {
                    envelope.cancel(unsupportedBody());
                }
            });
            return;
        }
        if (!streaming) {
            beginStream(reply.headers());
        }
        chunk(reply.body());
        line.written(this);
    }

    @Override
    public void complete(Reply reply) {
        if (reply.object()) {
            fail(unsupportedBody());
            return;
        }
        if (streaming) {
            chunk(reply.body());
            endStream();
        } else {
            whole(reply);
        }
        line.counters().repliesDone++;
        leave();
        end();
    }

    @Override
    public void fail(Failure failure) {
        if (ended) {
            return;
        }
        leave();
        if (line.isClosing()) {
            ended = true;
        } else if (streaming) {
            line.counters().abortedReplies++;
            ended = true;
            line.abort(isHttp10);
        } else {
            line.counters().failures++;
            problem(failure);
            end();
        }
    }

    /** Ends the request with an answer of the gateway's own; the body, from position to limit, is copied before this returns. */
    void complete(int status, String contentType, ByteBuffer body) {
        if (ended) {
            return;
        }
        int bytes = body.remaining();
        ByteBuf out = line.room(this, Heads.BYTES_MAX + 3 * contentType.length() + bytes);
        if (out != null) {
            line.heads().status(out, status);
            Heads.contentType(out, contentType);
            Heads.contentLength(out, bytes);
            Heads.end(out, ending());
            if (!bodyless) {
                out.writeBytes(body.duplicate());
            }
        }
        end();
    }

    private void whole(Reply reply) {
        int bytes = reply.body().bodyBytes();
        ByteBuf out = line.room(this, Heads.BYTES_MAX + Heads.bytesMax(reply.headers()) + bytes);
        if (out == null) {
            return;
        }
        line.heads().status(out, OK);
        replyHeaders(out, reply.headers());
        Heads.contentLength(out, bytes);
        Heads.end(out, ending());
        if (!bodyless) {
            body(out, reply.body());
        }
    }

    private void beginStream(Headers headers) {
        streaming = true;
        if (isHttp10) {
            closeAfter(false);
        }
        ByteBuf out = line.room(this, Heads.BYTES_MAX + Heads.bytesMax(headers));
        if (out == null) {
            return;
        }
        line.heads().status(out, OK);
        replyHeaders(out, headers);
        if (!isHttp10) {
            Heads.chunked(out);
        }
        Heads.end(out, ending());
    }

    private void chunk(Frames body) {
        int bytes = body.bodyBytes();
        if (bytes == 0 || bodyless) {
            return;
        }
        ByteBuf out = line.room(this, 2 * Heads.CHUNK_HEAD_BYTES_MAX + bytes);
        if (out == null) {
            return;
        }
        if (isHttp10) {
            body(out, body);
        } else {
            Heads.chunkHead(out, bytes);
            body(out, body);
            Heads.chunkEnd(out);
        }
    }

    private void endStream() {
        if (isHttp10 || bodyless) {
            return;
        }
        ByteBuf out = line.room(this, Heads.LAST_CHUNK.length);
        if (out != null) {
            out.writeBytes(Heads.LAST_CHUNK);
        }
    }

    private void problem(Failure failure) {
        byte[] json = ProblemJson.of(failure);
        ByteBuf out = line.room(this, Heads.BYTES_MAX + json.length);
        if (out == null) {
            return;
        }
        line.heads().status(out, failure.code().httpStatus());
        Heads.contentType(out, ProblemJson.CONTENT_TYPE);
        if (failure.retryAfterMs() > 0) {
            Heads.retryAfter(out, failure.retryAfterSeconds());
        }
        if (allow != null) {
            Heads.allow(out, allow);
        }
        Heads.contentLength(out, json.length);
        Heads.end(out, ending());
        if (!bodyless) {
            out.writeBytes(json);
        }
    }

    private static void replyHeaders(ByteBuf out, Headers headers) {
        if (headers.isEmpty()) {
            Heads.contentType(out, Heads.OCTET_STREAM);
            return;
        }
        Heads.contentType(out, headers.value(Headers.CONTENT_TYPE).orElse(Heads.OCTET_STREAM));
        Heads.replyHeaders(out, headers);
    }

    private static void body(ByteBuf out, Frames body) {
        if (body.count() == 1 && body.buffer().hasArray()) {
            int at = body.buffer().arrayOffset() + body.partStart(0);
            out.writeBytes(body.buffer().array(), at, body.partBytes(0));
            return;
        }
        for (ByteBuffer part : body.parts()) {
            out.writeBytes(part);
        }
    }

    private Ending ending() {
        if (line.endsWith(this)) {
            closeAfter(true); // the client does not know, and may be sending its next request
        }
        if (closes) {
            return Ending.CLOSES;
        }
        return isHttp10 ? Ending.STAYS_TOLD : Ending.STAYS;
    }

    private void leave() {
        if (envelope != null) {
            line.counters().requestsInFlight--;
            envelope = null;
        }
    }

    private void end() {
        ended = true;
        line.ended(this);
    }

    private static Failure unsupportedBody() {
        return Failure.of(
                ErrorCode.UNSUPPORTED_BODY,
                "the reply is an object that only Kryo peers open",
                "have the service answer with bytes");
    }
}
