package io.jackfield.host;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Proxy;
import java.lang.runtime.ObjectMethods;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the JDK itself would keep of an unloaded plugin. A method handle remembers the last type that it was asked to have (JDK-8078641), and
 * those behind toString, equals and hashCode of all records are the JDK's own: they hold the class of a component of the record whose method
 * was linked last. Up to JDK 19 the reference is strong, later a soft one, which in a large heap lasts for hours just as well.
 */
final class JdkCaches {

    private static final Logger LOG = LoggerFactory.getLogger(JdkCaches.class);

    private JdkCaches() {}

    /**
     * With methods of this class linked last, the JDK holds it instead. It is made by a loader of its own, as classes of plugins are: a class
     * that lives as long as the process would be remembered in another place from JDK 20 on, and displace nothing.
     */
    private static final class Displacing {
        private static final Class<?> CLASS = Proxy.newProxyInstance(
                        new ClassLoader(JdkCaches.class.getClassLoader()) {},
                        new Class<?>[] {Runnable.class},
                        (proxy, method, arguments) -> null)
                .getClass();
    }

    /** To be called when a plugin has been unloaded; takes well under a millisecond. Safe for any thread. */
    static void forgetPlugins() {
        Class<?> own = Displacing.CLASS;
        try {
            link("toString", MethodType.methodType(String.class, own), own);
            link("hashCode", MethodType.methodType(int.class, own), own);
            link("equals", MethodType.methodType(boolean.class, own, Object.class), own);
        } catch (Throwable e) {
            // Declared by the JDK's method; nothing but memory depends on it.
            LOG.warn("the JDK may keep classes of an unloaded plugin: {}", Texts.of(e));
        }
    }

    private static void link(String method, MethodType type, Class<?> own) throws Throwable {
        MethodHandle component = MethodHandles.identity(own);
        Object site = ObjectMethods.bootstrap(MethodHandles.lookup(), method, type, own, "component", component);
        LOG.trace("linked {}", site);
    }
}
