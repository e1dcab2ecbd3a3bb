package io.jackfield.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;

class ByteSizeTest {

    private final ByteSize size = new ByteSize();

    @Test
    void shouldReadSizesAsTheConfigurationHasThem() {
        assertEquals(512, size.convert("512B"));
        assertEquals(64 << 10, size.convert("64KiB"));
        assertEquals(16 << 20, size.convert("16MiB"));
        assertEquals(1 << 30, size.convert("1GiB"));
    }

    @Test
    void shouldRefuseWhatIsNoSizeOrMoreThanABrokerTakes() {
        for (String wrong : List.of("", "64", "0B", "-1B", "64 MiB", "64MB", "2GiB", "9999999999GiB", "MiB")) {
            TypeConversionException refused =
                    assertThrows(TypeConversionException.class, () -> size.convert(wrong), wrong);
            assertEquals(wrong + " (expected: a size such as 64MiB, at most 1GiB)", refused.getMessage());
        }
    }
}
