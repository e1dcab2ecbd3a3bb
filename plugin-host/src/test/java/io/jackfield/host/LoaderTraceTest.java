package io.jackfield.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.host.fixture.FixtureJar;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What keeps an unloaded plugin in memory is named. */
final class LoaderTraceTest {
    private static final Duration COLLECT = Duration.ofSeconds(30);

    private final Path folder;
    private final PluginHost host;

    LoaderTraceTest(@TempDir Path temp) throws IOException {
        this.folder = temp;
        this.host = PluginHost.open(PluginHostSettings.defaults(temp.resolve("work")));
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    @Test
    void shouldNameNothingWhereNothingIsLeft() throws Exception {
        Generation generation = unloaded(FixtureJar.plugin("p").handler("s", "return null;"));

        assertEquals(List.of(), generation.trace().pins());
        assertTrue(generation.awaitCollected(COLLECT));
        assertTrue(generation.trace().isCollected());
        assertEquals(List.of(), generation.trace().pins());
        assertTrue(generation.trace().inHeapDump().endsWith("whose field generation is " + generation));
    }

    @Test
    void shouldNameAThreadThatRunsCodeOfThePlugin() throws Exception {
        Generation generation = unloaded(starting("Thread t = new Thread(() -> {"
                + "try { new CountDownLatch(1).await(); } catch (InterruptedException e) {} }, \"left-behind\");"
                + "t.setDaemon(true); t.setContextClassLoader(ClassLoader.getSystemClassLoader()); t.start();"));

        String pin = only(generation);
        assertTrue(pin.startsWith("thread \"left-behind\" ("), pin);
        assertTrue(pin.contains(" at fixture.p.H0.lambda$selfTest$0(H0.java:"), pin);
        // In no variable of the test: a thread that has ended holds its task, from JDK 21 on.
        Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("left-behind"))
                .forEach(Thread::interrupt);
        assertTrue(generation.awaitCollected(COLLECT));
    }

    @Test
    void shouldNotTakeTheThreadOfALaterGenerationForOneOfTheFormer() throws Exception {
        FixtureJar jar = starting("Thread t = new Thread(() -> {"
                + "try { new CountDownLatch(1).await(); } catch (InterruptedException e) {} }, \"second-of-\" + v());"
                + "if (v().equals(\"2\")) { t.setDaemon(true); t.start(); }");
        Generation first = unloaded(jar.version("1.0.0").entry("v", "1"));
        Generation second = host.load(jar.version("2.0.0").entry("v", "2").writeTo(folder), Optional.empty());
        assertEquals(List.of(), first.trace().pins());
        second.unload();

        assertTrue(only(second).startsWith("thread \"second-of-2\""));
        Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("second-of-2"))
                .forEach(Thread::interrupt);
        assertTrue(second.awaitCollected(COLLECT));
    }

    @Test
    void shouldNameADriverThatNobodyTookBack() throws Exception {
        Generation generation = unloaded(starting("java.sql.DriverManager.registerDriver(new D());")
                .source(
                        "D",
                        "public class D implements java.sql.Driver {"
                                + "public java.sql.Connection connect(String u, Properties p) { return null; }"
                                + "public boolean acceptsURL(String u) { return false; }"
                                + "public java.sql.DriverPropertyInfo[] getPropertyInfo(String u, Properties p) {"
                                + " return new java.sql.DriverPropertyInfo[0]; }"
                                + "public int getMajorVersion() { return 1; } public int getMinorVersion() { return 0; }"
                                + "public boolean jdbcCompliant() { return false; }"
                                + "public java.util.logging.Logger getParentLogger() { return null; } }"));

        for (int i = 0; i < 2; i++) {
            assertEquals("JDBC driver fixture.p.D (DriverManager.deregisterDriver ends that)", only(generation));
        }
        assertFalse(generation.trace().isCollected());
    }

    @Test
    void shouldNameAnMBeanThatNobodyTookBack() throws Exception {
        ObjectName name = new ObjectName("fixture:type=Left");
        Generation generation = unloaded(starting("java.lang.management.ManagementFactory.getPlatformMBeanServer()"
                        + ".registerMBean(new Left(), new javax.management.ObjectName(\"fixture:type=Left\"));")
                .source("LeftMBean", "public interface LeftMBean { int getLeft(); }")
                .source("Left", "public class Left implements LeftMBean { public int getLeft() { return 1; } }"));

        assertEquals("MBean fixture:type=Left (MBeanServer.unregisterMBean ends that)", only(generation));
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        server.unregisterMBean(name);
        assertTrue(generation.awaitCollected(COLLECT));
    }

    private static String only(Generation generation) {
        List<String> pins = generation.trace().pins();
        assertEquals(1, pins.size(), pins::toString);
        return pins.get(0);
    }

    /** A plugin whose self-test does that. */
    private static FixtureJar starting(String code) {
        return FixtureJar.plugin("p")
                .handler(
                        "name = \"s\"",
                        "implements Handler",
                        FixtureJar.handleMethod("return null;")
                                + "@Override public void selfTest(HandlerContext context) throws Exception {" + code
                                + "}"
                                + "private String v() throws Exception {"
                                + " try (java.io.InputStream in = getClass().getResourceAsStream(\"/v\")) {"
                                + " return new String(in.readAllBytes()); } }");
    }

    private Generation unloaded(FixtureJar jar) throws Exception {
        Generation generation = host.load(jar.writeTo(folder), Optional.empty());
        generation.unload();
        return generation;
    }
}
