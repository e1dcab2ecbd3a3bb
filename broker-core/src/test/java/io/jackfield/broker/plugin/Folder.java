package io.jackfield.broker.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jackfield.broker.dispatch.DispatchLimits;
import io.jackfield.host.fixture.FixtureJar;
import io.jackfield.protocol.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A plugin folder that a {@link Bench} watches. */
final class Folder implements AutoCloseable {
    static final int QUEUE_LENGTH_MAX = 1_000;
    static final long STALL_MAX_MS = 100;
    private static final long RESCAN_MS = 50;
    private static final long PROOF_MS = 50;

    final Path dir;
    final Bench bench = new Bench();
    final LogTap log = new LogTap("io.jackfield.broker.plugin");
    private final Plugins plugins;

    Folder(Path dir, long drainTimeoutMs) throws IOException {
        this(dir, drainTimeoutMs, 10_000);
    }

    Folder(Path dir, long drainTimeoutMs, long loadTimeoutMs) throws IOException {
        this(dir, drainTimeoutMs, loadTimeoutMs, Map.of());
    }

    Folder(Path dir, long drainTimeoutMs, long loadTimeoutMs, Map<String, RampPlan> ramps) throws IOException {
        this(dir, drainTimeoutMs, loadTimeoutMs, ramps, Optional.empty());
    }

    Folder(Path dir, long drainTimeoutMs, long loadTimeoutMs, Map<String, RampPlan> ramps, Optional<Path> trust)
            throws IOException {
        this.dir = dir;
        this.plugins = Plugins.open(
                new PluginSettings(
                        dir,
                        RESCAN_MS,
                        QUEUE_LENGTH_MAX,
                        drainTimeoutMs,
                        STALL_MAX_MS,
                        1 << 20,
                        DispatchLimits.DEFAULT.workerCreditMax(),
                        loadTimeoutMs,
                        PluginSettings.Kept.DEFAULT,
                        new PluginSettings.Proof(PROOF_MS, true),
                        trust,
                        Map.of(),
                        ramps),
                new Plugins.BrokerLoop(bench.dispatcher, bench.loop, bench.loop, bench.clock));
    }

    Folder start() throws IOException {
        plugins.start();
        return this;
    }

    PluginCommands commands() {
        return plugins.commands();
    }

    TrustCommands trust() {
        return plugins.trust();
    }

    List<PluginView> views() {
        return plugins.views();
    }

    /** What was done to the plugin; when its generations were unloaded, and what became of their classes, is left out. */
    List<PluginChange> changes(String id) throws Exception {
        return history(id).stream()
                .filter(change -> !change.change().equals(PluginChange.Kind.UNLOADED.word()))
                .toList();
    }

    List<PluginChange> history(String id) throws Exception {
        return commands().history(Optional.of(id)).get(Asked.WAIT_S, TimeUnit.SECONDS);
    }

    UnloadCounts unloads() {
        return plugins.unloads();
    }

    Optional<PluginView> view(String file, String state) {
        return views().stream()
                .filter(view -> view.file().equals(file) && view.state().equals(state))
                .findFirst();
    }

    PluginView await(String file, String state) throws InterruptedException {
        Bench.await(file + " is not " + state + ": " + views(), () -> view(file, state)
                .isPresent());
        return view(file, state).orElseThrow();
    }

    void awaitNo(String file, String state) throws InterruptedException {
        Bench.await(file + " is still " + state, () -> view(file, state).isEmpty());
    }

    PluginView awaitRefused(String file, ErrorCode code, String cause) throws InterruptedException {
        Bench.await(file + " is not refused for " + code + ", " + cause + ": " + views(), () -> view(file, "refused")
                .filter(view -> view.reason().startsWith(code.number() + " " + code + ": ")
                        && view.reason().contains(cause))
                .isPresent());
        return view(file, "refused").orElseThrow();
    }

    String ask(String service, String body) throws InterruptedException {
        return bench.ask(service, body).text();
    }

    /** A plugin of one service that answers with the text. */
    static FixtureJar saying(String id, String service, String text) {
        return FixtureJar.plugin(id).handler(service, "return Reply.text(\"" + text + "\");");
    }

    /** As if it had been copied long ago. */
    static Path settled(Path jar) throws IOException {
        return Files.setLastModifiedTime(jar, FileTime.from(Instant.now().minusSeconds(60)));
    }

    /** The private copies of jars that this host has made. */
    List<Path> copies() throws IOException {
        try (Stream<Path> files = Files.walk(plugins.workDir())) {
            return files.filter(file -> file.toString().endsWith(".jar")).toList();
        }
    }

    void stop() {
        plugins.close();
    }

    @Override
    public void close() {
        stop();
        log.close();
        assertEquals(List.of(), views());
        assertEquals(false, Files.exists(plugins.workDir()), "the private copies are still there");
        bench.close();
    }
}
