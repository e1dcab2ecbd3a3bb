package io.jackfield.bench;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.command.Failure;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenFilesTest {

    private static final String HEADING =
            "Limit                     Soft Limit           Hard Limit           Units     ";

    @Test
    void shouldTakeTheHardLimit() {
        assertEquals(
                20_480,
                OpenFiles.max(List.of(
                        HEADING,
                        "Max locked memory         8388608              8388608              bytes     ",
                        "Max open files            1024                 20480                files     ")));
    }

    @Test
    void shouldKnowThatThereMayBeNone() {
        assertEquals(
                Long.MAX_VALUE,
                OpenFiles.max(
                        List.of("Max open files            unlimited            unlimited            files     ")));
        assertEquals(Long.MAX_VALUE, OpenFiles.max(List.of(HEADING)));
    }

    @Test
    void shouldSayHowManyAreNeeded() throws Exception {
        Failure refused = assertThrows(Failure.class, () -> OpenFiles.require(10_000, 210, 4096));

        assertEquals(
                "--idle 10000 needs 10210 open files in a process, and the limit here is 4096", refused.getMessage());
        assertDoesNotThrow(() -> OpenFiles.require(10_000, 210, 10_210));
        assertTrue(OpenFiles.here() > 0);
    }
}
