package io.jackfield.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

final class FixedHeaderTest {
    private static final FixedHeader HEADER =
            new FixedHeader(Command.REQUEST, Flags.IDEMPOTENT, 0, 0xF122334455667788L, 0x99AABBCCL, 0xDDEE);

    @Test
    void shouldNotCareAboutPositionAndByteOrderOfTheBuffer() throws ProtocolException {
        ByteBuffer big = ByteBuffer.allocate(40);
        ByteBuffer little = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN);
        big.position(1);
        little.position(9);

        HEADER.write(big, 7, Framing.RAW);
        HEADER.write(little, 7, Framing.RAW);

        assertArrayEquals(big.array(), little.array());
        assertEquals(HEADER, FixedHeader.read(big, 7, Framing.RAW));
        assertEquals(HEADER, FixedHeader.read(little, 7, Framing.RAW));
        assertEquals(1, big.position());
        assertEquals(9, little.position());
    }

    @Test
    void shouldWriteNoByteBeyondIts24() {
        ByteBuffer buffer = ByteBuffer.allocate(26);
        buffer.put(0, (byte) 0x55).put(25, (byte) 0x55);

        HEADER.write(buffer, 1, Framing.KRYO);

        assertEquals(0x55, buffer.get(0));
        assertEquals('J', buffer.get(1));
        assertEquals('K', buffer.get(4));
        assertEquals(0x55, buffer.get(25));
    }

    @Test
    void shouldRefuseValuesThatDoNotFitTheirFields() {
        assertEquals(0xFFFF_FFFFL, header(0, 0, 0xFFFF_FFFFL, 0).timeMs());
        assertThrows(IllegalArgumentException.class, () -> header(256, 0, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> header(0, 65536, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> header(0, -1, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> header(0, 0, 1L << 32, 0));
        assertThrows(IllegalArgumentException.class, () -> header(0, 0, -1, 0));
        assertThrows(IllegalArgumentException.class, () -> header(0, 0, 0, 65536));
    }

    private static FixedHeader header(int flags, int code, long timeMs, int count) {
        return new FixedHeader(Command.REQUEST, flags, code, 1, timeMs, count);
    }
}
