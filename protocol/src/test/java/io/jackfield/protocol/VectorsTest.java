package io.jackfield.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The codecs against the golden vectors, in both directions. */
final class VectorsTest {
    static Stream<Vector> valid() {
        return Stream.concat(Vector.read("jf1-raw.txt").stream(), Vector.read("jf1-kryo.txt").stream());
    }

    static Stream<Vector> invalid() {
        return Vector.read("jf1-invalid.txt").stream();
    }

    @ParameterizedTest
    @MethodSource("valid")
    void shouldDecodeFramesToTheFieldsOfTheVector(Vector vector) throws ProtocolException {
        assertEquals(vector.message(), vector.decode(vector.bytes("frame")));
    }

    @ParameterizedTest
    @MethodSource("valid")
    void shouldEncodeFieldsToTheFramesOfTheVector(Vector vector) throws ProtocolException {
        if (vector.has("encode")) {
            assertEquals(List.of("no"), vector.all("encode"));
            Jf1Message message = vector.message();
            assertEquals(message, vector.decode(vector.encode(message)));
            return;
        }
        assertEquals(vector.all("frame"), hex(vector.encode(vector.message())));
        assertEquals(vector.all("frame"), hex(vector.encode(vector.decode(vector.bytes("frame")))));
    }

    @ParameterizedTest
    @MethodSource("valid")
    void shouldNotMoveThePositionOfAnyFrame(Vector vector) throws ProtocolException {
        List<ByteBuffer> frames = shifted(vector.bytes("frame"));

        Jf1Message message = vector.decode(frames);
        vector.encode(message).forEach(frame -> frame.position(frame.limit()));

        assertEquals(vector.message(), message);
        frames.forEach(frame -> assertEquals(3, frame.position()));
    }

    @ParameterizedTest
    @MethodSource("valid")
    void shouldShareTheBodyWithTheFramesUntilCopied(Vector vector) throws ProtocolException {
        List<ByteBuffer> frames = vector.bytes("frame");
        Jf1Message message = vector.decode(frames);
        if (message.bodyBytes() == 0) {
            return;
        }
        Jf1Message copy = message.copied();

        frames.forEach(frame -> {
            for (int i = 0; i < frame.limit(); i++) {
                frame.put(i, (byte) ~frame.get(i));
            }
        });

        assertFalse(vector.message().body().equals(message.body()));
        assertEquals(vector.message(), copy);
    }

    @ParameterizedTest
    @MethodSource("invalid")
    void shouldRefuseWithTheErrorAndIdOfTheVector(Vector vector) {
        ProtocolException refusal = assertThrows(ProtocolException.class, () -> vector.decode(vector.bytes("frame")));

        assertEquals(vector.text("error"), refusal.code().name());
        assertEquals(vector.number("id"), refusal.requestId());
        assertTrue(refusal.message().matches("(?s).+ \\(expected: .+\\)"), refusal.message());
    }

    @Test
    void shouldGiveEachVectorANameOfItsOwn() {
        Set<String> seen = new HashSet<>();
        Stream.concat(valid(), invalid())
                .forEach(vector -> assertTrue(
                        seen.add((vector.has("error") ? "invalid " : "") + vector), () -> "twice: " + vector));
    }

    @Test
    void shouldCoverEveryCommandInBothFramings() {
        Set<String> seen = new HashSet<>();
        valid().forEach(vector -> seen.add(vector.text("framing") + vector.text("command")));
        assertEquals(2 * Command.values().length, seen.size());
    }

    static List<String> hex(List<ByteBuffer> buffers) {
        List<String> hex = new ArrayList<>();
        for (ByteBuffer buffer : buffers) {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.duplicate().get(bytes);
            hex.add(bytes.length == 0 ? "-" : HexFormat.of().formatHex(bytes));
        }
        return hex;
    }

    /** The same bytes, but not at the beginning of their buffers, which end beyond them too. */
    private static List<ByteBuffer> shifted(List<ByteBuffer> frames) {
        List<ByteBuffer> shifted = new ArrayList<>();
        for (ByteBuffer frame : frames) {
            ByteBuffer wide = ByteBuffer.allocateDirect(frame.remaining() + 8);
            wide.position(3).put(frame.duplicate()).flip().position(3);
            shifted.add(wide);
        }
        return shifted;
    }
}
