package io.jackfield.broker.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.host.fixture.FixtureJar;
import io.jackfield.protocol.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plugins that are broken, hang, or do not end: each alone has to bear it. */
final class BadPluginsTest {
    private static final String HANDLE = FixtureJar.handleMethod("return Reply.text(\"\");");

    private final Path temp;
    private final Path gate;
    private final Path dir;

    BadPluginsTest(@TempDir Path temp) {
        this.temp = temp;
        this.gate = temp.resolve("gate");
        this.dir = temp.resolve("plugins");
    }

    @Test
    void shouldRefuseEveryKindOfBadJarWhileAllElseGoesOn() throws Exception {
        try (Folder folder = new Folder(dir, 20_000).start()) {
            Folder.saying("good", "s", "good").writeTo(dir);
            folder.await("good.jar", "serving");
            byte[] whole = Files.readAllBytes(Folder.saying("x", "sx", "x").writeTo(temp));
            Files.write(dir.resolve("cut.jar"), Arrays.copyOf(whole, whole.length / 2));
            Files.writeString(dir.resolve("text.jar"), "this is no jar at all");
            Folder.saying("nomanifest", "sx", "").withoutManifest("Plugin-Id").writeTo(dir);
            Folder.saying("noindex", "sx", "").withoutIndex().writeTo(dir);
            Folder.saying("bundle", "sx", "")
                    .entry("io/jackfield/api/Handler.class", "")
                    .writeTo(dir);
            Folder.saying("future", "sx", "")
                    .manifest("Plugin-Requires", ">=99.0.0")
                    .writeTo(dir);
            Folder.saying("reserved", "jf.sx", "").writeTo(dir);
            throwing("constructor", "new IllegalStateException(\"no database\")")
                    .writeTo(dir);
            throwing("outofmemory", "new OutOfMemoryError(\"a plugin's\")").writeTo(dir);
            selfTest("selftest", "throw new InternalError(\"self\");").writeTo(dir);

            folder.awaitRefused("cut.jar", ErrorCode.PLUGIN_UNREADABLE, "");
            folder.awaitRefused("text.jar", ErrorCode.PLUGIN_UNREADABLE, "");
            folder.awaitRefused("nomanifest.jar", ErrorCode.PLUGIN_BAD_MANIFEST, "no Plugin-Id");
            folder.awaitRefused("noindex.jar", ErrorCode.PLUGIN_NO_HANDLER, "extensions.idx");
            folder.awaitRefused("bundle.jar", ErrorCode.PLUGIN_BUNDLES_API, "Handler.class");
            folder.awaitRefused("future.jar", ErrorCode.PLUGIN_INCOMPATIBLE, ">=99.0.0");
            folder.awaitRefused("reserved.jar", ErrorCode.BAD_SERVICE_NAME, "jf.sx");
            folder.awaitRefused("constructor.jar", ErrorCode.PLUGIN_START_FAILED, "no database");
            folder.awaitRefused("outofmemory.jar", ErrorCode.PLUGIN_START_FAILED, "a plugin's");
            folder.awaitRefused("selftest.jar", ErrorCode.PLUGIN_START_FAILED, "self");

            assertEquals("good", folder.ask("s", ""));
            assertEquals(11, folder.views().size());
            assertEquals(1, folder.copies().size(), "copies of refused jars");
            for (PluginView view : folder.views()) {
                int told = view.state().equals("refused") ? 1 : 0;
                assertEquals(
                        told,
                        folder.log
                                .lines("WARN plugin " + view.file() + " is refused: " + view.reason())
                                .size(),
                        view::toString);
            }
            Files.delete(dir.resolve("cut.jar"));
            folder.awaitNo("cut.jar", "refused");
        }
    }

    private static FixtureJar throwing(String id, String thrown) {
        return FixtureJar.plugin(id)
                .handler("name = \"sx\"", "implements Handler", "public H0() { throw " + thrown + "; }" + HANDLE);
    }

    private static FixtureJar selfTest(String id, String body) {
        return FixtureJar.plugin(id)
                .handler(
                        "name = \"sx\"",
                        "implements Handler",
                        "@Override public void selfTest(HandlerContext context) { " + body + " }" + HANDLE);
    }

    @Test
    void shouldGoOnWithAllElseWhileAPluginHangsInItsConstructor() throws Exception {
        try (Folder folder = new Folder(dir, 20_000).start()) {
            Folder.saying("good", "s", "good").writeTo(dir);
            folder.await("good.jar", "serving");
            hanging().writeTo(dir);
            folder.await("hanging.jar", "loading");
            Folder.saying("later", "t", "later").writeTo(dir);

            for (int i = 0; i < 100; i++) {
                assertEquals("good", folder.ask("s", ""));
            }
            folder.await("later.jar", "serving");
            folder.await("hanging.jar", "loading");
            Files.writeString(gate, "");

            folder.await("hanging.jar", "serving");
        }
    }

    @Test
    void shouldStartWithoutAPluginThatHangsAndLetRequestsWaitForIt() throws Exception {
        Files.createDirectories(dir);
        Folder.settled(hanging().writeTo(dir));
        Folder.settled(Folder.saying("good", "s", "good").writeTo(dir));
        long begunNs = System.nanoTime();
        try (Folder folder = new Folder(dir, 20_000).start()) {
            long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begunNs);
            assertTrue(tookMs < 5_000, tookMs + " ms");
            folder.await("good.jar", "serving");
            Asked waiting = folder.bench.ask("h", "");
            assertEquals("good", folder.ask("s", ""));
            waiting.assertNothingMore();
            Files.writeString(gate, "");

            assertEquals("", waiting.text());
        }
    }

    @Test
    void shouldReplaceAPluginWhoseStopHangsAndTellOfIt() throws Exception {
        String hang = "while (!java.nio.file.Files.exists(java.nio.file.Path.of(\"" + gate + "\"))) {"
                + " try { Thread.sleep(2); } catch (InterruptedException e) { } }";
        try (Folder folder = new Folder(dir, 20_000, 300).start()) {
            FixtureJar.plugin("p")
                    .manifest("Plugin-Class", "fixture.p.P")
                    .source("P", "public class P extends org.pf4j.Plugin { public void stop() {" + hang + "} }")
                    .handler("s", "return Reply.text(\"old\");")
                    .writeTo(dir);
            folder.await("p.jar", "serving");
            Folder.saying("p", "s", "new").version("2.0.0").writeTo(dir);
            PluginView stuck = folder.await("p.jar", "stuck");
            assertTrue(stuck.reason().contains("hangs in fixture.p.P.stop("), stuck::reason);
            assertEquals("new", folder.ask("s", ""));
            Files.writeString(gate, "");

            folder.awaitNo("p.jar", "stuck");
            assertEquals("new", folder.ask("s", ""));
        }
    }

    @Test
    void shouldCloseWhileAPluginIsBeingLoaded() throws Exception {
        Folder folder = new Folder(dir, 20_000).start();
        Folder.saying("good", "s", "good").writeTo(dir);
        folder.await("good.jar", "serving");
        hanging().writeTo(dir);
        folder.await("hanging.jar", "loading");
        long begunNs = System.nanoTime();

        folder.close();

        long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begunNs);
        assertTrue(tookMs < 10_000, tookMs + " ms");
    }

    private FixtureJar hanging() {
        String wait = "while (!java.nio.file.Files.exists(java.nio.file.Path.of(\"" + gate + "\"))) {"
                + " try { Thread.sleep(2); } catch (InterruptedException e) { throw new IllegalStateException(e); } }";
        return FixtureJar.plugin("hanging")
                .handler("name = \"h\"", "implements Handler", "public H0() {" + wait + "}" + HANDLE);
    }

    @Test
    void shouldAbandonWhatIsLeftWhenTheTimeForDrainingIsOver() throws Exception {
        try (Folder folder = new Folder(dir, 100).start()) {
            String deaf = "java.nio.file.Files.writeString(java.nio.file.Path.of(request.text()), \"\");"
                    + "while (!context.isCancelled()) { Thread.onSpinWait(); } return Reply.text(\"late\");";
            Path jar = FixtureJar.plugin("deaf").handler("s", deaf).writeTo(dir);
            folder.await("deaf.jar", "serving");
            Asked asked = folder.bench.ask("s", gate.toString());
            Bench.await("the handler was not entered", () -> Files.exists(gate));

            Files.delete(jar);

            assertTrue(
                    asked.failure(ErrorCode.WORKER_LOST).cause().contains("100 ms were not enough to finish"),
                    "the cause");
            Bench.await("the plugin is still there", () -> folder.views().isEmpty());
            assertEquals(0, folder.copies().size());
            folder.bench.awaitNothingInFlight();
            asked.assertNothingMore();
        }
    }

    @Test
    void shouldLeaveNothingOfAPluginInMemory() throws Exception {
        try (Folder folder = new Folder(dir, 20_000).start()) {
            Path jar = FixtureJar.plugin("a")
                    .handler("s", "return Reply.text(getClass().getName() + \"@\" + V.LUE.length);")
                    .source("V", "class V { static final byte[] LUE = new byte[1000]; }")
                    .writeTo(dir);
            folder.await("a.jar", "serving");
            assertEquals("fixture.a.H0@1000", folder.ask("s", ""));
            assertEquals(1, loadersOf("fixture.a"));

            Files.delete(jar);
            Bench.await("the plugin is still there", () -> folder.views().isEmpty());

            Bench.await("its class loader is still in memory", () -> loadersOf("fixture.a") == 0);
        }
    }

    /** A Java process counts its class loaders nowhere but in a histogram of its heap, which collects what is unreachable first. */
    private static int loadersOf(String packageName) {
        try {
            Object histogram = java.lang.management.ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new javax.management.ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "gcClassHistogram",
                            new Object[] {new String[0]},
                            new String[] {String[].class.getName()});
            return String.valueOf(histogram).contains(packageName + ".H0") ? 1 : 0;
        } catch (javax.management.JMException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldSayWhichFolderCannotBeUsed() throws Exception {
        Files.writeString(dir, "a file where the folder should be");
        try (Folder folder = new Folder(dir, 20_000)) {
            IOException e = assertThrows(IOException.class, folder::start);

            assertTrue(e.toString().contains("plugins.dir: " + dir + ": cannot be used as a folder: "), e::toString);
        }
    }
}
