package io.jackfield.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.command.Failure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstalledTest {

    @TempDir
    private Path folder;

    @Test
    void shouldTakeTheFirstThatMayBeExecuted() throws Exception {
        Path text = Files.createDirectory(folder.resolve("text"));
        Files.createFile(text.resolve("nats-server"));
        Path program = Files.createFile(
                Files.createDirectory(folder.resolve("program")).resolve("nats-server"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));

        assertEquals(program, find(List.of(folder, text, program.getParent())));
    }

    @Test
    void shouldSayWhatToInstall() {
        Failure missing = assertThrows(Failure.class, () -> find(List.of(folder)));

        assertEquals("nats-server is needed for --against nats", missing.getMessage());
    }

    @Test
    void shouldLookInThePath() {
        assertTrue(Files.isExecutable(Installed.require("sh", "", "")));
    }

    private static Path find(List<Path> folders) {
        return Installed.find("nats-server", folders, "for --against nats", "nats-server");
    }
}
