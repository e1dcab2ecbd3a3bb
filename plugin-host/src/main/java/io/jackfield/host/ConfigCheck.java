package io.jackfield.host;

import io.jackfield.api.Service;
import io.jackfield.host.config.ConfigNode;
import io.jackfield.host.config.ConfigRefusedException;
import io.jackfield.host.config.PluginConfig;
import io.jackfield.protocol.ErrorCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a configuration fits a plugin, found out before anything serves: no handler is made, and of the plugin's code
 * only the constructors of its configuration's records run. Used by one thread.
 */
public final class ConfigCheck {

    private static final Logger LOG = LoggerFactory.getLogger(ConfigCheck.class);

    private final Function<String, ConfigNode> configOf;
    private final TrustedJars trust;

    /**
     * Of that configuration.
     *
     * @param configOf entries by plugin id
     * @param trust which jars may run code
     */
    public ConfigCheck(Function<String, ConfigNode> configOf, TrustedJars trust) {
        this.configOf = configOf;
        this.trust = trust;
    }

    /**
     * Looks at a jar.
     *
     * @param others jars among which are those that it depends on
     * @return the plugin's id
     * @throws PluginRefusedException {@code CONFIG_INVALID} with every problem as its cause, or what else keeps the jar
     *     from being loaded
     * @throws IOException if it cannot be read
     */
    public String check(Path jar, List<Path> others) throws PluginRefusedException, IOException {
        trust.require(Sha256.of(jar));
        List<Path> trusted = new ArrayList<>();
        for (Path other : others) {
            if (trust.file().isEmpty() || trust.trusts(Sha256.of(other))) {
                trusted.add(other);
            }
        }
        return checked(jar, trusted);
    }

    private String checked(Path jar, List<Path> others) throws PluginRefusedException {
        PluginJar description = PluginJar.read(jar, PluginHostSettings.JAR_UNPACKED_BYTES_MAX);
        String id = description.manifest().id();
        List<ApiClassLoader> opened = new ArrayList<>();
        try {
            bind(id, open(jar, description.manifest(), others, List.of(), opened), description.handlerClasses());
        } catch (RuntimeException e) {
            throw new PluginRefusedException(
                    ErrorCode.PLUGIN_START_FAILED,
                    "the configuration of plugin " + id + " cannot be checked: " + Texts.of(e),
                    "see the cause",
                    e);
        } finally {
            opened.forEach(ConfigCheck::close);
        }
        return id;
    }

    /** Makes the class loader of a jar, and before that those of the jars that it depends on. */
    private static ApiClassLoader open(
            Path jar, PluginManifest manifest, List<Path> others, List<String> above, List<ApiClassLoader> opened)
            throws PluginRefusedException {
        List<String> chain = new ArrayList<>(above);
        chain.add(manifest.id());
        List<ApiClassLoader> dependencies = new ArrayList<>();
        for (Dependency dependency : manifest.dependencies()) {
            if (chain.contains(dependency.pluginId())) {
                throw Dependencies.cycle(chain, dependency.pluginId());
            }
            Path found = find(manifest.identity(), dependency, others);
            dependencies.add(open(found, PluginJar.manifest(found), others, chain, opened));
        }
        Path folder = jar.toAbsolutePath().getParent();
        SinglePlugin manager = new SinglePlugin(folder == null ? jar : folder, manifest.exports(), dependencies);
        manager.loadPlugin(jar);
        ApiClassLoader loader = (ApiClassLoader) manager.getPluginClassLoader(manifest.id());
        opened.add(loader);
        return loader;
    }

    private static Path find(PluginIdentity plugin, Dependency dependency, List<Path> others)
            throws PluginRefusedException {
        String there = "no jar of that id is there";
        for (Path other : others) {
            try {
                PluginIdentity identity = PluginJar.manifest(other).identity();
                if (identity.id().equals(dependency.pluginId())) {
                    if (dependency.accepts(identity.version())) {
                        return other;
                    }
                    there = identity + " is there";
                }
            } catch (PluginRefusedException e) {
                LOG.debug("{} is looked at by itself: {}", other, e.failure().cause());
            }
        }
        throw Dependencies.missing(plugin, dependency, there);
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

    private static void close(ApiClassLoader loader) {
        try {
            loader.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
