package io.jackfield.broker.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.host.fixture.FixtureJar;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of plugins that went. */
final class UnloadsTest {
    /** Started by the plugin, and not ended by it. */
    private static final String TICKER = "public static final CountDownLatch END = new CountDownLatch(1);"
            + "static { Thread t = new Thread(() -> { try { END.await(); } catch (InterruptedException e) { } },"
            + " \"price-ticker\"); t.setDaemon(true); t.start(); }";

    private final Folder folder;

    UnloadsTest(@TempDir Path temp) throws Exception {
        folder = new Folder(temp.resolve("plugins"), 20_000).start();
    }

    @AfterEach
    void close() {
        folder.close();
    }

    @Test
    void shouldProveThatNothingIsLeftOfAPluginThatWasReplaced() throws Exception {
        Folder.saying("p", "s", "one").writeTo(folder.dir);
        folder.await("p.jar", "serving");
        assertEquals("one", folder.ask("s", ""));
        Folder.saying("p", "s", "two").version("2.0.0").writeTo(folder.dir);

        Bench.await(
                "the first is not collected: " + folder.views(),
                () -> folder.unloads().collected() == 1);
        assertEquals(new UnloadCounts(1, 1, 0), folder.unloads());
        Bench.await("the history does not tell", () -> outcomes().size() == 2);
        assertEquals(List.of("unloaded 1", "collected 1"), outcomes());
        assertEquals(1, folder.log.lines("is collected after ").size());
        assertEquals(List.of(), folder.log.lines("WARN"));
        assertEquals("two", folder.ask("s", ""));
    }

    @Test
    void shouldNameTheThreadThatKeepsAPluginInMemoryUntilItEnds() throws Exception {
        String asked = "Class.forName(getClass().getPackageName() + \".Ticker\"); return Reply.text(\"tick\");";
        FixtureJar.plugin("p")
                .handler("s", asked)
                .source("Ticker", "public class Ticker {" + TICKER + "}")
                .writeTo(folder.dir);
        folder.await("p.jar", "serving");
        assertEquals("tick", folder.ask("s", ""));
        Folder.saying("p", "s", "two").version("2.0.0").writeTo(folder.dir);

        PluginView pinned = folder.await("p.jar", "pinned");
        assertEquals("1.0.0 1", pinned.version() + " " + pinned.generation());
        String reason = pinned.reason();
        assertTrue(reason.contains("kept by thread \"price-ticker\" (WAITING) at fixture.p.Ticker."), reason);
        assertEquals(new UnloadCounts(1, 0, 1), folder.unloads());
        assertEquals(1, folder.log.lines("WARN p@1.0.0#1-").size());
        assertEquals(List.of("unloaded 1", "pinned 1"), outcomes());
        assertEquals("two", folder.ask("s", ""));

        Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("price-ticker"))
                .forEach(Thread::interrupt);
        Bench.await("it stays in memory after all", () -> {
            System.gc();
            return folder.unloads().collected() == 1;
        });
        folder.awaitNo("p.jar", "pinned");
        assertEquals(new UnloadCounts(1, 1, 0), folder.unloads());
    }

    @Test
    void shouldTellWhereToLookForWhatCannotBeSeen() throws Exception {
        // The system properties are the host's, and hold an object of the plugin.
        FixtureJar.plugin("p")
                .handler("s", "System.getProperties().put(\"jackfield.test.left\", new H0()); return Reply.text(\"\");")
                .writeTo(folder.dir);
        folder.await("p.jar", "serving");
        folder.ask("s", "");
        Folder.saying("p", "s", "two").version("2.0.0").writeTo(folder.dir);
        try {
            String reason = folder.await("p.jar", "pinned").reason();
            assertTrue(
                    reason.contains(
                            "jcmd " + ProcessHandle.current().pid() + " GC.heap_dump FILE, and look for the class"
                                    + " loader io.jackfield.host.ApiClassLoader whose field generation is p@1.0.0#1-"),
                    reason);
        } finally {
            System.getProperties().remove("jackfield.test.left");
        }
    }

    private List<String> outcomes() {
        try {
            return folder.history("p").stream()
                    .filter(change -> change.change().equals("unloaded"))
                    .map(change -> change.outcome() + " " + change.generation())
                    .toList();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
