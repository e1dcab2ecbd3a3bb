package io.jackfield.host;

import java.io.IOException;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One loaded version of one plugin, with a PF4J manager, a class loader and a private copy of the jar for itself, so
 * that the next one is loaded beside it. Loaded by one thread and unloaded by one; what it tells of itself any thread may
 * ask.
 */
public final class Generation {

    private static final Logger LOG = LoggerFactory.getLogger(Generation.class);

    private final PluginManifest manifest;
    private final long number;
    private final PrivateCopy copy;
    private final List<HostedHandler> handlers;
    private final ReferenceQueue<ClassLoader> collected = new ReferenceQueue<>();
    private final WeakReference<ClassLoader> loader;
    private final LoaderTrace trace;

    // Null after unload.
    private volatile @Nullable LoadedPlugin loaded;

    private final List<Generation> dependencies;
    private final Holds holds = new Holds();
    private final AtomicBoolean ownerHasLeft = new AtomicBoolean();

    /** @param dependencies what it is built on, held: it gives them back when it is unloaded */
    Generation(
            PluginManifest manifest,
            long number,
            PrivateCopy copy,
            LoadedPlugin loaded,
            List<HostedHandler> handlers,
            List<Generation> dependencies) {
        this.manifest = manifest;
        this.number = number;
        this.copy = copy;
        this.loaded = loaded;
        this.dependencies = List.copyOf(dependencies);
        this.handlers = List.copyOf(handlers);
        this.loader = new WeakReference<>(loaded.loader(), collected);
        this.trace = new LoaderTrace(toString(), loaded.loader());
        if (loaded.loader() instanceof ApiClassLoader own) {
            own.belongsTo(toString());
        }
    }

    /** The plugin's id, which all its generations have in common. */
    public String pluginId() {
        return manifest.id();
    }

    /** The plugin's version, as its author counts. */
    public String version() {
        return manifest.version();
    }

    /** Counts the generations of this host, from 1: a later one has a higher number. */
    public long number() {
        return number;
    }

    /** SHA-256 of the jar, 64 lower-case hexadecimal digits. */
    public String sha256() {
        return copy.sha256();
    }

    /** Its private copy of the jar, as long as it is loaded: to be read, not changed. */
    public Path jar() {
        return copy.file();
    }

    /** Copies its jar, which may not lie anywhere else any more; only while it is loaded. */
    public void copyJar(Path target) throws IOException {
        Files.copy(copy.file(), target, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Which plugin it is, in which version. */
    public PluginIdentity identity() {
        return manifest.identity();
    }

    /** Its handlers, 1 or more, each of another service. */
    public List<HostedHandler> handlers() {
        return handlers;
    }

    /** The generations whose classes it uses, as {@link PluginIdentity#dependencies} asks for them. */
    public List<Generation> dependencies() {
        return dependencies;
    }

    /** True if it is built on the other, directly or not. */
    public boolean isBuiltOn(Generation other) {
        return dependencies.stream().anyMatch(one -> one == other || one.isBuiltOn(other));
    }

    /**
     * The owner wants to unload it: tells him once when no other generation is built on it any more, at once or on the
     * thread that unloads the last of those. A second call does nothing.
     */
    public void whenUnused(Runnable action) {
        if (ownerHasLeft.compareAndSet(false, true)) {
            holds.leave(action);
        }
    }

    /**
     * Ends it: cancels the calls that are left, closes the handlers that can be closed, stops the plugin, closes its class
     * loader and deletes the private copy. Whatever the plugin throws is logged, and the rest is done. The owner first
     * moves the service elsewhere and drains the executors; a second call does nothing. While other generations are built
     * on it all this waits for the unloading of the last of them, unless {@link #whenUnused} has told.
     */
    public void unload() {
        if (ownerHasLeft.compareAndSet(false, true)) {
            holds.leave(this::end);
        } else {
            end();
        }
    }

    /** For a generation that is to be built on it; false if it has been unloaded. */
    boolean hold() {
        return holds.take();
    }

    void giveBack() {
        holds.giveBack();
    }

    /** Of a loaded plugin, for those that are built on it. */
    ApiClassLoader classLoader() {
        LoadedPlugin what = loaded;
        if (what == null) {
            throw new IllegalStateException("generation " + this + " is unloaded (expected: held)");
        }
        return (ApiClassLoader) what.loader();
    }

    private void end() {
        LoadedPlugin what = loaded;
        if (what == null) {
            return;
        }
        loaded = null;
        handlers.forEach(handler -> handler.executor().close());
        what.close();
        handlers.forEach(handler -> handler.executor().release());
        deleteCopy();
        List<String> threads = leakedThreads();
        if (!threads.isEmpty()) {
            LOG.warn("generation {} has ended, but not its threads {}: they keep its classes in memory", this, threads);
        }
        dependencies.forEach(Generation::giveBack);
    }

    /** Names of its threads that have not ended: what the plugin started itself, and calls that it does not let go of. */
    public List<String> leakedThreads() {
        ClassLoader own = loader.get();
        return own == null ? List.of() : LeakedThreads.of(own);
    }

    /** What becomes of its classes once it has been unloaded. */
    public LoaderTrace trace() {
        return trace;
    }

    /** True when the plugin's class loader, and so every class of it, has left memory. */
    public boolean isCollected() {
        return loader.refersTo(null);
    }

    /**
     * Waits until the plugin's classes have left memory, asking for garbage collections, which stop every thread for
     * some time. What pins them is a thread of the plugin, a thread-local or a static of the host, or whoever still
     * holds an object of it.
     *
     * @return false if they are still there after the time
     * @throws IllegalStateException if it has not been unloaded
     */
    public boolean awaitCollected(Duration timeout) throws InterruptedException {
        if (loaded != null) {
            throw new IllegalStateException("generation " + this + " is loaded (expected: unloaded)");
        }
        long waitMs = 1;
        long leftMs = timeout.toMillis();
        while (!isCollected() && leftMs > 0) {
            System.gc();
            collected.remove(Math.min(waitMs, leftMs));
            leftMs -= waitMs;
            waitMs *= 2;
        }
        return isCollected();
    }

    private void deleteCopy() {
        try {
            Files.deleteIfExists(copy.file());
        } catch (IOException e) {
            LOG.warn("generation {}: cannot delete its private copy {}: {}", this, copy.file(), Texts.of(e));
        }
    }

    @Override
    public String toString() {
        return pluginId() + "@" + version() + "#" + number + "-" + sha256().substring(0, 8);
    }
}
