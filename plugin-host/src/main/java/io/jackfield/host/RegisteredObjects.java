package io.jackfield.host;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.management.InstanceNotFoundException;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a plugin has registered with the JDK and not taken back: that keeps its classes in memory. Any thread. */
final class RegisteredObjects {

    private static final Logger LOG = LoggerFactory.getLogger(RegisteredObjects.class);

    private RegisteredObjects() {}

    /** JDBC drivers and MBeans whose classes are of that class loader, each in words. */
    static List<String> of(ClassLoader loader) {
        List<String> found = new ArrayList<>();
        drivers(loader)
                .forEach(name -> found.add("JDBC driver " + name + " (DriverManager.deregisterDriver ends that)"));
        mbeans(loader).forEach(name -> found.add("MBean " + name + " (MBeanServer.unregisterMBean ends that)"));
        return found;
    }

    /** DriverManager shows a driver only to code of the class loader that it is of: so the list is made by such code. */
    private static List<String> drivers(ClassLoader loader) {
        if (!(loader instanceof ApiClassLoader own)) {
            return List.of();
        }
        try {
            Object list = own.define(DriverNames.class.getName(), bytes(DriverNames.class))
                    .getConstructor()
                    .newInstance();
            return ((Supplier<?>) list).get() instanceof List<?> names
                    ? names.stream().map(String::valueOf).toList()
                    : List.of();
        } catch (IOException | ReflectiveOperationException | LinkageError e) {
            // A Java without java.sql has no drivers.
            LOG.debug("JDBC drivers are not looked at: {}", Texts.of(e));
            return List.of();
        }
    }

    private static List<String> mbeans(ClassLoader loader) {
        Set<MBeanServer> servers = new java.util.LinkedHashSet<>(MBeanServerFactory.findMBeanServer(null));
        servers.add(ManagementFactory.getPlatformMBeanServer());
        return servers.stream()
                .flatMap(server -> mbeans(server, loader))
                .sorted()
                .toList();
    }

    private static Stream<String> mbeans(MBeanServer server, ClassLoader loader) {
        return server.queryNames(null, null).stream()
                .filter(name -> isOf(server, name, loader))
                .map(ObjectName::getCanonicalName);
    }

    private static boolean isOf(MBeanServer server, ObjectName name, ClassLoader loader) {
        try {
            return server.getClassLoaderFor(name) == loader;
        } catch (InstanceNotFoundException e) {
            return false;
        }
    }

    private static byte[] bytes(Class<?> type) throws IOException {
        try (InputStream in = type.getResourceAsStream(type.getSimpleName() + ".class")) {
            if (in == null) {
                throw new IOException(type + " has no class file");
            }
            return in.readAllBytes();
        }
    }
}
