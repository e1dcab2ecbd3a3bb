package io.jackfield.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * The headers of a message (PROTOCOL.md section 4.3): immutable, in the order in which they were given, each name once.
 *
 * <p>Keeps the encoded block beside the texts, so that a broker that only passes headers on encodes nothing.
 */
public final class Headers {
    /** No headers. */
    public static final Headers EMPTY = new Headers(new String[0], new byte[0]);

    /** What the body is: a media type. */
    public static final String CONTENT_TYPE = "content-type";
    /** The content type of a body with flag {@link Flags#OBJECT}. */
    public static final String CONTENT_TYPE_KRYO = "application/x-kryo";
    /** The same for each try of one request, so that a service can tell that it did it already. */
    public static final String IDEMPOTENCY_KEY = "idempotency-key";
    /** W3C trace context. */
    public static final String TRACEPARENT = "traceparent";
    /** FAILURE: what to do about it. */
    public static final String HINT = "hint";
    /** READY: how the worker calls itself. */
    public static final String WORKER_ID = "worker-id";
    /** WELCOME: how the broker calls itself. */
    public static final String BROKER_ID = "broker-id";
    /** WELCOME: the limit of a body, decimal. */
    public static final String BODY_BYTES_MAX = "body-bytes-max";
    /** READY: language and version of the kit. */
    public static final String KIT = "kit";
    /** REQUEST, with any value: asks who answers. REPLY: which plugin did, in which version, generation and jar. */
    public static final String SERVED_BY = "served-by";

    /** Name, value, name, value. */
    private final String[] texts;

    private final byte[] encoded;

    private Headers(String[] texts, byte[] encoded) {
        this.texts = texts;
        this.encoded = encoded;
    }

    /**
     * Headers from names and values in turn.
     *
     * @param namesAndValues name, value, name, value
     * @return the headers
     * @throws IllegalArgumentException when a name or value is not allowed, a name comes twice, or a limit is passed
     */
    public static Headers of(String... namesAndValues) {
        if (namesAndValues.length % 2 != 0) {
            throw new IllegalArgumentException("names and values: " + namesAndValues.length + " (expected: pairs)");
        }
        return checked(namesAndValues.clone());
    }

    /**
     * Headers from a map, in its order.
     *
     * @param headers names and values
     * @return the headers
     * @throws IllegalArgumentException when a name or value is not allowed, or a limit is passed
     */
    public static Headers of(Map<String, String> headers) {
        String[] texts = new String[2 * headers.size()];
        int next = 0;
        for (Map.Entry<String, String> header : headers.entrySet()) {
            texts[next++] = header.getKey();
            texts[next++] = header.getValue();
        }
        return checked(texts);
    }

    /**
     * Reads a header block: all that remains of the buffer, whose position stays. Nothing refers to the buffer afterwards.
     *
     * @param block the encoded headers
     * @return the headers
     * @throws ProtocolException {@code BAD_MESSAGE}
     */
    public static Headers decode(ByteBuffer block) throws ProtocolException {
        if (!block.hasRemaining()) {
            return EMPTY;
        }
        HeaderRules.checkBlockBytes(block.remaining());
        String text;
        try {
            text = Utf8.decode(block);
        } catch (CharacterCodingException e) {
            throw ProtocolException.badMessage("header block: not UTF-8 (expected: UTF-8)");
        }
        byte[] encoded = new byte[block.remaining()];
        block.get(block.position(), encoded);
        return new Headers(HeaderRules.parse(text), encoded);
    }

    /**
     * The same headers with one more, or with another value for a name that is there.
     *
     * @param name of the header
     * @param value of the header
     * @return new headers
     * @throws IllegalArgumentException when the name or value is not allowed, or a limit is passed
     */
    public Headers with(String name, String value) {
        int at = indexOf(name);
        String[] changed = at >= 0 ? texts.clone() : Arrays.copyOf(texts, texts.length + 2);
        int index = at >= 0 ? at : texts.length;
        changed[index] = name;
        changed[index + 1] = value;
        return checked(changed);
    }

    /**
     * The same headers but for one.
     *
     * @param name of the header to leave out
     * @return these headers where there is none of that name, else new ones
     */
    public Headers without(String name) {
        int at = indexOf(name);
        if (at < 0) {
            return this;
        }
        String[] fewer = new String[texts.length - 2];
        System.arraycopy(texts, 0, fewer, 0, at);
        System.arraycopy(texts, at + 2, fewer, at, fewer.length - at);
        return new Headers(fewer, HeaderRules.encode(fewer));
    }

    /**
     * Finds a header.
     *
     * @param name of the header, exactly
     * @return its value
     */
    public Optional<String> value(String name) {
        int at = indexOf(name);
        return at < 0 ? Optional.empty() : Optional.of(texts[at + 1]);
    }

    /** The number of headers. */
    public int size() {
        return texts.length / 2;
    }

    /** Whether there is no header. */
    public boolean isEmpty() {
        return texts.length == 0;
    }

    /**
     * Visits the headers in order.
     *
     * @param visitor gets name and value
     */
    public void forEach(BiConsumer<String, String> visitor) {
        for (int i = 0; i < texts.length; i += 2) {
            visitor.accept(texts[i], texts[i + 1]);
        }
    }

    /** The header block: a read-only buffer of its own, over bytes that are shared. */
    public ByteBuffer encoded() {
        return ByteBuffer.wrap(encoded).asReadOnlyBuffer();
    }

    /** The size of the header block. */
    public int encodedBytes() {
        return encoded.length;
    }

    /**
     * Tells whether a text can be the name of a header.
     *
     * @param name any text
     * @return whether it is allowed
     */
    public static boolean isName(String name) {
        return HeaderRules.isName(name);
    }

    /**
     * Tells whether a text can be the value of a header.
     *
     * @param value any text
     * @return whether it is allowed
     */
    public static boolean isValue(String value) {
        return HeaderRules.isValue(value);
    }

    /**
     * Makes any text fit for a value: spaces for control characters, and cut off after the last character that fits.
     *
     * @param text any text
     * @return a text that {@link #isValue} accepts
     */
    public static String fit(String text) {
        return Utf8.cut(Utf8.withoutControls(text), Limits.HEADER_VALUE_BYTES_MAX);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Headers headers && Arrays.equals(encoded, headers.encoded);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(encoded);
    }

    @Override
    public String toString() {
        return new String(encoded, StandardCharsets.UTF_8).replace("\n", "; ").strip();
    }

    private static Headers checked(String[] texts) {
        if (texts.length == 0) {
            return EMPTY;
        }
        try {
            HeaderRules.check(texts);
            byte[] encoded = HeaderRules.encode(texts);
            HeaderRules.checkBlockBytes(encoded.length);
            return new Headers(texts, encoded);
        } catch (ProtocolException e) {
            throw new IllegalArgumentException(e.message(), e);
        }
    }

    private int indexOf(String name) {
        for (int i = 0; i < texts.length; i += 2) {
            if (texts[i].equals(name)) {
                return i;
            }
        }
        return -1;
    }
}
