package io.jackfield.command.conformance;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/**
 * How agents write bodies on a line: parts with {@code |} between them, each {@code t:TEXT} or {@code z:SIZE}, SIZE bytes of a pattern. What
 * was received and is not short text is told as {@code z:SIZE:CRC32}.
 */
final class Body {
    private static final int TEXT_MAX = 64;
    private static final int FACTOR = 31;
    private static final int FIRST = 7;

    private Body() {}

    /** What stands for those parts on a line. */
    static String told(List<ByteBuffer> parts) {
        return parts.stream().map(Body::told).collect(Collectors.joining("|"));
    }

    /** The parts that a line asks to send. */
    static List<ByteBuffer> parts(String spec) {
        List<ByteBuffer> parts = new ArrayList<>();
        for (String part : spec.split("\\|", -1)) {
            parts.add(ByteBuffer.wrap(part(part)));
        }
        return parts;
    }

    /** What a receiver of the pattern in that size tells. */
    static String pattern(int size) {
        return told(ByteBuffer.wrap(bytes(size)));
    }

    private static byte[] part(String spec) {
        if (spec.startsWith("t:")) {
            return spec.substring(2).getBytes(US_ASCII);
        }
        if (spec.startsWith("z:")) {
            return bytes(Integer.parseInt(spec.substring(2)));
        }
        throw new IllegalArgumentException("body: " + spec + " (expected: t:TEXT or z:SIZE)");
    }

    private static byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (i * FACTOR + FIRST);
        }
        return bytes;
    }

    private static String told(ByteBuffer part) {
        ByteBuffer bytes = part.duplicate();
        byte[] array = new byte[bytes.remaining()];
        bytes.get(array);
        if (array.length <= TEXT_MAX && isPlain(array)) {
            return "t:" + new String(array, US_ASCII);
        }
        CRC32 sum = new CRC32();
        sum.update(array);
        return String.format(Locale.ROOT, "z:%d:%08x", array.length, sum.getValue());
    }

    private static boolean isPlain(byte[] bytes) {
        for (byte b : bytes) {
            if (b <= ' ' || b > '~' || b == '|') {
                return false;
            }
        }
        return true;
    }
}
