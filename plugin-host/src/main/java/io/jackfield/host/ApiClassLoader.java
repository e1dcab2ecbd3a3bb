package io.jackfield.host;

import java.util.List;
import org.pf4j.PluginClassLoader;
import org.pf4j.PluginDescriptor;
import org.pf4j.PluginManager;

/**
 * The class loader of one generation. What the host and its plugins must share comes from the host, whatever the jar
 * holds; everything else comes from the jar first; of the host's other libraries a plugin sees nothing. So a plugin may
 * bring any version of any library, and the host may change its own.
 */
final class ApiClassLoader extends PluginClassLoader {

    private static final List<String> SHARED = List.of("io.jackfield.api.", "org.pf4j.", "org.slf4j.");

    /** For people who look at a heap dump. */
    private volatile String generation = "";

    ApiClassLoader(PluginManager manager, PluginDescriptor descriptor) {
        super(manager, descriptor, new HostWindow(ApiClassLoader.class.getClassLoader()));
    }

    @Override
    protected boolean shouldDelegateToParent(String className) {
        return isShared(className);
    }

    void belongsTo(String newGeneration) {
        generation = newGeneration;
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
