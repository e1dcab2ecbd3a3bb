package io.jackfield.broker.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.host.fixture.FixtureJar;
import io.jackfield.protocol.ErrorCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a plugin is, has or does is its own affair: others see nothing of it, and a person sees one line. */
final class IsolationTest {
    private static final String HANDLE = FixtureJar.handleMethod("return Reply.text(\"\");");

    /** Long enough for a slow machine that loads all of them at once. */
    private static final long LOAD_MS = 5_000;

    private final Path dir;

    /** Each bad jar by its file, with what its one line must say. */
    private final Map<String, Refusal> bad = new LinkedHashMap<>();

    private record Refusal(ErrorCode code, String cause) {}

    IsolationTest(@TempDir Path temp) {
        this.dir = temp.resolve("plugins");
    }

    @Test
    void shouldGiveEachPluginItsOwnVersionOfALibrary() throws Exception {
        try (Folder folder = new Folder(dir, 20_000).start()) {
            using("elder", "1").writeTo(dir);
            using("younger", "2").writeTo(dir);
            folder.await("elder.jar", "serving");
            folder.await("younger.jar", "serving");

            assertEquals("version 1 from elder", folder.ask("elder", ""));
            assertEquals("version 2 from younger", folder.ask("younger", ""));
        }
    }

    private static FixtureJar using(String id, String version) {
        return FixtureJar.plugin(id)
                .sourceOf(
                        "lib.Library",
                        "package lib; public class Library { public static int calls;"
                                + " public static String v" + version + "() { return \"version " + version + "\" +"
                                + " (calls++ == 0 ? \" from \" : \" again from \"); } }")
                .entry("lib/name.txt", id)
                .handler(
                        id,
                        "String name = new String(lib.Library.class.getResourceAsStream(\"/lib/name.txt\").readAllBytes());"
                                + " return Reply.text(lib.Library.v" + version + "() + name);");
    }

    @Test
    void shouldRefuseWhatIsBadWithOneLineEachWhileAnotherAnswers() throws Exception {
        try (Folder folder = new Folder(dir, 20_000, LOAD_MS).start();
                LogTap all = new LogTap("io.jackfield");
                LogTap pf4j = new LogTap("org.pf4j")) {
            Folder.saying("good", "good", "good").writeTo(dir);
            folder.await("good.jar", "serving");
            AtomicBoolean over = new AtomicBoolean();
            CompletableFuture<Integer> asker = CompletableFuture.supplyAsync(() -> answers(folder, over));
            badCode();
            badManifests();
            badClasses();

            for (Map.Entry<String, Refusal> one : bad.entrySet()) {
                PluginView view = folder.awaitRefused(
                        one.getKey(), one.getValue().code(), one.getValue().cause());
                assertTrue(view.reason().matches("(?s).+ \\([^()].+\\)"), "no hint: " + view.reason());
                List<String> lines = Stream.concat(all.lines(one.getKey()).stream(), pf4j.lines("").stream())
                        .filter(line -> !line.startsWith("INFO"))
                        .toList();
                assertEquals(List.of("WARN plugin " + one.getKey() + " is refused: " + view.reason()), lines);
            }
            over.set(true);
            assertTrue(asker.get(Asked.WAIT_S, TimeUnit.SECONDS) > 100, "it was not asked while all that happened");
            long warnings = all.lines("").stream()
                    .filter(line -> !line.startsWith("INFO"))
                    .count();
            assertEquals(bad.size(), warnings, () -> "lines: " + all.lines(""));
            assertEquals(0, folder.bench.snapshot().services().get(0).failed());
            assertEquals(1, folder.copies().size(), "copies of refused jars");
        }
    }

    private static int answers(Folder folder, AtomicBoolean over) {
        int count = 0;
        try {
            while (!over.get()) {
                assertEquals("good", folder.ask("good", ""));
                count++;
            }
            return count;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void badManifests() throws Exception {
        ErrorCode code = ErrorCode.PLUGIN_BAD_MANIFEST;
        drop(code, "no META-INF/MANIFEST.MF", plain("no-manifest").rawManifest(""));
        drop(code, "META-INF/MANIFEST.MF cannot be understood", plain("garbage").rawManifest("garbage\n\u0001"));
        drop(code, "the manifest has no Plugin-Id", plain("no-id").withoutManifest("Plugin-Id"));
        drop(code, "Plugin-Version: newest", plain("bad-version").version("newest"));
        drop(code, "Plugin-Dependencies: a b", plain("bad-dependency").dependsOn("a b"));
        drop(
                ErrorCode.PLUGIN_INCOMPATIBLE,
                "requires plugin-api >=99.0.0",
                plain("future").manifest("Plugin-Requires", ">=99.0.0"));
        drop(ErrorCode.PLUGIN_DEPENDENCY, "self -> self", plain("self").dependsOn("self"));
    }

    private void badClasses() throws Exception {
        drop(
                ErrorCode.PLUGIN_BUNDLES_API,
                "io/jackfield/api/Handler.class",
                plain("bundling").entry("io/jackfield/api/Handler.class", ""));
        ErrorCode none = ErrorCode.PLUGIN_NO_HANDLER;
        drop(none, "no META-INF/extensions.idx", plain("unindexed").withoutIndex());
        drop(none, "names gone.Handler, which", plain("absent").indexing("gone.Handler"));
        drop(none, "does not implement", FixtureJar.plugin("no-handler").extension("X", "public class X {}"));
        drop(
                ErrorCode.PLUGIN_INCOMPATIBLE,
                "UnsupportedClassVersionError",
                plain("newer").classFileVersion(99));
    }

    private void badCode() throws Exception {
        ErrorCode code = ErrorCode.PLUGIN_START_FAILED;
        String thrown = "throw new IllegalStateException(\"no database\");";
        drop(
                code,
                "hangs in fixture.hanging.H0.<init>",
                having(
                        "hanging",
                        "public H0() { try { Thread.sleep(60_000); } catch (InterruptedException e) { return; } }"));
        drop(code, "the constructor of", having("constructor", "public H0() { " + thrown + " }"));
        drop(code, "the static initialiser of", having("initialiser", "static int zero = 0; static int x = 1 / zero;"));
        drop(code, "no public constructor", having("closed", "private H0() {}"));
        drop(
                code,
                "self-test of service tested threw",
                having("tested", "@Override public void selfTest(HandlerContext context) { " + thrown + " }"));
        drop(
                code,
                "plugin starting does not start: java.lang.IllegalStateException: no database at fixture.starting.P.start(",
                plain("starting")
                        .manifest("Plugin-Class", "fixture.starting.P")
                        .source(
                                "P",
                                "public class P extends org.pf4j.Plugin { public void start() { " + thrown + " } }"));
    }

    @Test
    void shouldTellInOneLineOfAStopThatThrows() throws Exception {
        try (Folder folder = new Folder(dir, 20_000).start();
                LogTap all = new LogTap("io.jackfield");
                LogTap pf4j = new LogTap("org.pf4j")) {
            Path jar = plain("stopping")
                    .manifest("Plugin-Class", "fixture.stopping.P")
                    .source(
                            "P",
                            "public class P extends org.pf4j.Plugin { public void stop() { throw new Error(\"no\"); } }")
                    .writeTo(dir);
            folder.await("stopping.jar", "serving");

            Files.delete(jar);

            Bench.await("it is still there", () -> folder.views().isEmpty());
            List<String> told = all.lines("WARN");
            assertEquals(1, told.size(), told::toString);
            assertTrue(
                    told.get(0)
                            .startsWith(
                                    "WARN plugin stopping: cannot stop it: java.lang.Error: no at fixture.stopping.P.stop("),
                    told::toString);
            assertEquals(
                    List.of(),
                    pf4j.lines("stopping").stream()
                            .filter(line -> !line.startsWith("INFO"))
                            .toList());
        }
    }

    private static FixtureJar plain(String id) {
        return having(id, "");
    }

    private static FixtureJar having(String id, String members) {
        return FixtureJar.plugin(id).handler("name = \"" + id + "\"", "implements Handler", members + HANDLE);
    }

    private void drop(ErrorCode code, String cause, FixtureJar jar) throws Exception {
        bad.put(String.valueOf(jar.writeTo(dir).getFileName()), new Refusal(code, cause));
    }
}
