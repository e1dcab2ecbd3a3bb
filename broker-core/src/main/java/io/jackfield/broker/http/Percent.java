package io.jackfield.broker.http;

import io.jackfield.protocol.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Percent-encoding in paths (RFC 3986 section 2.1): strict, UTF-8, and a plus sign is a plus sign. */
final class Percent {
    private static final int ENCODED_CHARS = 3;
    private static final int HEX = 16;

    private Percent() {}

    /**
     * The text behind an encoded part of a path, whose characters are bytes (ISO 8859-1, as they came).
     *
     * @throws HttpRefusal BAD_MESSAGE: not two hexadecimal digits after %, or not UTF-8
     */
    static String decode(String encoded) throws HttpRefusal {
        if (isPlain(encoded)) {
            return encoded;
        }
        ByteBuffer bytes = ByteBuffer.allocate(encoded.length());
        int at = 0;
        while (at < encoded.length()) {
            char character = encoded.charAt(at);
            if (character == '%') {
                bytes.put(octet(encoded, at));
                at += ENCODED_CHARS;
            } else {
                bytes.put((byte) character);
                at++;
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException e) {
            throw bad("path: not UTF-8 once it is decoded (expected: percent-encoded UTF-8)");
        }
    }

    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character == '%' || character >= 0x80) {
                return false;
            }
        }
        return true;
    }

    private static byte octet(String encoded, int at) throws HttpRefusal {
        if (at + ENCODED_CHARS > encoded.length()) {
            throw bad("path: it ends within a percent-encoded byte (expected: two hexadecimal digits after %)");
        }
        int high = Character.digit(encoded.charAt(at + 1), HEX);
        int low = Character.digit(encoded.charAt(at + 2), HEX);
        if (high < 0 || low < 0) {
            throw bad("path: " + encoded.substring(at, at + ENCODED_CHARS)
                    + " (expected: two hexadecimal digits after %)");
        }
        return (byte) (high * HEX + low);
    }

    private static HttpRefusal bad(String cause) {
        return HttpRefusal.of(ErrorCode.BAD_MESSAGE, cause, "percent-encode the path as UTF-8");
    }
}
