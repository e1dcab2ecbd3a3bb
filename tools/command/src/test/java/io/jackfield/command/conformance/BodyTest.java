package io.jackfield.command.conformance;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BodyTest {
    @ParameterizedTest
    @CsvSource({
        "t:, t:",
        "t:hello, t:hello",
        "t:a|t:|t:b, t:a|t:|t:b",
        "z:0, t:",
        // The check of "123456789" is 0xCBF43926; this one was taken with Python's zlib.
        "z:3, z:3:3f66f9ac",
        "t:x|z:3, t:x|z:3:3f66f9ac",
    })
    void shouldTellWhatALineAskedToSend(String spec, String told) {
        assertEquals(told, Body.told(Body.parts(spec)));
    }

    @Test
    void shouldTellTextWithASpaceOrTooLongAsASum() {
        assertEquals(
                "z:3:",
                Body.told(List.of(ByteBuffer.wrap("a b".getBytes(US_ASCII)))).substring(0, 4));
        assertEquals(
                "z:65:",
                Body.told(List.of(ByteBuffer.wrap("a".repeat(65).getBytes(US_ASCII))))
                        .substring(0, 5));
    }

    @Test
    void shouldRefuseWhatIsNoBody() {
        assertThrows(IllegalArgumentException.class, () -> Body.parts("hello"));
    }
}
