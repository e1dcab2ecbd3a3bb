package io.jackfield.api;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is answered: one or more body parts, headers, and whether a pipeline ends here. Immutable and safe for any
 * thread: the {@code with} methods return a new one.
 *
 * @since 0.1
 */
public final class Reply {

    private final Content content;
    private final boolean earlyExit;

    private Reply(Content content, boolean earlyExit) {
        this.content = content;
        this.earlyExit = earlyExit;
    }

    /**
     * A reply of one part.
     *
     * @param body the body; it is not copied, and must not be changed afterwards
     * @return the reply
     */
    public static Reply of(byte[] body) {
        return new Reply(Content.of(body), false);
    }

    /**
     * A reply of text: UTF-8, content type {@code text/plain; charset=utf-8}.
     *
     * @param text the text
     * @return the reply
     */
    public static Reply text(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8)).withContentType("text/plain; charset=utf-8");
    }

    /**
     * A reply of several parts.
     *
     * @param parts 1 part or more, each from its buffer's position to its limit; the bytes are not copied, and must not
     *     be changed afterwards
     * @return the reply
     * @throws IllegalArgumentException if there is no part
     */
    public static Reply ofParts(List<ByteBuffer> parts) {
        return new Reply(Content.of(parts), false);
    }

    /**
     * This reply with another content type.
     *
     * @param contentType for example {@code application/json}
     * @return a new reply
     * @throws IllegalArgumentException if it has control characters or is longer than 4096 bytes
     */
    public Reply withContentType(String contentType) {
        return withHeader(Content.CONTENT_TYPE, contentType);
    }

    /**
     * This reply with one more header, or with another value for one that it has.
     *
     * @param name lower-case letters, digits, {@code .} and {@code -}, at most 64
     * @param value without control characters, at most 4096 bytes of UTF-8
     * @return a new reply
     * @throws IllegalArgumentException if the name or the value is not allowed, or there are more than 64 headers
     */
    public Reply withHeader(String name, String value) {
        return new Reply(content.withHeaders(Map.of(name, value)), earlyExit);
    }

    /**
     * This reply as one that ends a pipeline: the stages after this one are left out, and this is the run's reply. Says
     * nothing where there is no pipeline.
     *
     * @return a new reply
     */
    public Reply withEarlyExit() {
        return new Reply(content, true);
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
     * Copies the body, all parts one after the other.
     *
     * @param target gets the bytes at its position, which moves on by {@link #length()}
     * @throws java.nio.BufferOverflowException if the target has less room than that
     */
    public void copyTo(ByteBuffer target) {
        content.copyTo(target);
    }

    /**
     * How many parts the body has.
     *
     * @return 1 or more
     */
    public int partCount() {
        return content.partCount();
    }

    /**
     * The body's parts.
     *
     * @return 1 or more new read-only buffers, each from position 0 to the part's length
     */
    public List<ByteBuffer> parts() {
        return content.parts();
    }

    /**
     * What the body is.
     *
     * @return the header {@code content-type}
     */
    public Optional<String> contentType() {
        return Optional.ofNullable(content.headers().get(Content.CONTENT_TYPE));
    }

    /**
     * All headers.
     *
     * @return an unmodifiable map by lower-case name, in the order in which they were given
     */
    public Map<String, String> headers() {
        return content.headers();
    }

    /**
     * Whether a pipeline ends with this reply.
     *
     * @return true if so
     */
    public boolean earlyExit() {
        return earlyExit;
    }

    @Override
    public String toString() {
        return "Reply[" + content + (earlyExit ? ", early exit]" : "]");
    }
}
