package io.jackfield.broker.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FramesTest {
    private static final HexFormat HEX = HexFormat.ofDelimiter(" ");

    @Test
    void shouldWriteShortFramesAsRfc37Draws() {
        Frames frames = Frames.of(List.of(bytes("ab"), bytes(""), bytes("c")));

        assertEquals("01 02 61 62 01 00 00 01 63", HEX.formatHex(wire(frames)));
        assertEquals(9, frames.wireBytes());
        assertEquals(3, frames.bodyBytes());
        assertEquals(3, frames.count());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 254, 255})
    void shouldUseTheShortFormUpTo255Bytes(int length) {
        Frames frames = Frames.of(new byte[length]);

        assertEquals(2 + length, frames.wireBytes());
        assertEquals(0x00, frames.buffer().get(frames.start()));
        assertEquals(length, frames.partBytes(0));
    }

    @ParameterizedTest
    @ValueSource(ints = {256, 257, 70_000})
    void shouldUseTheLongFormFrom256BytesOn(int length) {
        Frames frames = Frames.of(new byte[length]);

        assertEquals(9 + length, frames.wireBytes());
        assertEquals(0x02, frames.buffer().get(frames.start()));
        assertEquals(length, frames.buffer().getLong(frames.start() + 1));
        assertEquals(length, frames.partBytes(0));
    }

    @Test
    void shouldReadFramesThatLieInsideABuffer() {
        byte[] memory = HEX.parseHex("ee ee 01 01 61 03 00 00 00 00 00 00 00 02 62 63 00 00 ee");
        Frames frames = Frames.borrowed(ByteBuffer.wrap(memory), 2, 18, 3);

        assertEquals(List.of("a", "bc", ""), texts(frames));
        assertEquals(4, frames.partStart(0));
        assertEquals(14, frames.partStart(1));
        assertEquals(3, frames.bodyBytes());
        assertArrayEquals("abc".getBytes(UTF_8), frames.joined());
    }

    @Test
    void shouldNotMoveThePositionOfTheParts() {
        ByteBuffer part = bytes("xabcx");
        part.position(1).limit(4);

        Frames frames = Frames.of(List.of(part));

        assertEquals(List.of("abc"), texts(frames));
        assertEquals(1, part.position());
        assertEquals(4, part.limit());
    }

    @Test
    void shouldCopyBorrowedFramesOnceWhenTheyAreKept() {
        byte[] memory = HEX.parseHex("00 01 61");
        Frames kept = Frames.borrowed(ByteBuffer.wrap(memory), 0, 3, 1).kept();
        Arrays.fill(memory, (byte) 0);

        assertEquals(List.of("a"), texts(kept));
        assertSame(kept, kept.kept());
    }

    @Test
    void shouldKeepFramesOfDirectMemory() {
        ByteBuffer direct = ByteBuffer.allocateDirect(8)
                .put(2, (byte) 1)
                .put(3, (byte) 0)
                .put(4, (byte) 0)
                .put(5, (byte) 1)
                .put(6, (byte) 'z');

        assertEquals(List.of("", "z"), texts(Frames.borrowed(direct, 2, 7, 2).kept()));
    }

    @Test
    void shouldCopyEveryByteOfFramesOfEveryLength() {
        for (int length = 0; length < 300; length++) {
            byte[] body = new byte[length];
            for (int i = 0; i < length; i++) {
                body[i] = (byte) (i * 7 + length);
            }
            Frames frames = Frames.of(body);
            ByteBuffer direct = ByteBuffer.allocateDirect(frames.wireBytes() + 1);
            direct.put(1, frames.buffer(), 0, frames.wireBytes());
            direct.order(length % 2 == 0 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
            Frames borrowed = Frames.borrowed(direct, 1, frames.wireBytes() + 1, 1);

            if (length <= 255) { // a long length is read in the order of the network
                assertArrayEquals(body, borrowed.copyOf(0), "copy of " + length + " bytes");
            }
            assertArrayEquals(
                    frames.buffer().array(), borrowed.kept().buffer().array(), "kept frame of " + length + " bytes");
        }
    }

    @Test
    void shouldCopyOneFrame() {
        Frames frames = Frames.of(List.of(bytes("a"), bytes("xy")));

        assertArrayEquals("xy".getBytes(UTF_8), frames.copyOf(1));
        assertArrayEquals("xy".getBytes(UTF_8), frames.tail(1).copyOf(0));
    }

    @Test
    void shouldDropLeadingFrames() {
        Frames frames = Frames.of(List.of(bytes("a"), bytes(""), bytes("b")));

        assertEquals(List.of("", "b"), texts(frames.tail(1)));
        assertEquals(List.of("b"), texts(frames.tail(2)));
        assertEquals(1, frames.tail(2).count());
        assertEquals(3, frames.tail(2).wireBytes());
        assertSame(frames, frames.tail(0));
    }

    @Test
    void shouldNotDropTheLastFrame() {
        Frames frames = Frames.of(List.of(bytes("a"), bytes("b")));

        IndexOutOfBoundsException failure = assertThrows(IndexOutOfBoundsException.class, () -> frames.tail(2));

        assertEquals("frame 2 (expected: 0 to 1)", failure.getMessage());
    }

    @Test
    void shouldRefuseAFrameThatIsNotThere() {
        assertThrows(IndexOutOfBoundsException.class, () -> Frames.ONE_EMPTY.part(1));
        assertThrows(IndexOutOfBoundsException.class, () -> Frames.ONE_EMPTY.partBytes(-1));
    }

    @Test
    void shouldRefuseToBeEmpty() {
        assertThrows(IllegalArgumentException.class, () -> Frames.of(List.of()));
    }

    @Test
    void shouldGiveOutReadOnlyParts() {
        ByteBuffer part = Frames.of("a".getBytes(UTF_8)).part(0);

        assertTrue(part.isReadOnly());
        assertThrows(ReadOnlyBufferException.class, () -> part.put(0, (byte) 1));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    private static byte[] wire(Frames frames) {
        byte[] wire = new byte[frames.wireBytes()];
        frames.buffer().get(frames.start(), wire);
        return wire;
    }

    private static List<String> texts(Frames frames) {
        List<String> texts = new ArrayList<>();
        for (ByteBuffer part : frames.parts()) {
            texts.add(UTF_8.decode(part).toString());
        }
        return texts;
    }
}
