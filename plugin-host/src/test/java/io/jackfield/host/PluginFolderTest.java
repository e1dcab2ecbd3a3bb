package io.jackfield.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.host.fixture.FixtureJar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real thread on the real file system. */
final class PluginFolderTest {

    private static final long WAIT_SECONDS = 20;

    private final Path folder;
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    private final List<PluginFolder> opened = new ArrayList<>();

    PluginFolderTest(@TempDir Path root) {
        folder = root.resolve("plugins");
    }

    @AfterEach
    void close() throws IOException {
        for (PluginFolder watching : opened) {
            watching.close();
        }
    }

    @Test
    void shouldReportWhatIsThereAndWhatComesChangesAndGoes() throws Exception {
        Files.createDirectory(folder);
        jar("a", "1").writeTo(folder);
        watch(new Queueing(told), PluginFolder.RESCAN_INTERVAL_MS);
        assertEquals("appeared a.jar", next());
        jar("b", "1").writeTo(folder);
        assertEquals("appeared b.jar", next());
        jar("a", "2").writeTo(folder);
        assertEquals("changed a.jar", next());
        Files.delete(folder.resolve("b.jar"));
        assertEquals("gone b.jar", next());
        close();
        assertTrue(told.isEmpty(), told::toString);
    }

    @Test
    void shouldFindAJarWithinASecondOfItsArrival() throws Exception {
        Files.createDirectory(folder);
        jar("a", "1").writeTo(folder);
        watch(new Queueing(told), PluginFolder.RESCAN_INTERVAL_MS);
        assertEquals("appeared a.jar", next());
        jar("b", "1").writeTo(folder);
        long arrivedNs = System.nanoTime();
        assertEquals("appeared b.jar", next());
        long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - arrivedNs);
        assertTrue(tookMs < 1_500, () -> "found after " + tookMs + " ms");
    }

    @Test
    void shouldWatchAFolderThatComesLaterAndOneThatTakesItsPlace() throws Exception {
        watch(new Queueing(told), PluginFolder.RESCAN_INTERVAL_MS);
        assertEquals("unreadable plugins", next());
        Files.createDirectory(folder);
        jar("a", "1").writeTo(folder);
        assertEquals("appeared a.jar", next());

        Files.move(folder, folder.resolveSibling("away"));
        assertEquals("unreadable plugins", next());
        Files.createDirectory(folder);
        assertEquals("gone a.jar", next());
        jar("b", "1").writeTo(folder);
        assertEquals("appeared b.jar", next());
    }

    @Test
    void shouldGoOnWhenTheListenerFails() throws Exception {
        Files.createDirectory(folder);
        PluginFolderListener failing = new Queueing(told) {
            @Override
            public void appeared(Path jar, String sha256) {
                super.appeared(jar, sha256);
                throw new IllegalStateException("listener");
            }
        };
        watch(failing, 50);
        jar("a", "1").writeTo(folder);
        assertEquals("appeared a.jar", next());
        jar("b", "1").writeTo(folder);
        assertEquals("appeared b.jar", next());
    }

    @Test
    void shouldCloseWhileItWaitsAndFromItsListener() throws Exception {
        Files.createDirectory(folder);
        CompletableFuture<PluginFolder> itself = new CompletableFuture<>();
        CompletableFuture<String> closed = new CompletableFuture<>();
        PluginFolderListener closing = new Queueing(told) {
            @Override
            public void appeared(Path jar, String sha256) {
                try {
                    itself.get().close();
                    closed.complete("closed");
                } catch (Exception e) {
                    closed.completeExceptionally(e);
                }
            }
        };
        itself.complete(watch(closing, 50));
        jar("a", "1").writeTo(folder);
        assertEquals("closed", closed.get(WAIT_SECONDS, TimeUnit.SECONDS));
        itself.get().close();
        assertEquals(0, watchers(), "watching threads left");
    }

    private static long watchers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("plugin-folder"))
                .count();
    }

    private PluginFolder watch(PluginFolderListener listener, long rescanIntervalMs) throws IOException {
        PluginFolder watching = PluginFolder.watch(folder, rescanIntervalMs, listener, HostTime.system());
        opened.add(watching);
        return watching;
    }

    private String next() throws InterruptedException {
        return String.valueOf(told.poll(WAIT_SECONDS, TimeUnit.SECONDS));
    }

    private static FixtureJar jar(String id, String content) {
        return FixtureJar.plugin(id).entry("content", content);
    }

    private static class Queueing implements PluginFolderListener {
        private final BlockingQueue<String> told;

        Queueing(BlockingQueue<String> told) {
            this.told = told;
        }

        @Override
        public void appeared(Path jar, String sha256) {
            told.add("appeared " + jar.getFileName());
        }

        @Override
        public void changed(Path jar, String sha256) {
            told.add("changed " + jar.getFileName());
        }

        @Override
        public void gone(Path jar) {
            told.add("gone " + jar.getFileName());
        }

        @Override
        public void unreadable(Path path, String reason) {
            told.add("unreadable " + path.getFileName());
        }

        @Override
        public void disabled(java.util.Set<String> pluginIds) {
            told.add("disabled " + pluginIds);
        }
    }
}
