package io.jackfield.broker.plugin;

import io.jackfield.broker.dispatch.Dispatcher;
import io.jackfield.broker.loop.Clock;
import io.jackfield.broker.loop.Mailbox;
import io.jackfield.broker.loop.Timers;
import io.jackfield.host.HostTime;
import io.jackfield.host.JarReadiness;
import io.jackfield.host.PluginFolder;
import io.jackfield.host.PluginFolderListener;
import io.jackfield.host.PluginHost;
import io.jackfield.host.PluginHostSettings;
import io.jackfield.host.Sha256;
import io.jackfield.host.config.ConfigNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The watched folder: what lies in it serves, what is taken out stops. One thread, {@code plugin-host}, loads and unloads and owns the
 * {@link Roster}; the broker loop is only told what serves and what no longer does. A plugin that hangs while it is loaded keeps that thread,
 * and with it every later change of the folder, but nothing that serves.
 */
public final class Plugins implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Plugins.class);
    private static final long START_TIME_MS = 10_000;
    private static final long CLOSE_TIME_MS = 2_000;

    /** A jar that was last written longer ago is not being copied just now: it need not be looked at twice when the broker starts. */
    private static final long SETTLED_MS = 2_000;

    private final PluginSettings settings;
    private final HostTime time;
    private final Path workDir;
    private final PluginHost host;
    private final PluginConfigs configs;
    private final Roster roster;
    private final PluginThread thread = new PluginThread("plugin-host");
    private final PluginThread cancels = new PluginThread("plugin-cancel");
    private Optional<PluginFolder> folder = Optional.empty();

    /** Written by who closes, read by the folder's and the plugin thread: nothing more is loaded. */
    private volatile boolean closing;

    private Plugins(
            PluginSettings settings, Surroundings surroundings, Path workDir, PluginHost host, PluginConfigs configs) {
        this.settings = settings;
        this.time = new HostTime(surroundings.clock()::nowNs, InstantSource.system());
        this.workDir = workDir;
        this.host = host;
        this.configs = configs;
        LocalWorker.Surroundings workers = new LocalWorker.Surroundings(
                surroundings.mailbox(), surroundings.clock(), cancels, settings.bodyBytesMax());
        this.roster = new Roster(host, surroundings, workers, settings.drainTimeoutMs(), thread);
    }

    /** What plugins need of the broker. */
    public record Surroundings(Dispatcher dispatcher, Mailbox mailbox, Timers timers, Clock clock) {}

    /**
     * Prepares; nothing is loaded before {@link #start}.
     *
     * @throws IOException no folder for private copies can be made
     */
    public static Plugins open(PluginSettings settings, Surroundings surroundings) throws IOException {
        Path workDir;
        try {
            workDir = Files.createTempDirectory("jackfield-plugins-");
        } catch (IOException e) {
            throw new IOException("no folder for private copies of plugins can be made in java.io.tmpdir: " + e, e);
        }
        PluginConfigs configs = new PluginConfigs();
        PluginHostSettings hostSettings = PluginHostSettings.defaults(workDir)
                .withQueueLengthMax(settings.queueLengthMax())
                .withConfig(configs::of);
        return new Plugins(settings, surroundings, workDir, PluginHost.open(hostSettings), configs);
    }

    /**
     * Loads what lies in the folder, then watches it. When this returns, every whole jar that was there serves or was refused, but for those
     * that are younger than 2 s or could not be loaded within 10 s: they follow.
     *
     * @throws IOException the folder cannot be made or watched; the message says which and why
     */
    public void start() throws IOException {
        List<Path> settled;
        try {
            // createDirectories of JDK 17 refuses a link to a folder.
            if (!Files.isDirectory(settings.dir())) {
                Files.createDirectories(settings.dir());
            }
            settled = settledJars();
        } catch (IOException e) {
            throw new IOException("plugins.dir: " + settings.dir() + ": cannot be used as a folder: " + e, e);
        }
        if (!thread.await(() -> settled.forEach(this::found), START_TIME_MS)) {
            LOG.warn(
                    "plugins are still being loaded after {} ms: {}; the broker goes on without them",
                    START_TIME_MS,
                    views().stream()
                            .filter(view -> view.state().equals("loading"))
                            .map(PluginView::file)
                            .toList());
        }
        folder = Optional.of(PluginFolder.watch(settings.dir(), settings.rescanMs(), new Watcher(), time));
    }

    /**
     * Gives plugins what the file says now: those that are loaded at once, others when they are. A generation that it does
     * not fit keeps what it has. Called by one thread at a time.
     *
     * @param byId what stands under {@code plugins.settings.ID.config}
     * @return what does not fit, by plugin id
     */
    public Map<String, List<String>> configure(Map<String, ConfigNode> byId) {
        configs.set(byId);
        return host.reconfigure();
    }

    /** What there is now. Any thread. */
    public List<PluginView> views() {
        return roster.views();
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
        folder.ifPresent(Plugins::close);
        if (!thread.await(roster::unloadAll, CLOSE_TIME_MS)) {
            thread.interrupt();
            if (!thread.await(() -> {}, CLOSE_TIME_MS)) {
                LOG.warn("a plugin does not end what it does within {} ms: it is left behind", 2 * CLOSE_TIME_MS);
            }
        }
        thread.end();
        cancels.end();
        try {
            host.close();
            deleteWorkDir();
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

    private void found(Path jar) {
        try {
            appeared(jar, Sha256.of(jar));
        } catch (IOException e) {
            LOG.debug("{} is left to the watcher of the folder: {}", jar, e.getMessage());
        }
    }

    private void appeared(Path jar, String sha256) {
        if (!closing) {
            roster.appeared(jar, sha256);
        }
    }

    private void deleteWorkDir() throws IOException {
        try (Stream<Path> files = Files.walk(workDir)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** From the folder's thread to ours. */
    private final class Watcher implements PluginFolderListener {
        @Override
        public void appeared(Path jar, String sha256) {
            thread.execute(() -> Plugins.this.appeared(jar, sha256));
        }

        @Override
        public void changed(Path jar, String sha256) {
            appeared(jar, sha256);
        }

        @Override
        public void gone(Path jar) {
            thread.execute(() -> roster.gone(jar));
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
