package io.jackfield.protocol;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/** Strict UTF-8, and the control characters that names, header values and error lines must not have. */
final class Utf8 {
    private static final int CHUNK_CHARS = 1024;

    private Utf8() {}

    /** Decodes what remains without moving the position; anything that is not shortest-form UTF-8 is refused. */
    static String decode(ByteBuffer bytes) throws CharacterCodingException {
        if (!isAscii(bytes)) {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.duplicate()).toString();
        }
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(bytes.position(), copy);
        return new String(copy, StandardCharsets.ISO_8859_1);
    }

    /** Decodes what was found valid before. */
    static String decodeChecked(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }

    static ByteBuffer encode(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Tells whether what remains is UTF-8, in constant memory. */
    static boolean isValid(ByteBuffer bytes) {
        if (isAscii(bytes)) {
            return true;
        }
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer input = bytes.duplicate();
        CharBuffer chunk = CharBuffer.allocate(CHUNK_CHARS);
        CoderResult result;
        do {
            chunk.clear();
            result = decoder.decode(input, chunk, true);
        } while (result.isOverflow());
        return !result.isError();
    }

    /** The length of the text in UTF-8, or -1 where it has none: half of a surrogate pair is no character. */
    static int length(String text) {
        int bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (!Character.isSurrogate(character)) {
                bytes += character < 0x80 ? 1 : character < 0x800 ? 2 : 3;
            } else if (Character.isHighSurrogate(character)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                bytes += 4;
                i++;
            } else {
                return -1;
            }
        }
        return bytes;
    }

    /** U+0000 to U+001F and U+007F. */
    static boolean isControl(int character) {
        return character < 0x20 || character == 0x7F;
    }

    /** The index of the first control character, or -1. */
    static int indexOfControl(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isControl(text.charAt(i))) {
                return i;
            }
        }
        return -1;
    }

    /** The text with a space in place of each control character. */
    static String withoutControls(String text) {
        if (indexOfControl(text) < 0) {
            return text;
        }
        StringBuilder cleaned = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            cleaned.append(isControl(character) ? ' ' : character);
        }
        return cleaned.toString();
    }

    /** The longest prefix of whole characters that takes at most {@code bytesMax} bytes; halves of pairs become {@code ?}. */
    static String cut(String text, int bytesMax) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int end = Math.min(bytes.length, bytesMax);
        while (end < bytes.length && (bytes[end] & 0xC0) == 0x80) {
            end--;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }

    private static boolean isAscii(ByteBuffer bytes) {
        int limit = bytes.limit();
        for (int i = bytes.position(); i < limit; i++) {
            if (bytes.get(i) < 0) {
                return false;
            }
        }
        return true;
    }
}
