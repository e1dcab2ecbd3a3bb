package io.jackfield.host;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Runs code of a plugin as the plugin expects it: ServiceLoader, JAXB and others look in the context class loader. */
final class InPlugin {

    private InPlugin() {}

    static <T> T call(@Nullable ClassLoader pluginLoader, Callable<T> code) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(pluginLoader);
        try {
            return code.call();
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
