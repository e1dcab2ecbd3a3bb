package io.jackfield.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names and headers as programs give them; the vectors hold what comes over the wire. */
final class NamesAndHeadersTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a/b", "a@b", "a\u0000", "\u007F", "a\n", "\uD83D", "\uDD0C", "x\uDD0C\uD83D"})
    void shouldRefuseServiceNames(String name) {
        ProtocolException refusal = assertThrows(ProtocolException.class, () -> ServiceName.parse(name));
        assertEquals(ErrorCode.BAD_SERVICE_NAME, refusal.code());
        assertTrue(refusal.message().contains("(expected: 1 to 255 bytes"), refusal.message());
    }

    @Test
    void shouldCountServiceNamesInBytes() throws ProtocolException {
        for (String character : List.of("a", "é", "日", "\uD83D\uDD0C")) {
            int bytes = Utf8.encode(character).remaining();
            String longest = character.repeat(255 / bytes);
            assertEquals(longest, ServiceName.parse(longest));
            assertThrows(
                    ProtocolException.class, () -> ServiceName.parse(longest + "a".repeat(256 - 255 / bytes * bytes)));
        }
    }

    @Test
    void shouldKnowTheNamesOfTheBroker() {
        assertTrue(ServiceName.isReserved("jf.services"));
        assertTrue(ServiceName.isReserved("mmi.service"));
        assertFalse(ServiceName.isReserved("jf"));
        assertFalse(ServiceName.isReserved("jfx.services"));
        assertFalse(ServiceName.isReserved("my.jf.services"));
    }

    @Test
    void shouldKeepTheOrderOfHeadersWhenTheyChange() {
        Headers headers = Headers.of("b", "1", "a", "2").with("c", "3").with("b", "4");
        List<String> seen = new ArrayList<>();
        headers.forEach((name, value) -> seen.add(name + "=" + value));

        assertEquals(List.of("b=4", "a=2", "c=3"), seen);
        assertEquals(Optional.of("2"), headers.value("a"));
        assertEquals(Headers.of("b", "4", "c", "3"), headers.without("a"));
        assertSame(headers, headers.without("z"));
        assertEquals(Headers.EMPTY, Headers.of("a", "b").without("a"));
        assertSame(Headers.EMPTY, Headers.of());
    }

    @Test
    void shouldRefuseHeadersThatCouldNotBeDecoded() {
        assertThrows(IllegalArgumentException.class, () -> Headers.of("a"));
        assertThrows(IllegalArgumentException.class, () -> Headers.of("A", "upper case"));
        assertThrows(IllegalArgumentException.class, () -> Headers.of("a", "1", "a", "2"));
        assertThrows(IllegalArgumentException.class, () -> Headers.of("a", "line\nbreak"));
        assertThrows(IllegalArgumentException.class, () -> Headers.of("a", "half \uD83D"));
        assertThrows(IllegalArgumentException.class, () -> Headers.of("a", "x".repeat(4096), "b", "y".repeat(4091)));
        Headers full = Headers.of("a", "x".repeat(4096), "b", "y".repeat(4090));
        assertEquals(Limits.HEADER_BLOCK_BYTES_MAX, full.encodedBytes());
        assertThrows(IllegalArgumentException.class, () -> full.with("c", ""));
    }

    @Test
    void shouldNotLetTheEncodedBlockBeChanged() {
        assertTrue(Headers.of("a", "b").encoded().isReadOnly());
    }

    @Test
    void shouldFitAnyTextIntoAValue() {
        assertEquals("a b", Headers.fit("a\nb"));
        for (String text :
                List.of("", "é".repeat(5000), "\uD83D\uDD0C".repeat(2000), "a\u0000\uD83D", "x\uD83D".repeat(3000))) {
            assertTrue(Headers.isValue(Headers.fit(text)));
        }
    }
}
