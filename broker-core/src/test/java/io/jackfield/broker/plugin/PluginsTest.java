package io.jackfield.broker.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.dispatch.DispatchLimits;
import io.jackfield.broker.dispatch.DispatchSnapshot.WorkerView;
import io.jackfield.host.fixture.FixtureJar;
import io.jackfield.protocol.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jars that come, go and change while the broker runs. */
final class PluginsTest {
    private static final long SERVING_MS_MAX = 2_000;

    /** Answers when a file of that name appears beside the jar folder, and says which plugin it was. */
    private static final String WAITING = "java.nio.file.Path gate = java.nio.file.Path.of(request.text());"
            + "java.nio.file.Files.writeString(gate.resolveSibling(\"entered\"), \"\");"
            + "while (!java.nio.file.Files.exists(gate)) { Thread.sleep(2); }";

    private final Path temp;
    private final Path gate;
    private final Folder folder;
    private final ExecutorService clientThreads = Executors.newCachedThreadPool();

    PluginsTest(@TempDir Path temp) throws IOException {
        this.temp = temp;
        this.gate = temp.resolve("gate");
        this.folder = new Folder(temp.resolve("plugins"), 20_000);
    }

    @AfterEach
    void close() throws Exception {
        clientThreads.shutdownNow();
        folder.close();
    }

    @Test
    void shouldServeWhatLiesThereWhenItStarts() throws Exception {
        Files.createDirectories(folder.dir);
        Folder.settled(Folder.saying("a", "sa", "A").version("1.2.3").writeTo(folder.dir));
        Folder.settled(Folder.saying("b", "sb", "B").writeTo(folder.dir));
        Folder.settled(Files.writeString(folder.dir.resolve("bad.jar"), "no jar"));
        Folder.settled(Files.writeString(folder.dir.resolve("notes.txt"), "no jar"));
        Folder.settled(Files.writeString(folder.dir.resolve(".hidden.jar"), "no jar"));

        folder.start();

        assertEquals("A", folder.ask("sa", ""));
        assertEquals("B", folder.ask("sb", ""));
        List<PluginView> views = folder.views();
        assertEquals(3, views.size());
        PluginView a = views.get(0);
        assertEquals(
                new PluginView(
                        "a",
                        "1.2.3",
                        "serving",
                        1,
                        List.of("sa"),
                        a.sha256(),
                        "a.jar",
                        "",
                        List.of(),
                        List.of(),
                        a.handlers()),
                a);
        assertEquals("sa", a.handlers().get(0).service());
        assertEquals(64, a.sha256().length());
        folder.awaitRefused("bad.jar", ErrorCode.PLUGIN_UNREADABLE, "");
        // The folder's own first look finds them again, and has nothing to add.
        Folder.saying("c", "sc", "C").writeTo(folder.dir);
        folder.await("c.jar", "serving");
        assertEquals(1, folder.log.lines("plugin bad.jar is refused").size());
        assertEquals(1, folder.log.lines("serves [sa]").size());
    }

    /** No worker has more requests than that in hand, and what is told of a handler is what it can have. */
    @Test
    void shouldSayThatAHandlersConcurrencyIsCutToTheCreditOfAWorker() throws Exception {
        int creditMax = DispatchLimits.DEFAULT.workerCreditMax();
        folder.start();
        try (LogTap log = new LogTap("io.jackfield.host")) {
            FixtureJar.plugin("wide")
                    .handler(
                            "name = \"s\", concurrency = 3000",
                            "implements Handler",
                            FixtureJar.handleMethod("return Reply.text(\"wide\");"))
                    .writeTo(folder.dir);
            PluginView view = folder.await("wide.jar", "serving");

            assertEquals("wide", folder.ask("s", ""));
            assertEquals(creditMax, view.handlers().get(0).concurrency());
            assertEquals(
                    List.of(
                            "WARN wide#1: the concurrency of s, 3000, is cut to " + creditMax
                                    + ", all that limits.worker-credit-max allows: set that to 3000 if so many calls are to run at a time"),
                    log.lines("concurrency"));
        }
    }

    @Test
    void shouldServeAFolderThatIsALink() throws Exception {
        Path real = Files.createDirectories(temp.resolve("real"));
        Folder.settled(Folder.saying("a", "sa", "A").writeTo(real));
        Files.createSymbolicLink(folder.dir, real);

        folder.start();

        assertEquals("A", folder.ask("sa", ""));
    }

    @Test
    void shouldServeADroppedJarWithinTwoSecondsAndStopItWhenItGoes() throws Exception {
        folder.start();
        long begunNs = System.nanoTime();
        Path jar = Folder.saying("a", "sa", "A").writeTo(folder.dir);
        folder.await("a.jar", "serving");
        long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begunNs);

        assertEquals("A", folder.ask("sa", ""));
        assertTrue(tookMs < SERVING_MS_MAX, tookMs + " ms");
        WorkerView worker = folder.bench.snapshot().workers().get(0);
        assertEquals(List.of("sa"), worker.services());
        assertTrue(worker.description().startsWith("plugin a@1.0.0#1-"), worker::description);

        Files.delete(jar);

        Bench.await("the plugin is still there", () -> folder.views().isEmpty());
        assertEquals(List.of(), folder.bench.snapshot().workers());
        assertEquals(List.of(), folder.copies());
        assertEquals(1, folder.log.lines("is unloaded").size());
    }

    @Test
    void shouldAnswerWhatWasInFlightWhenItsJarGoes() throws Exception {
        folder.start();
        Path jar = FixtureJar.plugin("a")
                .handler("sa", WAITING + "return Reply.text(\"in time\");")
                .writeTo(folder.dir);
        folder.await("a.jar", "serving");
        Asked asked = folder.bench.ask("sa", gate.toString());
        awaitEntered();

        Files.delete(jar);
        PluginView draining = folder.await("a.jar", "draining");
        assertEquals(List.of("sa"), draining.services());
        assertEquals(1, folder.copies().size());
        asked.assertNothingMore();
        Files.writeString(gate, "");

        assertEquals("in time", asked.text());
        Bench.await("the plugin is still there", () -> folder.views().isEmpty());
        assertEquals(List.of(), folder.copies());
    }

    @Test
    void shouldReplaceAPluginUnderLoadWithoutAFailedRequest() throws Exception {
        folder.start();
        versioned(1).writeTo(folder.dir, "p.jar");
        folder.await("p.jar", "serving");
        AtomicBoolean over = new AtomicBoolean();
        List<CompletableFuture<List<String>>> clients = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            clients.add(CompletableFuture.supplyAsync(() -> askUntil(over), clientThreads));
        }

        for (int version = 2; version <= 5; version++) {
            // By turns the same file with other content, and another file with the same plugin.
            String file = version % 2 == 0 ? "p.jar" : "p-" + version + ".jar";
            versioned(version).writeTo(folder.dir, file);
            String expected = "v" + version;
            Bench.await(expected + " does not serve", () -> isAnswered(expected));
        }
        over.set(true);

        for (CompletableFuture<List<String>> client : clients) {
            List<String> answers = client.get(Asked.WAIT_S, TimeUnit.SECONDS);
            assertEquals("v1", answers.get(0));
            assertEquals("v5", answers.get(answers.size() - 1));
        }
        assertEquals(0, folder.bench.snapshot().services().get(0).failed());
        Bench.await(
                "an old one is still there",
                () -> folder.view("p.jar", "draining").isEmpty()
                        && folder.view("p-3.jar", "draining").isEmpty());
        assertEquals(1, folder.copies().size());
        folder.await("p.jar", "standing-back");
        assertEquals(
                1,
                folder.views().stream()
                        .filter(view -> view.state().equals("serving"))
                        .count());
    }

    private static FixtureJar versioned(int version) {
        return FixtureJar.plugin("p")
                .version(version + ".0.0")
                .handler("s", "Thread.sleep(1); return Reply.text(\"v" + version + "\");");
    }

    private boolean isAnswered(String expected) {
        try {
            return folder.ask("s", "").equals(expected);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private List<String> askUntil(AtomicBoolean over) {
        List<String> answers = new ArrayList<>();
        try {
            while (!over.get()) {
                answers.add(folder.ask("s", ""));
            }
            answers.add(folder.ask("s", ""));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return answers;
    }

    @Test
    void shouldStopThePluginWhoseFileNowHoldsAnother() throws Exception {
        folder.start();
        Folder.saying("p", "sp", "P").writeTo(folder.dir, "x.jar");
        folder.await("x.jar", "serving");

        Folder.saying("q", "sq", "Q")
                .handler("sp", "return Reply.text(\"P of q\");")
                .writeTo(folder.dir, "x.jar");
        Bench.await("q does not serve", () -> folder.view("x.jar", "serving")
                .filter(view -> view.id().equals("q"))
                .isPresent());

        assertEquals("Q", folder.ask("sq", ""));
        assertEquals("P of q", folder.ask("sp", ""));
        folder.awaitNo("x.jar", "draining");
        assertEquals(1, folder.copies().size());
        assertEquals(2, folder.bench.snapshot().workers().size());
    }

    @Test
    void shouldGoOnWithTheOldContentWhereTheNewIsRefused() throws Exception {
        folder.start();
        Folder.saying("a", "sa", "A").writeTo(folder.dir);
        PluginView before = folder.await("a.jar", "serving");

        Folder.saying("a", "sa", "worse").withoutIndex().writeTo(folder.dir);
        Bench.await("no reason is shown", () -> folder.view("a.jar", "serving")
                .filter(view -> view.reason().startsWith("27 PLUGIN_NO_HANDLER: "))
                .isPresent());
        assertEquals(before.sha256(), folder.await("a.jar", "serving").sha256());
        assertEquals("A", folder.ask("sa", ""));

        Folder.saying("a", "sa", "better").writeTo(folder.dir);
        Bench.await("the reason is still shown", () -> folder.view("a.jar", "serving")
                .filter(view -> view.reason().isEmpty())
                .isPresent());
        assertEquals("better", folder.ask("sa", ""));
    }

    @Test
    void shouldForgetThatAJarWasUnreadableOnceItIsWholeAgain() throws Exception {
        folder.start();
        Path jar = Folder.saying("a", "sa", "A").writeTo(folder.dir);
        folder.await("a.jar", "serving");
        byte[] bytes = Files.readAllBytes(jar);

        Files.write(jar, Arrays.copyOf(bytes, bytes.length / 2));
        Bench.await("no reason is shown", () -> folder.view("a.jar", "serving")
                .filter(view -> view.reason().contains("PLUGIN_UNREADABLE"))
                .isPresent());
        Files.write(jar, bytes);

        Bench.await("the reason is still shown", () -> folder.view("a.jar", "serving")
                .filter(view -> view.reason().isEmpty())
                .isPresent());
        assertEquals("A", folder.ask("sa", ""));
    }

    @Test
    void shouldRefuseAServiceThatAnotherPluginHasUntilThatGoes() throws Exception {
        folder.start();
        Path first = Folder.saying("a", "s", "of a").writeTo(folder.dir);
        folder.await("a.jar", "serving");

        Folder.saying("b", "s", "of b")
                .handler("t", "return Reply.text(\"t\");")
                .writeTo(folder.dir);

        PluginView b =
                folder.awaitRefused("b.jar", ErrorCode.PLUGIN_SERVICE_TAKEN, "service s is served by a@1.0.0#1-");
        assertEquals("b", b.id());
        assertEquals("of a", folder.ask("s", ""));
        folder.bench.ask("t", "").failure(ErrorCode.NO_SUCH_SERVICE);

        Files.delete(first);
        folder.await("b.jar", "serving");
        assertEquals("of b", folder.ask("s", ""));
        assertEquals("t", folder.ask("t", ""));
        assertEquals(
                1,
                folder.log
                        .lines("plugin b.jar is refused: 29 PLUGIN_SERVICE_TAKEN: ")
                        .size());
    }

    @Test
    void shouldServeWhatStillLiesThereWhenItsReplacementGoes() throws Exception {
        folder.start();
        Folder.saying("p", "s", "v1").writeTo(folder.dir, "p-1.jar");
        folder.await("p-1.jar", "serving");
        Path second = Folder.saying("p", "s", "v2").version("2.0.0").writeTo(folder.dir, "p-2.jar");
        folder.await("p-2.jar", "serving");
        PluginView former = folder.await("p-1.jar", "standing-back");
        assertEquals("p", former.id());
        assertEquals("v2", folder.ask("s", ""));

        Files.delete(second);

        folder.await("p-1.jar", "serving");
        assertEquals("v1", folder.ask("s", ""));
    }

    @Test
    void shouldRenameAJarWithoutAnInterruption() throws Exception {
        folder.start();
        Path jar = Folder.saying("p", "s", "v1").writeTo(folder.dir, "p-1.jar");
        folder.await("p-1.jar", "serving");

        Files.move(jar, folder.dir.resolve("p-2.jar"));
        folder.await("p-2.jar", "serving");
        Bench.await("the old name is still there", () -> folder.views().size() == 1);

        assertEquals("v1", folder.ask("s", ""));
        assertEquals(0, folder.bench.snapshot().services().get(0).failed());
    }

    private void awaitEntered() throws InterruptedException {
        Bench.await("the handler was not entered", () -> Files.exists(temp.resolve("entered")));
    }
}
