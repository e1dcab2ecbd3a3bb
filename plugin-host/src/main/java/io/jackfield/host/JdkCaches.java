package io.jackfield.host;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.runtime.ObjectMethods;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the JDK itself would keep of an unloaded plugin. Before JDK 20 a method handle remembers the last type that it was
 * asked to have (JDK-8078641), and those behind toString, equals and hashCode of all records are the JDK's own: they hold
 * the class of a component of the record whose method was linked last.
 */
final class JdkCaches {

    private static final Logger LOG = LoggerFactory.getLogger(JdkCaches.class);

    private JdkCaches() {}

    /** With this linked last, they hold a class of the host instead. */
    private record Own(Own component) {}

    /** To be called when a plugin has been unloaded; takes well under a millisecond. Safe for any thread. */
    static void forgetPlugins() {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        try {
            MethodHandle getter = lookup.findGetter(Own.class, "component", Own.class);
            link(lookup, "toString", MethodType.methodType(String.class, Own.class), getter);
            link(lookup, "hashCode", MethodType.methodType(int.class, Own.class), getter);
            link(lookup, "equals", MethodType.methodType(boolean.class, Own.class, Object.class), getter);
        } catch (Throwable e) {
            // Declared by the JDK's method; nothing but memory depends on it.
            LOG.warn("the JDK may keep classes of an unloaded plugin: {}", Texts.of(e));
        }
    }

    private static void link(MethodHandles.Lookup lookup, String method, MethodType type, MethodHandle getter)
            throws Throwable {
        Object site = ObjectMethods.bootstrap(lookup, method, type, Own.class, "component", getter);
        LOG.trace("linked {}", site);
    }
}
