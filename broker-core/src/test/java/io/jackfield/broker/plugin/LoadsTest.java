package io.jackfield.broker.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.host.PluginHost;
import io.jackfield.host.PluginHostSettings;
import io.jackfield.host.Sha256;
import io.jackfield.host.fixture.FixtureJar;
import io.jackfield.protocol.Failure;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loads whose time is over. */
final class LoadsTest {
    private static final long TIMEOUT_MS = 300;

    @Test
    void shouldForgetALoadThatHasComeBackAfterItsTime(@TempDir Path temp) throws Exception {
        Path jar = FixtureJar.plugin("h")
                .handler(
                        "name = \"h\"",
                        "implements Handler",
                        "public H0() throws InterruptedException { new CountDownLatch(1).await(); }"
                                + FixtureJar.handleMethod("return null;"))
                .writeTo(temp);
        PluginThread thread = new PluginThread("test-plugins");
        try (PluginHost host = PluginHost.open(PluginHostSettings.defaults(temp.resolve("work")))) {
            Loads loads = new Loads(host, TIMEOUT_MS, thread);
            CompletableFuture<Failure> end = new CompletableFuture<>();
            thread.execute(() -> begin(loads, host, jar, end));

            Failure failure = end.get(Asked.WAIT_S, TimeUnit.SECONDS);

            assertTrue(failure.cause().contains("not loaded within " + TIMEOUT_MS), failure::cause);
            Bench.await("the load is still remembered", () -> running(loads, thread) == 0);
        } finally {
            thread.end();
        }
    }

    private static void begin(Loads loads, PluginHost host, Path jar, CompletableFuture<Failure> end) {
        try {
            JarSlot slot = new JarSlot(jar);
            slot.begin(Sha256.of(jar), 1, PluginChange.Kind.ADDED, "");
            slot.identity = Optional.of(host.identify(jar));
            Group.Member member = Group.Member.present(slot, List.of());
            loads.begin(member, List.of(), services -> {}, loaded -> end.complete(loaded.failure()));
            assertEquals(1, loads.running());
        } catch (Exception | AssertionError e) {
            end.completeExceptionally(e);
        }
    }

    private static int running(Loads loads, PluginThread thread) {
        CompletableFuture<Integer> running = new CompletableFuture<>();
        thread.execute(() -> running.complete(loads.running()));
        return running.orTimeout(Asked.WAIT_S, TimeUnit.SECONDS).join();
    }
}
