package io.jackfield.api;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What was asked: a service, one or more body parts, headers. Immutable, safe for any thread, and valid for as long as
 * it is held: its bytes are never used again for something else.
 *
 * @since 0.1
 */
public final class Request {

    private final String service;
    private final Content content;

    private Request(String service, Content content) {
        this.service = Objects.requireNonNull(service, "service");
        this.content = content;
    }

    /**
     * A request of one body part without headers.
     *
     * @param service the name of the service
     * @param body the body; it is not copied, and must not be changed afterwards
     * @return the request
     */
    public static Request of(String service, byte[] body) {
        return new Request(service, Content.of(body));
    }

    /**
     * A request of several body parts and headers.
     *
     * @param service the name of the service
     * @param parts the body, 1 part or more, each from its buffer's position to its limit; the bytes are not copied, and
     *     must not be changed afterwards
     * @param headers names in lower case, and values without control characters
     * @return the request
     * @throws IllegalArgumentException if there is no part, or a header is not allowed
     */
    public static Request of(String service, List<ByteBuffer> parts, Map<String, String> headers) {
        return new Request(service, Content.of(parts).withHeaders(headers));
    }

    /**
     * The service that the client asked for.
     *
     * @return its name
     */
    public String service() {
        return service;
    }

    /**
     * The body as an array of its own, all parts one after the other.
     *
     * @return a new array
     */
    public byte[] body() {
        return content.bytes();
    }

    /**
     * How long the body is.
     *
     * @return bytes, all parts together
     * @throws ArithmeticException if they are more than an array can have
     */
    public int length() {
        return content.length();
    }

    /**
     * The body for reading, all parts one after the other; not copied when there is only one.
     *
     * @return a new read-only buffer from position 0 to the body's length
     */
    public ByteBuffer buffer() {
        return content.buffer();
    }

    /**
     * The body's parts, as the client sent them.
     *
     * @return 1 or more new read-only buffers, each from position 0 to the part's length
     */
    public List<ByteBuffer> parts() {
        return content.parts();
    }

    /**
     * The body as text.
     *
     * @return the body decoded as UTF-8
     * @throws HandlerException {@code BAD_REQUEST} if the bytes are not UTF-8
     */
    public String text() {
        return content.text();
    }

    /**
     * What the client says the body is.
     *
     * @return the header {@code content-type}
     */
    public Optional<String> contentType() {
        return Optional.ofNullable(content.headers().get(Content.CONTENT_TYPE));
    }

    /**
     * All headers.
     *
     * @return an unmodifiable map by lower-case name, in the order in which they came
     */
    public Map<String, String> headers() {
        return content.headers();
    }

    @Override
    public String toString() {
        return "Request[" + service + ", " + content + "]";
    }
}
