package io.jackfield.host;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches a folder for plugin jars, on a thread of its own: by the file system's events, where it has them, and by
 * looking again every {@code rescanIntervalMs}, for network and container file systems often have none.
 */
public final class PluginFolder implements AutoCloseable {

    /** How often the folder is looked at when there are no events. */
    public static final long RESCAN_INTERVAL_MS = 500;

    private static final Logger LOG = LoggerFactory.getLogger(PluginFolder.class);
    private static final long SETTLE_MS_MAX = 200;
    // A long copy is one event per write: it must not become one scan per write.
    private static final long SCAN_PAUSE_MS = 20;
    private static final long CLOSE_TIMEOUT_MS = 5_000;

    private final Path folder;
    private final long rescanNs;
    private final long settleNs;
    private final HostTime time;
    private final FolderScan scan;
    private final WatchService events;
    private final Thread thread;

    // Of the thread alone.
    private @Nullable WatchKey watched;

    /**
     * What somebody knows of the folder before it is watched.
     *
     * @param jars in that folder
     * @param disabled ids of plugins that are turned off
     */
    public record Known(Set<Path> jars, Set<String> disabled) {
        /** Nobody has looked yet. */
        public static final Known NOTHING = new Known(Set.of(), Set.of());

        /** Of copies. */
        public Known {
            jars = Set.copyOf(jars);
            disabled = Set.copyOf(disabled);
        }
    }

    private PluginFolder(
            Path folder,
            long rescanIntervalMs,
            PluginFolderListener listener,
            HostTime time,
            Known known,
            WatchService events) {
        long settleMs = Math.min(SETTLE_MS_MAX, rescanIntervalMs);
        this.folder = folder;
        this.rescanNs = TimeUnit.MILLISECONDS.toNanos(rescanIntervalMs);
        this.settleNs = TimeUnit.MILLISECONDS.toNanos(settleMs);
        this.time = time;
        this.scan = new FolderScan(folder, settleNs, listener, known);
        this.events = events;
        this.thread = new Thread(null, this::run, "plugin-folder", 0, false);
        thread.setDaemon(true);
    }

    /**
     * Begins to watch; the jars that are there already are reported first.
     *
     * @param folder need not exist yet
     * @throws IOException if the file system cannot be watched at all
     */
    public static PluginFolder watch(Path folder, long rescanIntervalMs, PluginFolderListener listener, HostTime time)
            throws IOException {
        return watch(folder, rescanIntervalMs, listener, time, Known.NOTHING);
    }

    /**
     * The same for a listener that has looked by itself.
     *
     * @param known what it saw: jars of that are reported all the same, and told of when they are gone meanwhile
     */
    public static PluginFolder watch(
            Path folder, long rescanIntervalMs, PluginFolderListener listener, HostTime time, Known known)
            throws IOException {
        if (rescanIntervalMs < 1) {
            throw new IllegalArgumentException("rescanIntervalMs: " + rescanIntervalMs + " (expected: >= 1)");
        }
        WatchService events = folder.getFileSystem().newWatchService();
        PluginFolder watching = new PluginFolder(folder, rescanIntervalMs, listener, time, known, events);
        watching.thread.start();
        return watching;
    }

    /** Stops; waits for a listener that is being told something, unless it is the listener that calls this. */
    @Override
    public void close() throws IOException {
        events.close();
        if (Thread.currentThread() == thread) {
            return;
        }
        try {
            thread.join(CLOSE_TIMEOUT_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            LOG.warn("the watcher of {} is still busy after {} ms", folder, CLOSE_TIMEOUT_MS);
        }
    }

    private void run() {
        try {
            long lastNs = time.nowNs() - rescanNs;
            long nextNs = time.nowNs();
            while (true) {
                if (awaitEvent(nextNs - time.nowNs())) {
                    nextNs = Math.min(nextNs, lastNs + TimeUnit.MILLISECONDS.toNanos(SCAN_PAUSE_MS));
                }
                if (time.nowNs() >= nextNs) {
                    boolean unsettled = scanOnce();
                    lastNs = time.nowNs();
                    nextNs = lastNs + (unsettled ? settleNs : rescanNs);
                }
            }
        } catch (ClosedWatchServiceException e) {
            LOG.debug("watching {} has ended", folder);
        } catch (InterruptedException e) {
            LOG.warn("watching {} was interrupted and has ended", folder);
        }
    }

    private boolean scanOnce() {
        register();
        try {
            return scan.scan(time.nowNs());
        } catch (RuntimeException e) {
            // A listener that fails on one jar must not end the watching of the others.
            LOG.error("the plugin folder {} could not be scanned to its end", folder, e);
            return false;
        }
    }

    /** The folder may come into existence later, or be replaced by another one: its key is then no longer valid. */
    private void register() {
        if (watched != null && watched.isValid()) {
            return;
        }
        try {
            watched = folder.register(
                    events,
                    StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_MODIFY,
                    StandardWatchEventKinds.ENTRY_DELETE);
        } catch (IOException e) {
            watched = null;
            LOG.debug("no events from {}: {}", folder, Texts.of(e));
        }
    }

    private boolean awaitEvent(long waitNs) throws InterruptedException {
        WatchKey key = events.poll(Math.max(0, waitNs), TimeUnit.NANOSECONDS);
        boolean any = key != null;
        while (key != null) {
            key.pollEvents();
            key.reset();
            key = events.poll();
        }
        return any;
    }
}
