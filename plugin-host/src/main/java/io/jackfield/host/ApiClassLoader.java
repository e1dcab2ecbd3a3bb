package io.jackfield.host;

import java.io.IOException;
import java.net.URL;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;
import org.pf4j.PluginClassLoader;
import org.pf4j.PluginDescriptor;
import org.pf4j.PluginManager;

/**
 * The class loader of one generation. What the host and its plugins must share comes from the host, whatever the jar
 * holds; everything else comes from the jar first; of the host's other libraries a plugin sees nothing. So a plugin may
 * bring any version of any library, and the host may change its own. What the jar does not hold may come from the plugins
 * that it depends on, each as far as it exports it, and from those that these depend on.
 */
final class ApiClassLoader extends PluginClassLoader {

    private static final List<String> SHARED = List.of("io.jackfield.api.", "org.pf4j.", "org.slf4j.");

    /** Those that are not closed; static, for a thread's stack does not tell which host its classes are of. */
    private static final Set<ApiClassLoader> OPEN =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    /** For people who look at a heap dump. */
    private volatile String generation = "";

    private final Exports exports;
    private final List<ApiClassLoader> dependencies;

    /** @param dependencies of the generations that this one is built on */
    ApiClassLoader(
            PluginManager manager, PluginDescriptor descriptor, Exports exports, List<ApiClassLoader> dependencies) {
        super(manager, descriptor, new HostWindow(ApiClassLoader.class.getClassLoader()));
        this.exports = exports;
        this.dependencies = List.copyOf(dependencies);
        OPEN.add(this);
    }

    // PF4J would ask its manager, which knows one plugin only.
    @Override
    protected @Nullable Class<?> loadClassFromDependencies(String className) {
        for (ApiClassLoader dependency : dependencies) {
            Class<?> type = dependency.exported(className);
            if (type != null) {
                return type;
            }
        }
        return null;
    }

    // A class that is exported finds the resources of its own jar by itself.
    @Override
    protected @Nullable URL findResourceFromDependencies(String name) {
        return null;
    }

    @Override
    protected Collection<URL> findResourcesFromDependencies(String name) {
        return List.of();
    }

    /** What those who depend on it see: its own, and what it has of others, for that may stand in what it exports. */
    private @Nullable Class<?> exported(String className) {
        if (exports.covers(className) && findResource(className.replace('.', '/') + ".class") != null) {
            try {
                return loadClass(className);
            } catch (ClassNotFoundException e) {
                return null;
            }
        }
        return loadClassFromDependencies(className);
    }

    @Override
    protected boolean shouldDelegateToParent(String className) {
        return isShared(className);
    }

    void belongsTo(String newGeneration) {
        generation = newGeneration;
    }

    @Override
    public void close() throws IOException {
        OPEN.remove(this);
        super.close();
    }

    /** True if it alone, of those that are in use, can be the one that made the class of that name. */
    boolean aloneHasLoaded(String className) {
        return hasLoaded(className)
                && Set.copyOf(OPEN).stream().noneMatch(other -> other != this && other.hasLoaded(className));
    }

    /** True if it has made this class itself. */
    boolean hasLoaded(String className) {
        Class<?> loaded = findLoadedClass(className);
        return loaded != null && loaded.getClassLoader() == this;
    }

    /** A class of the host's as one of the plugin's; the same one if that has been done before. */
    Class<?> define(String className, byte[] bytes) {
        Class<?> loaded = findLoadedClass(className);
        return loaded != null ? loaded : defineClass(className, bytes, 0, bytes.length);
    }

    @Override
    public String toString() {
        return "classes of " + generation;
    }

    private static boolean isShared(String className) {
        for (String prefix : SHARED) {
            if (className.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }

    /** The JDK, and of the host only what is shared; no resources of the host. */
    private static final class HostWindow extends ClassLoader {

        private final ClassLoader host;

        HostWindow(ClassLoader host) {
            super(ClassLoader.getPlatformClassLoader());
            this.host = host;
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (isShared(name)) {
                return host.loadClass(name);
            }
            throw new ClassNotFoundException(name);
        }
    }
}
