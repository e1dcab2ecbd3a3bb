package io.jackfield.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.host.fixture.FixtureJar;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every bad jar: its code, a cause that names what was found, a hint; and nothing of it is left. */
final class RefusalTest {

    private static final String OK = FixtureJar.handleMethod("return Reply.text(\"\");");

    private final Path folder;
    private final Path workDir;
    private PluginHost host;

    RefusalTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        workDir = folder.resolve("work");
        host = PluginHost.open(PluginHostSettings.defaults(workDir));
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    @Test
    void shouldRefuseWhatIsNotAFile() {
        assertRefused(ErrorCode.PLUGIN_UNREADABLE, "not a file", folder);
        assertRefused(ErrorCode.PLUGIN_UNREADABLE, "not a file", folder.resolve("absent.jar"));
    }

    @Test
    void shouldRefuseATruncatedJar() throws IOException {
        byte[] whole = Files.readAllBytes(good().writeTo(folder));
        for (int length : new int[] {0, 1, 100, whole.length / 2, whole.length - 1}) {
            Path cut = Files.write(folder.resolve("cut.jar"), Arrays.copyOf(whole, length));
            assertRefused(ErrorCode.PLUGIN_UNREADABLE, "cannot be read", cut);
        }
    }

    @Test
    void shouldRefuseAJarWithADamagedEntry() throws IOException {
        Path jar = good().entry("data", "some text to be damaged").writeTo(folder);
        byte[] bytes = Files.readAllBytes(jar);
        int name = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("data");
        bytes[name + 10] ^= 0x55;
        assertRefused(ErrorCode.PLUGIN_UNREADABLE, "cannot be read", Files.write(jar, bytes));
    }

    @Test
    void shouldRefuseAJarThatIsTooLarge() throws Exception {
        host.close();
        PluginHostSettings d = PluginHostSettings.defaults(workDir);
        host = PluginHost.open(new PluginHostSettings(
                workDir,
                d.configOf(),
                d.queueLengthMax(),
                500,
                1 << 20,
                d.selfTestTimeoutMs(),
                d.trust(),
                d.concurrency(),
                d.time()));
        assertRefused(ErrorCode.PLUGIN_UNREADABLE, "(expected: <= 500)", good());
    }

    @Test
    void shouldRefuseAJarThatUnpacksToFarMoreThanItIs() throws Exception {
        host.close();
        PluginHostSettings d = PluginHostSettings.defaults(workDir);
        host = PluginHost.open(new PluginHostSettings(
                workDir,
                d.configOf(),
                d.queueLengthMax(),
                1 << 20,
                1 << 20,
                d.selfTestTimeoutMs(),
                d.trust(),
                d.concurrency(),
                d.time()));
        assertRefused(
                ErrorCode.PLUGIN_UNREADABLE,
                "unpacks to more than 1048576 bytes",
                good().entry("zeros", "0".repeat(2 << 20)));
        host.load(good().entry("zeros", "0".repeat(500_000)).writeTo(folder), Optional.empty())
                .unload();
    }

    @Test
    void shouldRefuseAJarThatIsNotWhatTheCallerSaw() throws IOException {
        Path jar = good().writeTo(folder);
        PluginRefusedException refusal =
                assertThrows(PluginRefusedException.class, () -> host.load(jar, Optional.of("0".repeat(64))));
        assertEquals(ErrorCode.PLUGIN_UNREADABLE, refusal.failure().code());
        assertTrue(refusal.failure().cause().contains("changed while it was read"));
    }

    @Test
    void shouldRefuseAMissingManifest() throws IOException {
        Path jar = folder.resolve("bare.jar");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            zip.putNextEntry(new ZipEntry("a"));
        }
        assertRefused(ErrorCode.PLUGIN_BAD_MANIFEST, "no META-INF/MANIFEST.MF", jar);
    }

    @Test
    void shouldRefuseManifestEntriesThatAreMissingOrWrong() throws IOException {
        ErrorCode code = ErrorCode.PLUGIN_BAD_MANIFEST;
        assertRefused(code, "has no Plugin-Id", good().withoutManifest("Plugin-Id"));
        assertRefused(code, "has no Plugin-Version", good().withoutManifest("Plugin-Version"));
        assertRefused(code, "Plugin-Id: ../up", good().manifest("Plugin-Id", "../up"));
        assertRefused(code, "Plugin-Id: .hidden", good().manifest("Plugin-Id", ".hidden"));
        assertRefused(code, "Plugin-Id: " + "a".repeat(101), good().manifest("Plugin-Id", "a".repeat(101)));
        for (String version : new String[] {"not-semver", "1.0", "01.0.0", "1.0.0-", "1.0.0 "}) {
            assertRefused(code, "Plugin-Version: " + version, good().version(version));
        }
        assertRefused(code, "cannot be understood: java.io.IOException", good().rawManifest("garbage\n\u0001"));
        assertRefused(code, "no META-INF/MANIFEST.MF", good().rawManifest(""));
        assertRefused(code, "Plugin-Requires: at least", good().manifest("Plugin-Requires", "at least two"));
    }

    @Test
    void shouldRefuseAPluginForAnotherApi() throws IOException {
        assertRefused(
                ErrorCode.PLUGIN_INCOMPATIBLE,
                "requires plugin-api >=99.0.0, and this host has " + PluginManifest.API_VERSION,
                good().manifest("Plugin-Requires", ">=99.0.0"));
        assertRefused(ErrorCode.PLUGIN_INCOMPATIBLE, "plugin-api 1.0.0", good().manifest("Plugin-Requires", "1.0.0"));
    }

    @Test
    void shouldLoadAPluginForThisApi() throws Exception {
        for (String requires : new String[] {"*", "0.1.0", ">=0.1.0 & <1.0.0", "~0.1"}) {
            host.load(good().manifest("Plugin-Requires", requires).writeTo(folder), Optional.empty())
                    .unload();
        }
    }

    @Test
    void shouldRefuseAMissingDependencyButNotAnOptionalOne() throws Exception {
        assertRefused(
                ErrorCode.PLUGIN_DEPENDENCY,
                "p 1.0.0 needs base@>=1.0.0, and no plugin of that id is loaded",
                good().dependsOn("base@>=1.0.0", "more", "nice?@1.0.0"));
        host.load(good().dependsOn("nice?@1.0.0").writeTo(folder), Optional.empty())
                .unload();
    }

    @Test
    void shouldRefuseDependenciesThatCannotBeUnderstood() throws IOException {
        ErrorCode code = ErrorCode.PLUGIN_BAD_MANIFEST;
        assertRefused(code, "Plugin-Dependencies: a b (expected: ", good().dependsOn("a b"));
        assertRefused(code, "Plugin-Dependencies: a@new (expected: ", good().dependsOn("base", "a@new"));
        assertRefused(code, "Plugin-Dependencies: @1.0 (expected: ", good().dependsOn("@1.0"));
        assertRefused(code, "101 entries", good().dependsOn("a".repeat(101).split("(?<=a)", -1)));
        assertRefused(code, "Plugin-Exports: a.*", good().manifest("Plugin-Exports", "a.b, a.*"));
        assertRefused(ErrorCode.PLUGIN_DEPENDENCY, "depends on itself: p -> p", good().dependsOn("p@>=1.0"));
    }

    @Test
    void shouldRefuseAJarThatBundlesTheApi() throws IOException {
        assertRefused(
                ErrorCode.PLUGIN_BUNDLES_API,
                "io/jackfield/api/Own.class",
                good().sourceOf("io.jackfield.api.Own", "package io.jackfield.api; public class Own {}"));
        assertRefused(
                ErrorCode.PLUGIN_BUNDLES_API,
                "META-INF/versions/17/io/jackfield/api/X.class",
                good().entry("META-INF/versions/17/io/jackfield/api/X.class", ""));
    }

    @Test
    void shouldRefuseAJarWithoutAHandler() throws IOException {
        ErrorCode code = ErrorCode.PLUGIN_NO_HANDLER;
        assertRefused(code, "no META-INF/extensions.idx", good().withoutIndex());
        assertRefused(code, "names no class", FixtureJar.plugin("p"));
        assertRefused(code, "names fixture.p.Gone, which", good().indexing("fixture.p.Gone"));
        assertRefused(
                code,
                "fixture.p.X does not implement",
                FixtureJar.plugin("p").extension("X", "public class X implements org.pf4j.ExtensionPoint {}"));
        assertRefused(
                code,
                "fixture.p.X has no @Service",
                FixtureJar.plugin("p").extension("X", "public class X implements Handler {" + OK + "}"));
    }

    @Test
    void shouldRefuseServicesThatCannotBeServed() throws IOException {
        for (String name : new String[] {"", "a b", "a/b", "a@b", "jf.x", "mmi.x", "ä".repeat(128)}) {
            assertRefused(
                    ErrorCode.BAD_SERVICE_NAME,
                    "fixture.p.H0: service name",
                    FixtureJar.plugin("p").handler(name, "return null;"));
        }
        assertRefused(
                ErrorCode.PLUGIN_SERVICE_TAKEN,
                "serve same: fixture.p.H0 and fixture.p.H1",
                FixtureJar.plugin("p").handler("same", "return null;").handler("same", "return null;"));
    }

    @Test
    void shouldRefuseAnnotationValuesOutOfRange() throws IOException {
        for (String value : new String[] {"timeoutMs = -1", "concurrency = -1", "concurrency = 10001"}) {
            assertRefused(
                    ErrorCode.PLUGIN_START_FAILED,
                    value.replace(" = ", ": "),
                    FixtureJar.plugin("p").handler("name = \"s\", " + value, "implements Handler", OK));
        }
    }

    @Test
    void shouldRefuseAHandlerWhoseConstructorFails() throws IOException {
        assertRefused(
                ErrorCode.PLUGIN_START_FAILED,
                "constructor of fixture.p.H0 threw java.lang.IllegalStateException: no database at fixture.p.H0.<init>(",
                withMembers("public H0() { throw new IllegalStateException(\"no database\"); }"));
        assertRefused(
                ErrorCode.PLUGIN_START_FAILED,
                "the static initialiser of fixture.p.H0 threw java.lang.ArithmeticException: / by zero at fixture.p.H0.<clinit>(",
                withMembers("static int zero = 0; static int x = 1 / zero;"));
        assertRefused(
                ErrorCode.PLUGIN_START_FAILED,
                "java.lang.StackOverflowError",
                withMembers("public H0() { again(); } void again() { again(); }"));
        assertRefused(
                ErrorCode.PLUGIN_START_FAILED,
                "no public constructor without parameters",
                withMembers("public H0(int x) {}"));
    }

    @Test
    void shouldRefuseAPluginThatNeedsAMissingLibrary() throws IOException {
        Path lib = Files.createDirectory(folder.resolve("lib"));
        Path jar = withMembers("fixture.p.Lib lib = new Lib();")
                .source("Lib", "class Lib {}")
                .writeTo(lib);
        assertRefused(ErrorCode.PLUGIN_INCOMPATIBLE, "NoClassDefFoundError", without(jar, "fixture/p/Lib.class"));
    }

    @Test
    void shouldRefuseClassesOfANewerJava() throws IOException {
        assertRefused(
                ErrorCode.PLUGIN_INCOMPATIBLE,
                "fixture.p.H0 cannot be loaded: java.lang.UnsupportedClassVersionError",
                good().classFileVersion(99));
    }

    @Test
    void shouldRefuseAPluginClassThatDoesNotStart() throws IOException {
        ErrorCode code = ErrorCode.PLUGIN_START_FAILED;
        assertRefused(code, "fixture.p.None is not in the jar", good().manifest("Plugin-Class", "fixture.p.None"));
        assertRefused(code, "does not extend org.pf4j.Plugin", good().manifest("Plugin-Class", "java.lang.String"));
        assertRefused(
                code,
                "IllegalStateException: not today",
                good().manifest("Plugin-Class", "fixture.p.P")
                        .source(
                                "P",
                                "public class P extends org.pf4j.Plugin { public void start() {"
                                        + " throw new IllegalStateException(\"not today\"); } }"));
    }

    @Test
    void shouldRefuseAPluginWhoseSelfTestFails() throws IOException {
        assertRefused(
                ErrorCode.PLUGIN_START_FAILED,
                "self-test of service s threw java.io.IOException: no printer",
                withMembers("public void selfTest(HandlerContext c) throws Exception {"
                        + " if (!c.partial(Reply.text(\"\")) && c.remaining().toSeconds() > 5)"
                        + " throw new java.io.IOException(\"no printer\"); }"));
    }

    @Test
    void shouldCloseTheHandlersThatWereMadeBeforeOneFailed() throws IOException {
        Path seen = folder.resolve("seen");
        FixtureJar jar = FixtureJar.plugin("p")
                .handler(
                        "name = \"first\"",
                        "implements Handler, AutoCloseable",
                        OK + "public void close() throws Exception { java.nio.file.Files.createFile("
                                + "java.nio.file.Path.of(\"" + seen + "\")); }")
                .handler("name = \"second\"", "implements Handler", OK + "public H1() { throw new Error(\"x\"); }");
        assertRefused(ErrorCode.PLUGIN_START_FAILED, "java.lang.Error: x", jar);
        assertTrue(Files.exists(seen));
    }

    private static FixtureJar good() {
        return FixtureJar.plugin("p").handler("s", "return Reply.text(\"\");");
    }

    private static FixtureJar withMembers(String members) {
        return FixtureJar.plugin("p").handler("name = \"s\"", "implements Handler", OK + members);
    }

    private Path without(Path jar, String dropped) throws IOException {
        Path target = folder.resolve("without.jar");
        try (java.util.jar.JarFile from = new java.util.jar.JarFile(jar.toFile());
                ZipOutputStream to = new ZipOutputStream(Files.newOutputStream(target))) {
            for (java.util.jar.JarEntry entry : java.util.Collections.list(from.entries())) {
                if (!entry.getName().equals(dropped)) {
                    to.putNextEntry(new ZipEntry(entry.getName()));
                    from.getInputStream(entry).transferTo(to);
                }
            }
        }
        return target;
    }

    private void assertRefused(ErrorCode code, String cause, FixtureJar jar) throws IOException {
        assertRefused(code, cause, jar.writeTo(folder));
    }

    private void assertRefused(ErrorCode code, String cause, Path jar) {
        PluginRefusedException refusal =
                assertThrows(PluginRefusedException.class, () -> host.load(jar, Optional.empty()), cause);
        Failure failure = refusal.failure();
        assertEquals(code, failure.code(), failure::toString);
        assertTrue(failure.cause().contains(cause), failure::toString);
        assertFalse(failure.hint().isBlank(), failure::toString);
        assertEquals(0, copies(), "private copies left");
    }

    private long copies() {
        try (Stream<Path> files = Files.walk(workDir)) {
            return files.filter(file -> file.toString().endsWith(".jar")).count();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
