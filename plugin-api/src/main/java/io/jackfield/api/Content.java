package io.jackfield.api;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Body parts and headers, checked once: what requests and replies have in common. Immutable. */
final class Content {

    static final String CONTENT_TYPE = "content-type";

    // The limits of JF1's header block: a reply that breaks them is found in the author's own line, not in the broker.
    private static final int HEADER_COUNT_MAX = 64;
    private static final int HEADER_VALUE_BYTES_MAX = 4096;
    private static final int HEADER_NAME_LENGTH_MAX = 64;

    /** The body, if it is one array; views of it are made for who asks. */
    private final byte @Nullable [] whole;

    /** The body, if it is not. */
    private final List<ByteBuffer> parts;

    private final Map<String, String> headers;

    private Content(byte @Nullable [] whole, List<ByteBuffer> parts, Map<String, String> headers) {
        this.whole = whole;
        this.parts = parts;
        this.headers = headers;
    }

    static Content of(byte[] part) {
        return new Content(Objects.requireNonNull(part, "body"), List.of(), Map.of());
    }

    static Content of(List<ByteBuffer> parts) {
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("body parts: 0 (expected: 1 or more; one may be empty)");
        }
        if (parts.size() == 1) {
            return new Content(null, List.of(parts.get(0).slice()), Map.of());
        }
        return new Content(null, parts.stream().map(ByteBuffer::slice).toList(), Map.of());
    }

    Content withHeaders(Map<String, String> more) {
        if (more.isEmpty()) {
            return this;
        }
        Map<String, String> all = new LinkedHashMap<>(headers);
        more.forEach((name, value) -> all.put(checkedName(name), checkedValue(name, value)));
        if (all.size() > HEADER_COUNT_MAX) {
            throw new IllegalArgumentException("headers: " + all.size() + " (expected: <= " + HEADER_COUNT_MAX + ")");
        }
        return new Content(whole, parts, Collections.unmodifiableMap(all));
    }

    int partCount() {
        return whole == null ? parts.size() : 1;
    }

    List<ByteBuffer> parts() {
        if (partCount() == 1) {
            return List.of(buffer());
        }
        return parts.stream().map(ByteBuffer::asReadOnlyBuffer).toList();
    }

    Map<String, String> headers() {
        return headers;
    }

    byte[] bytes() {
        if (whole != null) {
            return whole.clone();
        }
        byte[] all = new byte[length()];
        copyTo(ByteBuffer.wrap(all));
        return all;
    }

    void copyTo(ByteBuffer target) {
        if (whole != null) {
            target.put(whole);
        }
        for (ByteBuffer part : parts) {
            target.put(part.duplicate());
        }
    }

    ByteBuffer buffer() {
        if (whole != null) {
            return ByteBuffer.wrap(whole).asReadOnlyBuffer();
        }
        ByteBuffer all = parts.size() == 1 ? parts.get(0) : ByteBuffer.wrap(bytes());
        return all.asReadOnlyBuffer();
    }

    String text() {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(buffer()).toString();
        } catch (CharacterCodingException e) {
            HandlerException refusal = HandlerException.badRequest(
                    "the body of " + length() + " bytes is not UTF-8 (expected: text in UTF-8)",
                    "send text in UTF-8, or ask a service that takes bytes");
            refusal.initCause(e);
            throw refusal;
        }
    }

    int length() {
        if (whole != null) {
            return whole.length;
        }
        long length = 0;
        for (int i = 0; i < parts.size(); i++) { // a stream takes longer than many a handler
            length += parts.get(i).limit();
        }
        return Math.toIntExact(length);
    }

    private static String checkedName(String name) {
        boolean allowed =
                name.chars().allMatch(Content::inHeaderName) && !name.startsWith(".") && !name.startsWith("-");
        if (!allowed || name.isEmpty() || name.length() > HEADER_NAME_LENGTH_MAX) {
            throw new IllegalArgumentException(
                    "header name: " + name + " (expected: lower-case letters, digits, . and -, at most 64)");
        }
        return name;
    }

    private static boolean inHeaderName(int c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    }

    private static boolean isControl(int c) {
        return c < 0x20 || c == 0x7f;
    }

    private static String checkedValue(String name, String value) {
        if (value.chars().anyMatch(Content::isControl)) {
            throw new IllegalArgumentException("header " + name + ": has a control character (expected: none)");
        }
        int bytes = value.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > HEADER_VALUE_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "header " + name + ": " + bytes + " bytes (expected: <= " + HEADER_VALUE_BYTES_MAX + ")");
        }
        return value;
    }

    @Override
    public String toString() {
        return partCount() + " parts, " + length() + " bytes, " + headers;
    }
}
