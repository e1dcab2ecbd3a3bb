package io.jackfield.broker.plugin;

import io.jackfield.broker.dispatch.Dispatcher;
import io.jackfield.broker.loop.Clock;
import io.jackfield.broker.loop.Mailbox;
import io.jackfield.broker.loop.Timers;
import io.jackfield.broker.loop.Timers.Timer;
import io.jackfield.broker.plugin.PluginChange.Kind;
import io.jackfield.host.DisabledMarker;
import io.jackfield.host.HostTime;
import io.jackfield.host.InlineWatch;
import io.jackfield.host.JarReadiness;
import io.jackfield.host.PluginFolder;
import io.jackfield.host.PluginFolderListener;
import io.jackfield.host.PluginHost;
import io.jackfield.host.PluginHostSettings;
import io.jackfield.host.PluginHostSettings.ConcurrencyLimit;
import io.jackfield.host.Sha256;
import io.jackfield.host.TrustedJars;
import io.jackfield.host.WorkFolder;
import io.jackfield.host.config.ConfigNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The watched folder: what lies in it serves, what is taken out stops. One thread, {@code plugin-host}, owns the {@link Roster}; the broker
 * loop is only told what serves and what no longer does. Code of plugins runs on other threads, each with a limit of time: a plugin that
 * hangs keeps nothing but the thread that it hangs on.
 */
public final class Plugins implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Plugins.class);
    private static final String HIDDEN = ".jackfield";

    /** For which the ports wait for plugins that take their time; their services exist after that, and requests wait. */
    private static final long START_TIME_MS = 1_000;

    private static final long CLOSE_TIME_MS = 2_000;

    /** A jar that was last written longer ago is not being copied just now: it need not be looked at twice when the broker starts. */
    private static final long SETTLED_MS = 2_000;

    private final PluginSettings settings;
    private final HostTime time;
    private final Path workDir;
    private final PluginHost host;
    private final PluginConfigs configs;
    private final PluginRecords records;
    private final Roster roster;
    private final PluginCommands commands;
    private final TrustCommands trust;
    private final Timers timers;
    private Timer trustLook = () -> {};
    private final PluginThread thread = new PluginThread("plugin-host");
    private final InlineWatch watch;
    private Optional<PluginFolder> folder = Optional.empty();

    /** Written by who closes, read by the folder's and the plugin thread: nothing more is loaded. */
    private volatile boolean closing;

    private Plugins(
            PluginSettings settings,
            BrokerLoop loop,
            Path workDir,
            PluginHost host,
            PluginConfigs configs,
            TrustedJars trust) {
        this.settings = settings;
        this.time = new HostTime(loop.clock()::nowNs, InstantSource.system());
        this.workDir = workDir;
        this.host = host;
        this.configs = configs;
        this.watch = new InlineWatch(settings.inlineStallMaxMs());
        LocalWorker.Surroundings workers = new LocalWorker.Surroundings(
                loop.mailbox(), loop.timers(), loop.clock(), watch, settings.queueLengthMax(), settings.bodyBytesMax());
        PluginSettings.Kept kept = settings.kept();
        Path hidden = settings.dir().resolve(HIDDEN);
        PluginRecords records = new PluginRecords(
                new PluginHistory(hidden.resolve("history.jsonl"), kept.changesMax()),
                new KeptJars(hidden.resolve("jars"), kept.jarsMax(), kept.jarsBytesMax()),
                time.wallClock());
        this.records = records;
        this.roster = new Roster(host, loop, workers, settings, records, thread);
        this.commands = new PluginCommands(settings.dir(), hidden, host, roster, records, thread);
        this.trust = new TrustCommands(trust, roster, thread);
        this.timers = loop.timers();
    }

    /** What plugins need of the broker loop: the ways onto it, its time, and the dispatcher, which is to be used on it. */
    public record BrokerLoop(Dispatcher dispatcher, Mailbox mailbox, Timers timers, Clock clock) {}

    /**
     * Prepares; nothing is loaded before {@link #start}.
     *
     * @throws IOException no folder for private copies can be made
     */
    public static Plugins open(PluginSettings settings, BrokerLoop loop) throws IOException {
        Path workDir;
        try {
            workDir = WorkFolder.make();
        } catch (IOException e) {
            throw new IOException("no folder for private copies of plugins can be made in java.io.tmpdir: " + e, e);
        }
        PluginConfigs configs = new PluginConfigs();
        TrustedJars trust = settings.trust().map(TrustedJars::listedIn).orElse(TrustedJars.every());
        PluginHostSettings hostSettings = PluginHostSettings.defaults(workDir)
                .withTrust(trust)
                .withConcurrency(new ConcurrencyLimit(settings.concurrencyMax(), "limits.worker-credit-max"))
                .withSelfTestTimeoutMs(settings.loadTimeoutMs())
                .withConfig(configs::of);
        return new Plugins(settings, loop, workDir, PluginHost.open(hostSettings), configs, trust);
    }

    /**
     * Loads what lies in the folder, then watches it. When this returns, every whole jar that was there serves or was refused, but for those
     * that are younger than 2 s and those that took more than a second: they follow, and the services of the latter exist.
     *
     * @throws IOException the folder cannot be made or watched; the message says which and why
     */
    public void start() throws IOException {
        List<Path> settled;
        Set<String> disabled;
        try {
            // createDirectories of JDK 17 refuses a link to a folder.
            if (!Files.isDirectory(settings.dir())) {
                Files.createDirectories(settings.dir());
            }
            settled = settledJars();
            disabled = DisabledMarker.in(settings.dir());
        } catch (IOException e) {
            throw new IOException("plugins.dir: " + settings.dir() + ": cannot be used as a folder: " + e, e);
        }
        CountDownLatch quiet = new CountDownLatch(1);
        thread.execute(() -> {
            records.history.open();
            host.numberAbove(records.history.lastGeneration());
            roster.disabled(disabled);
            settled.forEach(jar -> found(jar, Kind.STARTED));
            roster.whenQuiet(quiet::countDown);
        });
        if (!awaited(quiet)) {
            LOG.warn("plugins are still being loaded after {} ms: {}; the broker goes on", START_TIME_MS, loading());
            thread.await(roster::openServices, START_TIME_MS);
        }
        if (settings.trust().isPresent()) {
            trustLook = timers.every(settings.rescanMs(), trust::look);
        }
        // What has gone since it was looked at is told of too.
        PluginFolder.Known known = new PluginFolder.Known(Set.copyOf(settled), disabled);
        folder = Optional.of(PluginFolder.watch(settings.dir(), settings.rescanMs(), new Watcher(), time, known));
    }

    private static boolean awaited(CountDownLatch quiet) {
        try {
            return quiet.await(START_TIME_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private List<String> loading() {
        return views().stream()
                .filter(view -> view.state().equals("loading"))
                .map(PluginView::file)
                .toList();
    }

    /** What people may do to plugins while the broker runs. */
    public PluginCommands commands() {
        return commands;
    }

    /** Which jars may be loaded. */
    public TrustCommands trust() {
        return trust;
    }

    /**
     * Gives plugins what the file says now: those that are loaded at once, others when they are. A generation that it does
     * not fit keeps what it has. Called by one thread at a time.
     *
     * @param byId what stands under {@code plugins.settings.ID.config}
     * @param ramps how new generations take over from now on, by plugin id; a replacement that is under way goes on as it began
     * @return what does not fit, by plugin id
     */
    public Map<String, List<String>> configure(Map<String, ConfigNode> byId, Map<String, RampPlan> ramps) {
        thread.execute(() -> roster.ramps(ramps));
        configs.set(byId);
        return host.reconfigure();
    }

    /** What there is now. Any thread. */
    public List<PluginView> views() {
        return roster.views();
    }

    /** What became of those that were unloaded. Any thread. */
    public UnloadCounts unloads() {
        return roster.unloads();
    }

    /** Where the private copies are, as long as this is not closed. */
    Path workDir() {
        return workDir;
    }

    /** Unloads everything at once: the broker has been drained before. A plugin that hangs is interrupted, and left behind. */
    @Override
    public void close() {
        if (closing) {
            return;
        }
        closing = true;
        trustLook.close();
        folder.ifPresent(Plugins::close);
        if (!thread.await(() -> roster.unloadAll(CLOSE_TIME_MS), 3 * CLOSE_TIME_MS)) {
            LOG.warn("plugins are not unloaded within {} ms: they are left behind", 3 * CLOSE_TIME_MS);
        }
        thread.end();
        watch.close();
        try {
            host.close();
            WorkFolder.delete(workDir);
        } catch (IOException e) {
            LOG.warn("the private copies of plugins in {} could not be removed: {}", workDir, e.getMessage());
        }
    }

    private static void close(PluginFolder folder) {
        try {
            folder.close();
        } catch (IOException e) {
            LOG.warn("watching the plugin folder could not be ended in order", e);
        }
    }

    private List<Path> settledJars() throws IOException {
        long before = System.currentTimeMillis() - SETTLED_MS;
        try (Stream<Path> files = Files.list(settings.dir())) {
            return files.filter(file -> JarReadiness.isJarName(String.valueOf(file.getFileName())))
                    .filter(Files::isRegularFile)
                    .filter(file -> file.toFile().lastModified() < before)
                    .sorted()
                    .toList();
        }
    }

    /** What it holds now counts, not what it held when somebody looked. */
    private void found(Path jar, Kind kind) {
        try {
            String sha256 = Sha256.of(jar);
            if (!closing) {
                roster.appeared(jar, sha256, kind);
            }
        } catch (IOException e) {
            LOG.debug("{} is left to the watcher of the folder: {}", jar, e.getMessage());
        }
    }

    /** From the folder's thread to ours. */
    private final class Watcher implements PluginFolderListener {
        @Override
        public void appeared(Path jar, String sha256) {
            thread.execute(() -> found(jar, Kind.ADDED));
        }

        @Override
        public void changed(Path jar, String sha256) {
            appeared(jar, sha256);
        }

        @Override
        public void gone(Path jar) {
            thread.execute(() -> {
                if (!Files.exists(jar)) {
                    roster.gone(jar);
                }
            });
        }

        @Override
        public void disabled(Set<String> pluginIds) {
            thread.execute(commands::lookForMarkers);
        }

        @Override
        public void unreadable(Path path, String reason) {
            if (path.equals(settings.dir())) {
                LOG.warn("the plugin folder {} cannot be read, what serves goes on: {}", path, reason);
            } else {
                thread.execute(() -> roster.unreadable(path, reason));
            }
        }
    }
}
