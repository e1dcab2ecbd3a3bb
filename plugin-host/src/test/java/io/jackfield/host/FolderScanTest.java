package io.jackfield.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.host.fixture.FixtureJar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FolderScanTest {

    private static final long SETTLE_NS = 100;

    private final Path folder;
    private final Path outside;
    private final List<String> told = new ArrayList<>();
    private final FolderScan scan;
    private long nowNs;

    FolderScanTest(@TempDir Path root) throws IOException {
        folder = Files.createDirectory(root.resolve("plugins"));
        outside = Files.createDirectory(root.resolve("outside"));
        scan = new FolderScan(folder, SETTLE_NS, new Telling(told), PluginFolder.Known.NOTHING);
    }

    @Test
    void shouldReportAJarOnceItStayedTheSame() throws Exception {
        Path jar = jar("a", "1").writeTo(folder);
        assertTold(true, 0);
        assertTold(true, SETTLE_NS - 1);
        assertTold(false, 1, "appeared a.jar " + Sha256.of(jar));
        assertTold(false, SETTLE_NS);
    }

    @Test
    void shouldReportAChangeOfContentAndNothingElse() throws Exception {
        Path jar = settled("a", "1");
        Files.setLastModifiedTime(jar, java.nio.file.attribute.FileTime.fromMillis(1_000));
        assertTold(true, 1);
        assertTold(false, SETTLE_NS);

        jar("a", "2").writeTo(folder);
        assertTold(true, 1);
        assertTold(false, SETTLE_NS, "changed a.jar " + Sha256.of(jar));
    }

    @Test
    void shouldReportAJarThatIsGoneForLongEnough() throws Exception {
        Path jar = settled("a", "1");
        byte[] bytes = Files.readAllBytes(jar);
        Files.delete(jar);
        assertTold(true, 1);
        Files.write(jar, bytes);
        assertTold(true, SETTLE_NS);
        assertTold(false, SETTLE_NS);

        Files.delete(jar);
        assertTold(true, 1);
        assertTold(false, SETTLE_NS, "gone a.jar");
        Files.write(jar, bytes);
        assertTold(true, 1);
        assertTold(false, SETTLE_NS, "appeared a.jar " + Sha256.of(jar));
    }

    /** Any place in the tree that the jars are kept in. */
    @Test
    void shouldNameTheJarThatIsGoneAndNoOther() throws Exception {
        for (String name : List.of("a.jar", "b.jar", "c.jar", "d.jar", "e.jar", "f.jar", "g.jar")) {
            Files.writeString(folder.resolve(name), "no jar");
            assertTold(true, 1);
            assertTold(false, SETTLE_NS, "unreadable " + name);
        }
        for (String name : List.of("d.jar", "b.jar", "f.jar", "a.jar", "g.jar", "c.jar", "e.jar")) {
            Files.delete(folder.resolve(name));
            assertTold(true, 1);
            assertTold(false, SETTLE_NS, "gone " + name);
        }
    }

    @Test
    void shouldWaitForAJarThatIsStillGrowing() throws Exception {
        byte[] bytes = Files.readAllBytes(jar("a", "1").writeTo(outside));
        Path jar = folder.resolve("a.jar");
        for (int length = 0; length < bytes.length; length += 1 + bytes.length / 4) {
            Files.write(jar, Arrays.copyOf(bytes, length));
            assertTold(true, SETTLE_NS);
        }
        Files.write(jar, bytes);
        assertTold(true, SETTLE_NS);
        assertTold(false, SETTLE_NS, "appeared a.jar " + Sha256.of(jar));
    }

    @Test
    void shouldTellOnceThatAJarCannotBeReadAndReportItWhenItCan() throws Exception {
        byte[] bytes = Files.readAllBytes(jar("a", "1").writeTo(outside));
        Path jar = Files.write(folder.resolve("a.jar"), Arrays.copyOf(bytes, bytes.length - 1));
        assertTold(true, 0);
        assertTold(false, SETTLE_NS, "unreadable a.jar");
        assertTold(false, SETTLE_NS);

        Files.write(jar, bytes);
        assertTold(true, 1);
        assertTold(false, SETTLE_NS, "appeared a.jar " + Sha256.of(jar));
    }

    @Test
    void shouldKeepServingWhatItReportedWhileAnUnreadableFileTakesItsPlace() throws Exception {
        Path jar = settled("a", "1");
        Files.write(jar, new byte[] {1, 2, 3});
        assertTold(true, 1);
        assertTold(false, SETTLE_NS, "unreadable a.jar");
    }

    @Test
    void shouldReportTheSameBytesOnceMoreAfterHalfOfThemWereUnreadable() throws Exception {
        Path jar = settled("a", "1");
        byte[] bytes = Files.readAllBytes(jar);
        Files.write(jar, Arrays.copyOf(bytes, bytes.length / 2));
        assertTold(true, 1);
        assertTold(false, SETTLE_NS, "unreadable a.jar");

        Files.write(jar, bytes);
        assertTold(true, 1);
        assertTold(false, SETTLE_NS, "appeared a.jar " + Sha256.of(jar));
    }

    @Test
    void shouldIgnoreWhatIsNotAFinishedJar() throws Exception {
        Path jar = jar("a", "1").writeTo(outside);
        for (String name : List.of(".a.jar", "a.jar.part", "a.jar.tmp", "a.zip", "a.JAR", "a.jar.filepart")) {
            Files.copy(jar, folder.resolve(name));
            Optional<JarLook> look = JarLook.at(folder.resolve(name), SETTLE_NS);
            JarLook earlier = JarLook.at(folder.resolve(name), 0).orElseThrow();
            assertEquals(
                    JarReadiness.IGNORED, JarReadiness.of(name, Optional.of(earlier), look.orElseThrow(), SETTLE_NS));
        }
        Files.createDirectory(folder.resolve("folder.jar"));
        assertTold(false, 0);
        assertTold(false, SETTLE_NS);
    }

    @Test
    void shouldJudgeByTwoLooks() {
        JarLook first = new JarLook(10, 20, "i1", 0);
        assertEquals(JarReadiness.UNSETTLED, JarReadiness.of("a.jar", Optional.empty(), first, 100));
        assertEquals(JarReadiness.SETTLED, judge(first, new JarLook(10, 20, "i1", 100)));
        assertEquals(JarReadiness.UNSETTLED, judge(first, new JarLook(10, 20, "i1", 99)));
        assertEquals(JarReadiness.UNSETTLED, judge(first, new JarLook(11, 20, "i1", 100)));
        assertEquals(JarReadiness.UNSETTLED, judge(first, new JarLook(10, 21, "i1", 100)));
        assertEquals(JarReadiness.UNSETTLED, judge(first, new JarLook(10, 20, "i2", 100)));
        assertEquals(JarReadiness.UNSETTLED, judge(new JarLook(0, 20, "i1", 0), new JarLook(0, 20, "i1", 999)));
        assertEquals(JarReadiness.SETTLED, judge(new JarLook(0, 20, "i1", 0), new JarLook(0, 20, "i1", 1000)));
    }

    @Test
    void shouldTellOfAJarThatStaysEmptyButNotOfOneThatIsJustBegun() throws Exception {
        Path jar = Files.createFile(folder.resolve("a.jar"));
        assertTold(true, 0);
        assertTold(true, 9 * SETTLE_NS);
        assertTold(false, SETTLE_NS, "unreadable a.jar");
        jar("a", "1").writeTo(folder);
        assertTold(true, 1);
        assertTold(false, SETTLE_NS, "appeared a.jar " + Sha256.of(jar));
    }

    @Test
    void shouldTellWhichPluginsAreTurnedOff() throws Exception {
        DisabledMarker.set(folder, "a", true);
        assertTold(false, 0, "disabled [a]");
        assertTold(false, 1);
        assertEquals(Set.of("a"), DisabledMarker.in(folder));
        DisabledMarker.set(folder, "a", false);
        assertTold(false, 1, "disabled []");
    }

    @Test
    void shouldTellWhatHasGoneSinceItsListenerLooked() throws Exception {
        Path stays = jar("b", "1").writeTo(folder);
        PluginFolder.Known known = new PluginFolder.Known(Set.of(folder.resolve("a.jar"), stays), Set.of("a"));
        FolderScan seeded = new FolderScan(folder, SETTLE_NS, new Telling(told), known);

        assertTrue(seeded.scan(0));
        assertEquals(List.of("disabled []"), told);
        told.clear();
        assertFalse(seeded.scan(SETTLE_NS));
        assertEquals(List.of("appeared b.jar " + Sha256.of(stays), "gone a.jar"), told);
    }

    @Test
    void shouldForgetNothingWhenTheFolderCannotBeRead() throws Exception {
        Path jar = settled("a", "1");
        Path away = folder.resolveSibling("away");
        Files.move(folder, away);
        assertTold(false, SETTLE_NS, "unreadable plugins");
        assertTold(false, SETTLE_NS);

        Files.move(away, folder);
        assertTold(false, SETTLE_NS);
        assertTrue(Files.exists(jar));
        Files.move(folder, away);
        assertTold(false, SETTLE_NS, "unreadable plugins");
    }

    private static JarReadiness judge(JarLook first, JarLook second) {
        return JarReadiness.of("a.jar", Optional.of(first), second, 100);
    }

    private Path settled(String id, String content) throws IOException {
        Path jar = jar(id, content).writeTo(folder);
        scan.scan(nowNs);
        nowNs += SETTLE_NS;
        assertFalse(scan.scan(nowNs));
        assertEquals(List.of("appeared a.jar " + Sha256.of(jar)), told);
        told.clear();
        return jar;
    }

    private void assertTold(boolean unsettled, long afterNs, String... events) {
        nowNs += afterNs;
        assertEquals(unsettled, scan.scan(nowNs), "unsettled");
        assertEquals(List.of(events), told);
        told.clear();
    }

    private static FixtureJar jar(String id, String content) {
        return FixtureJar.plugin(id).entry("content", content);
    }

    private record Telling(List<String> told) implements PluginFolderListener {
        @Override
        public void appeared(Path jar, String sha256) {
            told.add("appeared " + jar.getFileName() + " " + sha256);
        }

        @Override
        public void changed(Path jar, String sha256) {
            told.add("changed " + jar.getFileName() + " " + sha256);
        }

        @Override
        public void gone(Path jar) {
            told.add("gone " + jar.getFileName());
        }

        @Override
        public void unreadable(Path path, String reason) {
            told.add("unreadable " + path.getFileName());
            assertFalse(reason.isBlank());
        }

        @Override
        public void disabled(Set<String> pluginIds) {
            told.add("disabled " + pluginIds);
        }
    }
}
