package io.jackfield.kit;

import io.jackfield.api.Reply;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Limits;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * One request to be made. Immutable: the {@code with} methods return a new one. The bytes of the body are not copied and must not be changed
 * until the request has ended.
 */
public final class Call {
    /** How long a request may take that does not say. */
    public static final Duration TIMEOUT_DEFAULT = Duration.ofSeconds(30);

    private static final Duration TIMEOUT_MAX = Duration.ofMillis(Limits.U32_MAX);

    final String service;
    final List<ByteBuffer> parts;
    final Map<String, String> headers;
    final Duration timeout;
    final boolean idempotent;
    final Consumer<Reply> partial;

    private Call(
            String service,
            List<ByteBuffer> parts,
            Map<String, String> headers,
            Duration timeout,
            boolean idempotent,
            Consumer<Reply> partial) {
        this.service = service;
        this.parts = parts;
        this.headers = headers;
        this.timeout = timeout;
        this.idempotent = idempotent;
        this.partial = partial;
    }

    /** A request of one body part. */
    public static Call of(String service, byte[] body) {
        return of(service, List.of(ByteBuffer.wrap(body)));
    }

    /** A request of several body parts, at least one. */
    public static Call of(String service, List<ByteBuffer> parts) {
        return new Call(service, List.copyOf(parts), Map.of(), TIMEOUT_DEFAULT, false, reply -> {});
    }

    /** With a header more; names in lower case. */
    public Call withHeader(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Call(service, parts, more, timeout, idempotent, partial);
    }

    /** With another time to the deadline: more than 0, at most 4294967295 ms, which is 49 days. What is left of a millisecond is one. */
    public Call withTimeout(Duration newTimeout) {
        if (newTimeout.isNegative() || newTimeout.isZero() || newTimeout.compareTo(TIMEOUT_MAX) > 0) {
            throw new IllegalArgumentException(
                    "timeout: " + newTimeout + " (expected: more than 0, at most " + TIMEOUT_MAX + ")");
        }
        return new Call(service, parts, headers, newTimeout, idempotent, partial);
    }

    /** May be carried out more than once: given to another worker when one is lost. */
    public Call asIdempotent() {
        return new Call(service, parts, headers, timeout, true, partial);
    }

    /** With the header {@code idempotency-key}, the same for each attempt: for workers that keep count of what they did. */
    public Call withIdempotencyKey(String key) {
        return withHeader(Headers.IDEMPOTENCY_KEY, key);
    }

    long bodyBytes() {
        return parts.stream().mapToLong(ByteBuffer::remaining).sum();
    }

    /** Has each partial reply told, in order, on the client's own thread: the consumer must not block. What it throws cancels and fails the call. */
    public Call onPartial(Consumer<Reply> consumer) {
        return new Call(service, parts, headers, timeout, idempotent, consumer);
    }
}
