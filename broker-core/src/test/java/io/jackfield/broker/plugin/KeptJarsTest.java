package io.jackfield.broker.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jackfield.host.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jars that were tried, each whole or not at all. */
final class KeptJarsTest {
    private final Path temp;
    private final Path folder;
    private final KeptJars jars;

    KeptJarsTest(@TempDir Path temp) {
        this.temp = temp;
        this.folder = temp.resolve("jars");
        this.jars = new KeptJars(folder, 10, 1 << 20);
    }

    @Test
    void shouldKeepAJarUnderItsHashAndNothingElse() throws IOException {
        Path jar = Files.writeString(temp.resolve("a.jar"), "content");
        String sha256 = Sha256.of(jar);

        jars.keep(sha256, jar);
        jars.keep("0".repeat(64), jar);

        assertEquals(Optional.of(folder.resolve(sha256 + ".jar")), jars.find(sha256));
        assertEquals(List.of(sha256 + ".jar"), kept());
    }

    @Test
    void shouldDeleteWhatABrokerThatWasKilledHasBegunToCopy() throws IOException {
        Path jar = Files.writeString(temp.resolve("a.jar"), "content");
        String sha256 = Sha256.of(jar);
        Files.createDirectories(folder);
        Path orphan = Files.writeString(folder.resolve("x.tmp"), "half");
        Files.setLastModifiedTime(orphan, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
        // Another broker may be copying this one just now.
        Files.writeString(folder.resolve("y.tmp"), "half");

        jars.keep(sha256, jar);

        assertEquals(Stream.of(sha256 + ".jar", "y.tmp").sorted().toList(), kept());
    }

    private List<String> kept() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }
}
