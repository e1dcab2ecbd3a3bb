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
import org.pf4j.PluginState;
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

    void start() throws PluginRefusedException {
        try {
            PluginState state = InPlugin.call(loader, () -> manager.startPlugin(id));
            if (state != PluginState.STARTED) {
                throw notStarted(manager.getPlugin(id).getFailedException());
            }
        } catch (PluginRefusedException e) {
            throw e;
        } catch (Exception e) {
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
        // One plugin at a time: stopPlugins() of PF4J 3.15 fails with a ConcurrentModificationException.
        attempt("stop and unload the plugin", () -> manager.unloadPlugin(id));
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
            LOG.warn("plugin {}: cannot {}: {}", id, what, Texts.of(thrown));
        }
    }

    @FunctionalInterface
    private interface Step {
        void run() throws Exception;
    }

    private PluginRefusedException notStarted(@Nullable Throwable why) {
        Throwable origin = why == null ? new IllegalStateException("PF4J gives no reason") : why;
        Throwable cause = origin.getCause() == null ? origin : origin.getCause();
        if (cause instanceof LinkageError missing) {
            return HandlerFactory.cannotLink(id, missing);
        }
        String text = Texts.of(origin) + (cause == origin ? "" : ": " + Texts.of(cause));
        return new PluginRefusedException(
                ErrorCode.PLUGIN_START_FAILED,
                "plugin " + id + " does not start: " + text,
                "change or remove Plugin-Class; the log has the stack trace",
                origin);
    }
}
