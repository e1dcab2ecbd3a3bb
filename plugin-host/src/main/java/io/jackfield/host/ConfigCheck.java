package io.jackfield.host;

import io.jackfield.api.Service;
import io.jackfield.host.config.ConfigNode;
import io.jackfield.host.config.ConfigRefusedException;
import io.jackfield.host.config.PluginConfig;
import io.jackfield.protocol.ErrorCode;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Whether a configuration fits a plugin, found out before anything serves: no handler is made, and of the plugin's code
 * only the constructors of its configuration's records run. Used by one thread.
 */
public final class ConfigCheck {

    private final Function<String, ConfigNode> configOf;

    /**
     * Of that configuration.
     *
     * @param configOf entries by plugin id
     */
    public ConfigCheck(Function<String, ConfigNode> configOf) {
        this.configOf = configOf;
    }

    /**
     * Looks at a jar.
     *
     * @return the plugin's id
     * @throws PluginRefusedException {@code CONFIG_INVALID} with every problem as its cause, or what else keeps the jar
     *     from being loaded
     */
    public String check(Path jar) throws PluginRefusedException {
        PluginJar description = PluginJar.read(jar, PluginHostSettings.JAR_UNPACKED_BYTES_MAX);
        String id = description.manifest().id();
        Path folder = jar.toAbsolutePath().getParent();
        SinglePlugin manager = new SinglePlugin(folder == null ? jar : folder);
        try {
            manager.loadPlugin(jar);
            bind(id, manager.getPluginClassLoader(id), description.handlerClasses());
        } catch (RuntimeException e) {
            throw new PluginRefusedException(
                    ErrorCode.PLUGIN_START_FAILED,
                    "the configuration of plugin " + id + " cannot be checked: " + Texts.of(e),
                    "see the cause",
                    e);
        } finally {
            close(manager, id);
        }
        return id;
    }

    private void bind(String id, ClassLoader loader, List<String> handlers) throws PluginRefusedException {
        PluginConfig config = new PluginConfig("plugins.settings." + id + ".config", () -> configOf.apply(id));
        try {
            for (Class<?> type : declared(loader, handlers)) {
                config.declare(type);
            }
        } catch (ConfigRefusedException e) {
            throw new PluginRefusedException(ErrorCode.CONFIG_INVALID, String.join("; ", e.problems()), "", e);
        } catch (ClassNotFoundException | LinkageError e) {
            throw new PluginRefusedException(
                    ErrorCode.PLUGIN_INCOMPATIBLE, "plugin " + id + " cannot be loaded: " + Texts.of(e), "", e);
        }
    }

    private static Set<Class<?>> declared(ClassLoader loader, List<String> handlers) throws ClassNotFoundException {
        Set<Class<?>> types = new LinkedHashSet<>();
        for (String handler : handlers) {
            Service service = Class.forName(handler, false, loader).getAnnotation(Service.class);
            if (service != null && service.config() != void.class) {
                types.add(service.config());
            }
        }
        return types;
    }

    private static void close(SinglePlugin manager, String id) {
        try {
            ClassLoader loader = manager.getPlugin(id) == null ? null : manager.getPluginClassLoader(id);
            if (loader instanceof Closeable closeable) {
                closeable.close();
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
