package io.jackfield.broker.server;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.server.config.ConfigReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When the file is read anew. */
final class ConfigWatchTest {
    private static final long LOOK_MS = 5;
    private static final long WAIT_S = 20;

    @Test
    void shouldReadAFileThatHasOnlyBeenPutInThePlaceOfTheOther(@TempDir Path temp) throws Exception {
        Path file = write(temp.resolve("jackfield.yaml"), "1");
        try (ConfigWatch watch = ConfigWatch.start(file, ConfigReader.read(file), LOOK_MS, plugins -> Map.of())) {
            replace(write(temp.resolve("other.yaml"), "22"), file);
            await("the change is not seen", () -> watch.view().changes() == 1);

            // As tools do that keep a file's time.
            Path other = write(temp.resolve("other.yaml"), "33");
            Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
            replace(other, file);

            await("the other file is not seen", () -> watch.view().changes() == 2);
        }
    }

    private static Path write(Path file, String value) throws IOException {
        return Files.writeString(file, "plugins:\n  settings:\n    p: {config: {key: " + value + "}}\n");
    }

    private static void replace(Path other, Path file) throws IOException {
        Files.move(other, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void await(String complaint, BooleanSupplier condition) throws InterruptedException {
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_S);
        CountDownLatch never = new CountDownLatch(1);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < endNs, complaint + " after " + WAIT_S + " s");
            assertFalse(never.await(LOOK_MS, TimeUnit.MILLISECONDS));
        }
    }
}
