package io.jackfield.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ErrorCodeTest {
    @Test
    void shouldEqualTheRegistryLineByLine() throws IOException {
        List<String> registry = Files.readAllLines(Path.of("data", "error-codes.tsv")).stream()
                .filter(line -> !line.startsWith("#"))
                .toList();
        List<String> codes =
                Arrays.stream(ErrorCode.values()).map(ErrorCodeTest::line).toList();

        assertEquals(registry, codes);
    }

    @Test
    void shouldNumberCodesInOrderWithoutAGap() {
        int expected = 1;
        for (ErrorCode code : ErrorCode.values()) {
            assertEquals(expected++, code.number(), code.name());
        }
    }

    @Test
    void shouldFindCodesByNumberAndNoOthers() {
        for (ErrorCode code : ErrorCode.values()) {
            assertEquals(Optional.of(code), ErrorCode.of(code.number()));
        }
        for (int unknown : new int[] {Integer.MIN_VALUE, -1, 0, ErrorCode.values().length + 1, 65535}) {
            assertEquals(Optional.empty(), ErrorCode.of(unknown));
        }
    }

    private static String line(ErrorCode code) {
        return String.join(
                "\t",
                String.valueOf(code.number()),
                code.name(),
                code.category().name().toLowerCase(Locale.ROOT),
                code.retryable() ? "yes" : "no",
                String.valueOf(code.httpStatus()),
                code.text());
    }
}
