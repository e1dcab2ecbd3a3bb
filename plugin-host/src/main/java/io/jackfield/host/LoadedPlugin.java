package io.jackfield.host;

import io.jackfield.api.Handler;
import io.jackfield.host.codec.BodyCodec;
import io.jackfield.host.config.PluginConfig;
import io.jackfield.protocol.ErrorCode;
import java.io.Closeable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pf4j.Plugin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A started plugin: its PF4J manager, its class loader, its handlers; all that keeps its classes in memory. Owned by the
 * thread that owns the {@link PluginHost}.
 */
final class LoadedPlugin {

    private static final Logger LOG = LoggerFactory.getLogger(LoadedPlugin.class);

    private final String id;
    private final SinglePlugin manager;
    private final List<Handler> instances = new ArrayList<>();
    private @Nullable ClassLoader loader;
    private @Nullable BodyCodec bodies;
    private @Nullable Plugin plugin;
    private final PluginConfig config;

    /** @param dependencies what it is built on */
    LoadedPlugin(PluginManifest manifest, Path folder, PluginConfig config, List<ApiClassLoader> dependencies) {
        this.id = manifest.id();
        this.config = config;
        this.manager = new SinglePlugin(folder, manifest.exports(), dependencies);
    }

    String id() {
        return id;
    }

    /** Makes the class loader; no code of the plugin runs. */
    void load(Path jar) throws PluginRefusedException {
        try {
            manager.loadPlugin(jar);
            loader = manager.getPluginClassLoader(id);
        } catch (RuntimeException e) {
            throw notStarted(e);
        }
    }

    /** PF4J would log what goes wrong, beside what is told of it. */
    void start() throws PluginRefusedException {
        try {
            InPlugin.call(loader, () -> {
                Plugin made = manager.getPlugin(id).getPlugin();
                made.start();
                plugin = made;
                return id;
            });
        } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
            throw notStarted(e);
        }
    }

    ClassLoader loader() {
        if (loader == null) {
            throw new IllegalStateException("plugin " + id + " is not loaded");
        }
        return loader;
    }

    /** Of all its handlers. */
    BodyCodec bodies() {
        if (bodies == null) {
            bodies = new BodyCodec(loader());
        }
        return bodies;
    }

    PluginConfig config() {
        return config;
    }

    void add(Handler instance) {
        instances.add(instance);
    }

    /** Closes handlers, plugin and class loader. Whatever the plugin throws is logged, and the rest is done. */
    void close() {
        for (Handler instance : instances) {
            if (instance instanceof AutoCloseable closeable) {
                attempt("close " + instance.getClass().getName(), closeable::close);
            }
        }
        instances.clear();
        Plugin started = plugin;
        plugin = null;
        if (started != null) {
            attempt("stop it", started::stop);
        }
        attempt("unload it", () -> manager.unloadPlugin(id));
        if (loader instanceof Closeable closeable) {
            attempt("close the class loader", closeable::close);
        }
        loader = null;
        config.release();
        if (bodies != null) {
            // Its holders may outlive the plugin, and must not keep its classes.
            bodies.release();
        }
        JdkCaches.forgetPlugins();
    }

    private void attempt(String what, Step step) {
        try {
            InPlugin.call(loader, () -> {
                step.run();
                return what;
            });
        } catch (Throwable thrown) {
            // Plugin code: an Error of it must not keep the rest from being closed.
            LOG.warn(
                    "plugin {}: cannot {}: {} (it is unloaded all the same; let its code return)",
                    id,
                    what,
                    Texts.whereOf(thrown, loader));
            LOG.debug("plugin {}", id, thrown);
        }
    }

    @FunctionalInterface
    private interface Step {
        void run() throws Exception;
    }

    private PluginRefusedException notStarted(Throwable why) {
        Throwable cause = why.getCause() == null ? why : why.getCause();
        if (cause instanceof LinkageError missing && !(cause instanceof ExceptionInInitializerError)) {
            return HandlerFactory.cannotLink(id, missing);
        }
        LOG.debug("plugin {} does not start", id, why);
        String text = cause == why ? Texts.whereOf(why, loader) : Texts.of(why) + ": " + Texts.whereOf(cause, loader);
        return new PluginRefusedException(
                ErrorCode.PLUGIN_START_FAILED,
                "plugin " + id + " does not start: " + text,
                "change or remove Plugin-Class",
                why);
    }
}
