package io.jackfield.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShapeTest {

    @ParameterizedTest
    @CsvSource({"1x1x8, 1, 1, 8", "8x64x1KiB, 8, 64, 1024", "1000x10000x16MiB, 1000, 10000, 16777216"})
    void shouldReadClientsOutstandingAndBytes(String text, int clients, int outstanding, int bytes) {
        assertEquals(new Shape(clients, outstanding, bytes), Shape.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1x1",
                "1x1x7",
                "0x1x32",
                "1x0x32",
                "1001x1x32",
                "1x10001x32",
                "1x1x17MiB",
                "1x1x32x1",
                "1x1x32 KiB",
                "999999999x1x32",
                "1x1x999999999MiB",
                "9999999999x1x32"
            })
    void shouldSayWhatAShapeLooksLike(String text) {
        Exception refused = assertThrows(IllegalArgumentException.class, () -> Shape.parse(text));
        assertTrue(String.valueOf(refused.getMessage()).startsWith(text + " (expected: "), refused.getMessage());
    }

    @Test
    void shouldShowBodiesInTheLargestUnit() {
        assertEquals("32 B", new Shape(1, 1, 32).body());
        assertEquals("64 KiB", new Shape(1, 1, 65_536).body());
        assertEquals("1500 B", new Shape(1, 1, 1500).body());
    }
}
