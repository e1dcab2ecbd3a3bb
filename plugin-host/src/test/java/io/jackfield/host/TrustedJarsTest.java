package io.jackfield.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.host.TrustedJars.Entry;
import io.jackfield.host.fixture.FixtureJar;
import io.jackfield.protocol.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The list of jars that may be loaded. */
final class TrustedJarsTest {
    private static final String A = "a".repeat(64);
    private static final String B = "b".repeat(64);

    private final Path temp;
    private final Path file;
    private final TrustedJars trust;

    TrustedJarsTest(@TempDir Path temp) {
        this.temp = temp;
        this.file = temp.resolve("trusted.txt");
        this.trust = TrustedJars.listedIn(file);
    }

    @Test
    void shouldReadWhatSha256sumWritesAndKeepCommentsWhenItChanges() throws Exception {
        Files.writeString(file, "# ours\n\n" + A.toUpperCase(java.util.Locale.ROOT) + " *a b.jar\n" + B + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertEquals(List.of(new Entry(A, "a b.jar"), new Entry(B, "")), trust.entries());
        assertTrue(trust.trusts(A));

        trust.add(new Entry(B, "again.jar"));
        trust.add(new Entry("c".repeat(64), "c\nd.jar"));
        assertTrue(trust.remove(B));
        assertFalse(trust.remove(B));

        assertEquals(
                "# ours\n\n" + A.toUpperCase(java.util.Locale.ROOT) + " *a b.jar\n" + "c".repeat(64) + "  c d.jar\n",
                Files.readString(file));
        assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        try (Stream<Path> files = Files.list(temp)) {
            assertEquals(List.of(file), files.toList());
        }
    }

    @Test
    void shouldTrustNothingWhereTheListIsMissingOrCannotBeUnderstood() throws Exception {
        assertFalse(trust.trusts(A));
        assertEquals(List.of(), trust.entries());

        Files.writeString(file, A + "  a.jar\nabc  b.jar\n");
        assertFalse(trust.trusts(A));
        IOException wrong = assertThrows(IOException.class, () -> trust.add(new Entry(B, "")));
        assertEquals(file + ":2: abc  b.jar (expected: a SHA-256, two spaces, a name)", wrong.getMessage());
        assertEquals(A + "  a.jar\nabc  b.jar\n", Files.readString(file));
        assertThrows(IllegalArgumentException.class, () -> trust.add(new Entry("abc", "")));
    }

    @Test
    void shouldMakeTheListWithAWordOnWhatItIs() throws Exception {
        trust.add(new Entry(A, "a.jar"));
        assertTrue(Files.readString(file).startsWith("# Plugin jars"));
        assertEquals(List.of(new Entry(A, "a.jar")), trust.entries());
        assertTrue(TrustedJars.every().trusts(B));
    }

    @Test
    void shouldLoadNothingButWhatIsTrusted() throws Exception {
        Path jar = FixtureJar.plugin("p").handler("s", "return null;").writeTo(temp);
        Path work = temp.resolve("work");
        try (PluginHost host = PluginHost.open(PluginHostSettings.defaults(work).withTrust(trust))) {
            PluginRefusedException refused =
                    assertThrows(PluginRefusedException.class, () -> host.load(jar, Optional.empty()));
            assertEquals(ErrorCode.PLUGIN_NOT_TRUSTED, refused.failure().code());
            assertEquals(
                    "the jar's SHA-256 " + Sha256.of(jar) + " is not in " + file,
                    refused.failure().cause());
            try (Stream<Path> left = Files.walk(work)) {
                assertFalse(left.anyMatch(path -> path.toString().endsWith(".jar")));
            }

            trust.add(new Entry(Sha256.of(jar), "p.jar"));
            host.load(jar, Optional.empty()).unload();

            Files.writeString(file, "nonsense\n");
            refused = assertThrows(PluginRefusedException.class, () -> host.load(jar, Optional.empty()));
            assertTrue(refused.failure().cause().startsWith("no jar can be trusted: " + file + ":1: "));
        }
    }
}
