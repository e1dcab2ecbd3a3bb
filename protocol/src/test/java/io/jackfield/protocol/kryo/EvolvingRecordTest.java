package io.jackfield.protocol.kryo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.protocol.Allocations;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A field added at one side: the two records here are one class at two points in time. */
final class EvolvingRecordTest {
    private static final int BYTES_MAX = 1 << 20;

    /** What was. */
    public record Old(String item, int count) {}

    /** What is. */
    public record New(@Nullable String item, int count, @Nullable List<String> notes, long cents, boolean gift) {}

    private final ObjectBodies old = new ObjectBodies(BYTES_MAX, types -> types.addEvolving(Old.class, 100));
    private final ObjectBodies next = new ObjectBodies(BYTES_MAX, types -> types.addEvolving(New.class, 100));

    @Test
    void shouldReadItself() throws Exception {
        New order = new New("tea", 3, List.of("hot", "now"), 250, true);

        assertEquals(order, next.decode(next.encode(order), New.class));
        New empty = new New(null, 0, null, 0, false);
        assertEquals(empty, next.decode(next.encode(empty), New.class));
    }

    @Test
    void shouldSkipWhatTheReaderDoesNotKnow() throws Exception {
        ByteBuffer body = next.encode(List.of(new New("tea", 3, List.of("hot"), 250, true), "after it"));

        assertEquals(List.of(new Old("tea", 3), "after it"), old.decode(body));
    }

    @Test
    void shouldFillInWhatTheWriterDidNotKnow() throws Exception {
        assertEquals(new New("tea", 3, null, 0, false), next.decode(old.encode(new Old("tea", 3)), New.class));
    }

    @Test
    void shouldWriteAsDrawn() {
        // Kryo writes ids plus 2; a String of ASCII has its high bit in the last character, an Integer is zigzag.
        byte[] drawn = {102, 0, 2, 0, 0, 0, 3, 3, 'o', (byte) ('k' | 0x80), 0, 0, 0, 2, 2, 14};

        ByteBuffer body = old.encode(new Old("ok", 7));

        assertEquals(ByteBuffer.wrap(drawn), body);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 4, 5, 1000, Integer.MAX_VALUE, -1, Integer.MIN_VALUE})
    void shouldRefuseLengthsThatAreNotThose(int length) {
        byte[] body = bytes(old.encode(new Old("ok", 7)));
        ByteBuffer.wrap(body).putInt(3, length);

        long allocated = Allocations.bytesOf(() -> assertRefused(body));

        assertTrue(allocated < 64 * 1024, () -> allocated + " bytes");
    }

    @Test
    void shouldRefuseMoreComponentsThanThereAreAndOthersThanThese() {
        byte[] many = bytes(old.encode(new Old("ok", 7)));
        many[1] = (byte) 0xFF;
        assertRefused(many);
        byte[] one = bytes(old.encode(new Old("ok", 7)));
        assertRefused(Arrays.copyOf(one, one.length - 1));
        // A number where the item's text should be.
        assertRefused(new byte[] {102, 0, 1, 0, 0, 0, 2, 2, 14});
        // Null for a number.
        assertRefused(new byte[] {102, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0});
    }

    private void assertRefused(byte[] body) {
        ProtocolException refused = assertThrows(ProtocolException.class, () -> old.decode(ByteBuffer.wrap(body)));
        assertEquals(ErrorCode.BAD_MESSAGE, refused.code());
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
