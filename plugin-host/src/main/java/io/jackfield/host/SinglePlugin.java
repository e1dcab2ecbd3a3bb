package io.jackfield.host;

import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import org.pf4j.DefaultPluginFactory;
import org.pf4j.JarPluginManager;
import org.pf4j.ManifestPluginDescriptorFinder;
import org.pf4j.Plugin;
import org.pf4j.PluginDescriptor;
import org.pf4j.PluginDescriptorFinder;
import org.pf4j.PluginFactory;
import org.pf4j.PluginLoader;
import org.pf4j.PluginRuntimeException;
import org.pf4j.PluginStatusProvider;
import org.pf4j.PluginWrapper;
import org.pf4j.RuntimeMode;

/**
 * A PF4J manager that holds the plugin of one generation: PF4J cannot hold two versions of one id. Owned by the thread
 * that loads and unloads; PF4J's managers are not thread-safe.
 */
final class SinglePlugin extends JarPluginManager {

    private final Exports exports;
    private final List<ApiClassLoader> dependencies;

    /** @param dependencies what the plugin is built on */
    SinglePlugin(Path folder, Exports exports, List<ApiClassLoader> dependencies) {
        super(folder);
        this.exports = exports;
        this.dependencies = List.copyOf(dependencies);
    }

    // PF4J would look for what the plugin depends on in this manager, and refuse.
    @Override
    protected PluginDescriptorFinder createPluginDescriptorFinder() {
        return new ManifestPluginDescriptorFinder() {
            @Override
            protected PluginDescriptor createPluginDescriptor(Manifest manifest) {
                Manifest alone = new Manifest(manifest);
                alone.getMainAttributes().remove(new Attributes.Name(PLUGIN_DEPENDENCIES));
                return super.createPluginDescriptor(alone);
            }
        };
    }

    // PF4J would read it from a system property, and look for class folders in development mode.
    @Override
    public RuntimeMode getRuntimeMode() {
        return RuntimeMode.DEPLOYMENT;
    }

    @Override
    protected PluginLoader createPluginLoader() {
        return new JarLoader();
    }

    @Override
    protected PluginFactory createPluginFactory() {
        return new OutspokenFactory();
    }

    // PF4J would read and write enabled.txt and disabled.txt beside the jars.
    @Override
    protected PluginStatusProvider createPluginStatusProvider() {
        return new AlwaysEnabled();
    }

    private final class JarLoader implements PluginLoader {
        @Override
        public boolean isApplicable(Path jar) {
            return true;
        }

        @Override
        public ClassLoader loadPlugin(Path jar, PluginDescriptor descriptor) {
            ApiClassLoader loader = new ApiClassLoader(SinglePlugin.this, descriptor, exports, dependencies);
            loader.addFile(jar.toFile());
            return loader;
        }
    }

    /** PF4J's own factory logs what went wrong and gives null, which ends in a NullPointerException elsewhere. */
    private static final class OutspokenFactory extends DefaultPluginFactory {
        @Override
        public Plugin create(PluginWrapper wrapper) {
            String name = wrapper.getDescriptor().getPluginClass();
            try {
                Class<?> type = wrapper.getPluginClassLoader().loadClass(name);
                if (!Plugin.class.isAssignableFrom(type)) {
                    throw new PluginRuntimeException(
                            "Plugin-Class {} does not extend {}", name, Plugin.class.getName());
                }
                return (Plugin) type.getConstructor().newInstance();
            } catch (ClassNotFoundException e) {
                throw new PluginRuntimeException(e, "Plugin-Class {} is not in the jar", name);
            } catch (InvocationTargetException e) {
                throw new PluginRuntimeException(e.getCause(), "Plugin-Class {} cannot be made", name);
            } catch (ReflectiveOperationException e) {
                throw new PluginRuntimeException(
                        e, "Plugin-Class {} needs a public constructor without parameters", name);
            }
        }
    }

    private static final class AlwaysEnabled implements PluginStatusProvider {
        @Override
        public boolean isPluginDisabled(String pluginId) {
            return false;
        }

        @Override
        public void disablePlugin(String pluginId) {
            throw new UnsupportedOperationException("a generation is unloaded, not disabled");
        }

        @Override
        public void enablePlugin(String pluginId) {
            throw new UnsupportedOperationException("a generation is always enabled");
        }
    }
}
