package io.jackfield.broker.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.host.HandlerFigures;
import io.jackfield.host.fixture.FixtureJar;
import io.jackfield.protocol.ErrorCode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A jar whose handler says that it never blocks, and does. */
final class StallTest {
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

    private static boolean onLoop(Folder folder) {
        try {
            return folder.ask("s", "").equals("plugin-test");
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
