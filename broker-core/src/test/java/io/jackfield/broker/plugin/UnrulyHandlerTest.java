package io.jackfield.broker.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.host.HandlerFigures;
import io.jackfield.host.fixture.FixtureJar;
import io.jackfield.protocol.ErrorCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Handlers, in real jars, that do what they must not: they hold the loop, fill their queue, leave threads behind. */
final class UnrulyHandlerTest {
    private static final String NON_BLOCKING = "name = \"s\", nonBlocking = true";

    @TempDir
    private Path tempDir;

    @Test
    void shouldPutAHandlerThatHoldsTheLoopOnThreadsAndSayWhereItHeldIt() throws Exception {
        Path dir = Files.createDirectories(tempDir.resolve("plugins"));
        FixtureJar.plugin("sleeper")
                .handler(
                        NON_BLOCKING,
                        "implements Handler",
                        FixtureJar.handleMethod(
                                "if (request.text().equals(\"hang\")) { new CountDownLatch(1).await(); }"
                                        + " return Reply.text(Thread.currentThread().getName());"))
                .writeTo(dir);
        try (LogTap log = new LogTap("io.jackfield.host");
                Folder folder = new Folder(dir, 1_000).start()) {
            folder.await("sleeper.jar", "serving");
            Bench.await("it does not run on the loop", () -> onLoop(folder));

            assertTrue(folder.bench
                    .ask("s", "hang")
                    .failure(ErrorCode.HANDLER_FAILED)
                    .cause()
                    .contains("InterruptedException"));

            assertEquals("plugin-sleeper#1-s", folder.ask("s", "").replaceFirst("-\\d+$", ""));
            HandlerFigures figures =
                    folder.await("sleeper.jar", "serving").handlers().get(0);
            assertEquals("demoted", figures.runs());
            assertEquals(1, figures.stalls());
            String told =
                    log.lines("plugin-sleeper#1-s has held plugin-test for").get(0);
            assertTrue(told.contains("its later calls run on threads of its own"), told);
            assertTrue(told.contains("at " + "fixture.sleeper.H0.handle"), told);
        }
    }

    @Test
    void shouldRefuseWhatTheQueueOfAHandlerCannotHold() throws Exception {
        Path dir = Files.createDirectories(tempDir.resolve("plugins"));
        FixtureJar.plugin("busy")
                .handler(
                        "name = \"s\", concurrency = 1",
                        "implements Handler",
                        FixtureJar.handleMethod("new CountDownLatch(1).await(); return Reply.text(\"\");"))
                .writeTo(dir);
        try (Folder folder = new Folder(dir, 1_000).start()) {
            folder.await("busy.jar", "serving");
            List<Asked> taken = new ArrayList<>();
            for (int i = 0; i < 1 + Folder.QUEUE_LENGTH_MAX; i++) {
                taken.add(folder.bench.ask("s", ""));
            }
            String refused =
                    folder.bench.ask("s", "").failure(ErrorCode.OVERLOADED).cause();
            assertTrue(refused.contains("is full: " + Folder.QUEUE_LENGTH_MAX + " requests"), refused);
            taken.forEach(folder.bench::cancel);
            for (Asked asked : taken) {
                asked.failure(ErrorCode.CANCELLED);
            }
        }
    }

    @Test
    void shouldNameTheThreadsThatAPluginLeavesBehind() throws Exception {
        Path dir = Files.createDirectories(tempDir.resolve("plugins"));
        FixtureJar.plugin("leaker")
                .handler("s", "new Leak().start(); return Reply.text(\"ok\");")
                .source(
                        "Leak",
                        "final class Leak extends Thread { "
                                + " Leak() { super(\"leak of the test\"); setDaemon(true); }"
                                + " @Override public void run() { try { new CountDownLatch(1).await(1, TimeUnit.MINUTES); }"
                                + " catch (InterruptedException e) { return; } } }")
                .writeTo(dir);
        try (LogTap log = new LogTap("io.jackfield.host");
                Folder folder = new Folder(dir, 1_000).start()) {
            folder.await("leaker.jar", "serving");
            folder.ask("s", "");
            Files.delete(dir.resolve("leaker.jar"));
            Bench.await("the threads are not named", () -> !log.lines("[leak of the test]")
                    .isEmpty());
        }
    }

    private static boolean onLoop(Folder folder) {
        try {
            return folder.ask("s", "").equals("plugin-test");
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
