package io.jackfield.host;

import io.jackfield.host.config.ConfigRefusedException;
import io.jackfield.host.config.PluginConfig;
import io.jackfield.protocol.ErrorCode;
import java.io.IOException;
import java.net.URLConnection;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads plugin jars, each into a {@link Generation} of its own. Safe for any thread. The one that loads may be slow, or
 * never come back: jars are read, and constructors and self-tests of plugins run on it.
 */
public final class PluginHost implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PluginHost.class);
    static final String LOCK = "lock";

    private final PluginHostSettings settings;
    private final FileChannel lock;
    private final Map<PluginConfig, String> configs = new ConcurrentHashMap<>();
    private final AtomicLong generations = new AtomicLong();

    private PluginHost(PluginHostSettings settings, FileChannel lock) {
        this.settings = settings;
        this.lock = lock;
    }

    /**
     * Takes the work folder for this host, and deletes what an earlier one left in it.
     *
     * @throws IOException if the folder cannot be used, or another host uses it
     */
    public static PluginHost open(PluginHostSettings settings) throws IOException {
        Path workDir = Files.createDirectories(settings.workDir());
        FileChannel channel =
                FileChannel.open(workDir.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (tryLock(channel) == null) {
                throw new IOException("work folder " + workDir + " is in use by another process (give each its own)");
            }
            deleteLeftovers(workDir);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        // The JDK caches open jars by path for URLs; that would keep files of unloaded plugins open.
        URLConnection.setDefaultUseCaches("jar", false);
        return new PluginHost(settings, channel);
    }

    /** The number for a generation that is to be loaded: from 1, each only once. */
    public long nextNumber() {
        return generations.incrementAndGet();
    }

    /** Numbers continue above this one, if they are not there yet: that of an earlier host. */
    public void numberAbove(long number) {
        generations.accumulateAndGet(number, Math::max);
    }

    /** Says which plugin a jar is, by a look at its manifest alone. */
    public PluginIdentity identify(Path jar) throws PluginRefusedException {
        return PluginJar.manifest(jar).identity();
    }

    /**
     * Says which plugin a jar is, without running code of it: every byte of it has been read, and all is well as far as
     * that can tell.
     */
    public PluginIdentity inspect(Path jar) throws PluginRefusedException {
        return PluginJar.read(jar, settings.jarUnpackedBytesMax()).manifest().identity();
    }

    /**
     * Loads a jar beside whatever is loaded already. The handlers are made and have passed their self-tests when this
     * returns; nothing is called before the caller does.
     *
     * @param jar any file; it is copied, and may change or go away afterwards
     * @param sha256 what it must hold, where the caller has looked before
     * @throws PluginRefusedException if the jar is not a plugin that can work here; nothing of it is left
     * @throws IOException if the work folder fails
     */
    public Generation load(Path jar, Optional<String> sha256) throws PluginRefusedException, IOException {
        return load(jar, sha256, nextNumber(), List.of(), declared -> {});
    }

    /**
     * Loads several jars, each after those that it depends on, in whatever order they are named.
     *
     * @param loaded what they may depend on besides each other
     * @return their generations in the order of loading: they are unloaded in the reverse one
     * @throws PluginRefusedException one of them cannot be loaded: none is; {@link PluginRefusedException#jar} is that one
     */
    public List<Generation> loadAll(List<Path> jars, List<Generation> loaded)
            throws PluginRefusedException, IOException {
        List<Identified> all = new ArrayList<>();
        for (Path jar : jars) {
            all.add(new Identified(jar, identified(jar)));
        }
        List<Generation> made = new ArrayList<>();
        List<Generation> there = new ArrayList<>(loaded);
        try {
            for (Identified one : Dependencies.inOrder(all, Identified::identity)) {
                Generation generation = loadNamed(one.jar(), there);
                made.add(generation);
                there.add(generation);
            }
            return made;
        } catch (PluginRefusedException | IOException | RuntimeException | Error e) {
            for (int i = made.size() - 1; i >= 0; i--) {
                made.get(i).unload();
            }
            throw e;
        }
    }

    private record Identified(Path jar, PluginIdentity identity) {}

    private PluginIdentity identified(Path jar) throws PluginRefusedException {
        try {
            return identify(jar);
        } catch (PluginRefusedException e) {
            throw e.of(jar);
        }
    }

    private Generation loadNamed(Path jar, List<Generation> there) throws PluginRefusedException, IOException {
        try {
            return load(jar, Optional.empty(), nextNumber(), there, declared -> {});
        } catch (PluginRefusedException e) {
            throw e.of(jar);
        }
    }

    /**
     * The same under a number that {@link #nextNumber} gave.
     *
     * @param others loaded generations, among which is one of each plugin that it depends on; those are not unloaded as long
     *     as the new one is loaded
     * @param declared told on this thread what the handlers declare, before any code of the plugin runs
     */
    public Generation load(
            Path jar, Optional<String> sha256, long number, List<Generation> others, Consumer<List<Declared>> declared)
            throws PluginRefusedException, IOException {
        PrivateCopy incoming = PrivateCopy.take(jar, settings.workDir(), sha256, settings.jarBytesMax());
        PrivateCopy copy = incoming;
        try {
            // Of the copy: what is trusted is what is loaded.
            settings.trust().require(incoming.sha256());
            PluginJar description = PluginJar.read(incoming.file(), settings.jarUnpackedBytesMax());
            copy = incoming.named(settings.workDir(), description.manifest().id(), number);
            return load(description, number, copy, others, declared);
        } catch (PluginRefusedException | IOException | RuntimeException | Error e) {
            Files.deleteIfExists(copy.file());
            throw e;
        }
    }

    /**
     * Gives every generation that is loaded the configuration of this moment, each for itself: where it does not fit, that
     * generation keeps what it has. Called by one thread, any one.
     *
     * @return what does not fit, by plugin id
     */
    public Map<String, List<String>> reconfigure() {
        Map<String, List<String>> problems = new TreeMap<>();
        configs.keySet().removeIf(PluginConfig::isReleased);
        configs.forEach((config, id) -> {
            try {
                if (config.update()) {
                    LOG.info("plugin {} has a new configuration", id);
                }
            } catch (ConfigRefusedException e) {
                problems.put(id, e.problems());
            } catch (RuntimeException | LinkageError e) {
                // A record's constructor is the plugin's code.
                problems.put(id, List.of("plugins.settings." + id + ".config: " + Texts.of(e)));
            }
        });
        return problems;
    }

    /** Gives the work folder free. Generations that are still loaded must be unloaded before. */
    @Override
    public void close() throws IOException {
        lock.close();
    }

    private Generation load(
            PluginJar jar, long number, PrivateCopy copy, List<Generation> others, Consumer<List<Declared>> declared)
            throws PluginRefusedException {
        PluginManifest manifest = jar.manifest();
        List<Generation> dependencies = Dependencies.hold(manifest.identity(), others);
        LoadedPlugin plugin;
        try {
            List<ApiClassLoader> loaders =
                    dependencies.stream().map(Generation::classLoader).toList();
            plugin = new LoadedPlugin(manifest, settings.workDir(), config(manifest.id()), loaders);
        } catch (RuntimeException | Error e) {
            dependencies.forEach(Generation::giveBack);
            throw e;
        }
        try {
            plugin.load(copy.file());
            HandlerFactory factory = HandlerFactory.of(plugin, jar.handlerClasses());
            declared.accept(factory.declared());
            plugin.start();
            String origin =
                    manifest.id() + "/" + manifest.version() + "; generation=" + number + "; sha256=" + copy.sha256();
            List<HostedHandler> handlers = hosted(factory, plugin, manifest.id() + "#" + number, origin);
            return new Generation(manifest, number, copy, plugin, handlers, dependencies);
        } catch (PluginRefusedException | RuntimeException | Error e) {
            plugin.close();
            dependencies.forEach(Generation::giveBack);
            throw e;
        }
    }

    private PluginConfig config(String pluginId) {
        PluginConfig config = new PluginConfig("plugins.settings." + pluginId + ".config", () -> settings.configOf()
                .apply(pluginId));
        // Those of generations that are gone make room.
        configs.keySet().removeIf(PluginConfig::isReleased);
        configs.put(config, pluginId);
        try {
            // The file may have been read anew before it was known here.
            config.update();
        } catch (ConfigRefusedException e) {
            throw new IllegalStateException("nothing is declared yet", e);
        }
        return config;
    }

    private List<HostedHandler> hosted(HandlerFactory factory, LoadedPlugin plugin, String name, String origin)
            throws PluginRefusedException {
        CallContext.Surroundings surroundings = surroundings(plugin);
        List<HostedHandler> hosted = new ArrayList<>();
        for (HandlerFactory.Made made : factory.make()) {
            selfTest(made, plugin.loader(), surroundings);
            Declared declared = limited(made.declared(), name);
            String threads = "plugin-" + name + "-" + declared.service();
            hosted.add(new HostedHandler(
                    declared,
                    new HandlerExecutor(declared, made.handler(), surroundings, threads, settings.queueLengthMax()),
                    origin));
        }
        return hosted;
    }

    /** What the author says is right on many machines; here it is cut, and people are told rather than left without the plugin. */
    private Declared limited(Declared declared, String name) {
        PluginHostSettings.ConcurrencyLimit limit = settings.concurrency();
        if (declared.concurrency() <= limit.max()) {
            return declared;
        }
        LOG.warn(
                "{}: the concurrency of {}, {}, is cut to {}, all that {} allows: set that to {} if so many calls are to run"
                        + " at a time",
                name,
                declared.service(),
                declared.concurrency(),
                limit.max(),
                limit.setting(),
                declared.concurrency());
        return declared.withConcurrency(limit.max());
    }

    private CallContext.Surroundings surroundings(LoadedPlugin plugin) {
        // Nothing here may hold the plugin itself: executors outlive it.
        return new CallContext.Surroundings(
                new PluginLogger(plugin.id()), plugin.config(), plugin.bodies(), settings.time());
    }

    private void selfTest(HandlerFactory.Made made, ClassLoader loader, CallContext.Surroundings surroundings)
            throws PluginRefusedException {
        String service = made.declared().service();
        long deadlineNs = settings.time().nowNs() + TimeUnit.MILLISECONDS.toNanos(settings.selfTestTimeoutMs());
        try {
            InPlugin.call(loader, () -> {
                made.handler().selfTest(CallContext.ofSelfTest(deadlineNs, surroundings));
                return service;
            });
        } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
            throw new PluginRefusedException(
                    ErrorCode.PLUGIN_START_FAILED,
                    "the self-test of service " + service + " threw " + Texts.whereOf(e, loader),
                    "give it what it asks for, and put the jar there again",
                    e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // Another host in this very process.
            return null;
        }
    }

    /** Copies of a host that was killed. The lock file stays: deleting it would let two hosts lock two files. */
    private static void deleteLeftovers(Path workDir) throws IOException {
        try (Stream<Path> files = Files.walk(workDir)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                if (!file.equals(workDir) && !file.equals(workDir.resolve(LOCK))) {
                    LOG.debug("deleting {}, left by an earlier host", file);
                    Files.delete(file);
                }
            }
        }
    }
}
