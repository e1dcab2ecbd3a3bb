package io.jackfield.kit;

import io.jackfield.api.Reply;
import io.jackfield.protocol.Flags;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Jf1Message;
import io.jackfield.protocol.Limits;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One request of a client, from the call to its end, however often it is asked. It is on one {@link Line} at a time; whoever takes it
 * off there puts it on the next one, or ends it.
 */
final class Pending {
    final long id;
    final Call call;
    final CompletableFuture<Reply> answer;
    final Attempts attempts;
    final AtomicReference<@Nullable Line> line = new AtomicReference<>();
    /** Whether the broker may have it. */
    volatile boolean sent;
    /** Whether a partial reply was told: from then on nothing is asked again. */
    volatile boolean begun;
    /** When it is asked again. */
    volatile OptionalLong againNs = OptionalLong.empty();

    private final long endNs;
    private final Jf1Message request;

    Pending(long id, Call call, CompletableFuture<Reply> answer, Attempts attempts, long nowNs) {
        this.id = id;
        this.call = call;
        this.answer = answer;
        this.attempts = attempts;
        long timeoutMs = Math.max(1, Math.min(call.timeout.toMillis(), Limits.U32_MAX));
        this.endNs = nowNs + timeoutMs * 1_000_000;
        this.request = Jf1Message.request(id, call.service, Headers.of(call.headers), call.parts)
                .withFlags((call.idempotent ? Flags.IDEMPOTENT : 0) | Contents.objectFlag(call.headers))
                .withTimeMs(timeoutMs);
    }

    /** The next attempt's request: when it is sent, it is {@link #timed}. */
    Jf1Message request() {
        sent = false;
        againNs = OptionalLong.empty();
        return request;
    }

    /** The request as it is sent now, with what is left of its time: the broker counts from when it gets it. */
    Jf1Message timed(long nowNs) {
        long leftNs = endNs - nowNs;
        return request.withTimeMs(Math.max(1, (leftNs + 999_999) / 1_000_000));
    }

    /** Whether its time is over, and a grace beyond it. */
    boolean isOver(long nowNs, long graceMs) {
        return nowNs - endNs > graceMs * 1_000_000;
    }

    /** Whether there is time for another attempt after that pause. */
    boolean leaves(long pauseMs, long nowNs) {
        return endNs - nowNs > pauseMs * 1_000_000;
    }

    boolean isDue(long nowNs) {
        return againNs.isPresent() && nowNs - againNs.getAsLong() >= 0;
    }
}
