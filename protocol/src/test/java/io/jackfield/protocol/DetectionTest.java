package io.jackfield.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DetectionTest {
    @ParameterizedTest
    @CsvSource({
        "MDPC01, MDP_01_CLIENT",
        "MDPW01, MDP_01_WORKER",
        "MDPC02, MDP_02_CLIENT",
        "MDPW02, MDP_02_WORKER",
        "MDPC00, PLAIN",
        "MDPW03, PLAIN",
        "MDPC11, PLAIN",
        "MDPX01, PLAIN",
        "mdpc01, PLAIN",
        "MDPC0, PLAIN",
        "MDPC010, PLAIN",
        "JF1R, PLAIN",
        "hello, PLAIN"
    })
    void shouldClassifyShortFrames(String frame, Detection expected) {
        assertEquals(expected, Detection.of(ascii(frame)));
    }

    @ParameterizedTest
    @CsvSource({
        "JF1R, 24, JF1_RAW",
        "JF1R, 23, PLAIN",
        "JF1R, 25, PLAIN",
        "JF1K, 24, PLAIN",
        "JF1X, 24, PLAIN",
        "JF0R, 24, UNKNOWN_JF_VERSION",
        "JF2R, 24, UNKNOWN_JF_VERSION",
        "JF9K, 24, UNKNOWN_JF_VERSION",
        "JF2X, 24, PLAIN",
        "JFAR, 24, PLAIN",
        "JF2R, 25, PLAIN",
        "JX1R, 24, PLAIN"
    })
    void shouldClassifyByMagicAndLength(String magic, int bytes, Detection expected) {
        assertEquals(expected, Detection.of(padded(ascii(magic), bytes)));
    }

    @ParameterizedTest
    @CsvSource({
        "22, JF1K, 35, JF1_KRYO",
        "22, JF1K, 4096, JF1_KRYO",
        "22, JF1K, 34, PLAIN",
        "21, JF1K, 35, PLAIN",
        "22, JF1R, 35, PLAIN",
        "22, JF2K, 35, PLAIN",
        "22, JF1K, 5, PLAIN"
    })
    void shouldClassifyKryoFrames(int classId, String magic, int bytes, Detection expected) {
        ByteBuffer start =
                ByteBuffer.allocate(5).put((byte) classId).put(ascii(magic)).flip();
        assertEquals(expected, Detection.of(padded(start, bytes)));
    }

    @Test
    void shouldClassifyTheFirstFrameOfEveryValidVector() {
        Vector.read("jf1-raw.txt")
                .forEach(vector -> assertEquals(
                        Detection.JF1_RAW, Detection.of(vector.bytes("frame").get(0))));
        Vector.read("jf1-kryo.txt")
                .forEach(vector -> assertEquals(
                        Detection.JF1_KRYO, Detection.of(vector.bytes("frame").get(0))));
    }

    @Test
    void shouldLookFromThePositionAndLeaveItThere() {
        ByteBuffer frame = ascii("xxMDPC01yy").position(2).limit(8);
        assertEquals(Detection.MDP_01_CLIENT, Detection.of(frame));
        assertEquals(2, frame.position());
        assertEquals(Detection.PLAIN, Detection.of(ByteBuffer.allocate(0)));
    }

    private static ByteBuffer padded(ByteBuffer start, int bytes) {
        return ByteBuffer.allocate(bytes).put(start).rewind();
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }
}
