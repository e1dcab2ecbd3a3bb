package io.jackfield.broker.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import io.jackfield.host.fixture.FixtureJar;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.SocketType;

/** The proof: a plugin is replaced 200 times under load, nobody notices, and nothing of the old ones is left. */
final class TwoHundredReplacementsTest {
    private static final int WARM_UP = 20;
    private static final int REPLACEMENTS = 200;
    private static final int CLIENTS = 3;
    private static final String ENDPOINT = "endpoints: [{bind: 'tcp://127.0.0.1:0', service: s}]\n";

    /** Of classes, file descriptors and bytes: what the JDK and its compilers make beside; of class loaders there must be no more. */
    private static final int CLASSES_BESIDE = 150;

    private static final int FILES_BESIDE = 3;
    private static final long METASPACE_BYTES_BESIDE = 4 << 20;

    private final RunningBroker broker;
    private final byte[] jar;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger serving = new AtomicInteger();
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicLong replies = new AtomicLong();
    private final AtomicBoolean over = new AtomicBoolean();

    TwoHundredReplacementsTest(@TempDir Path temp) throws Exception {
        this.broker = RunningBroker.start(temp, ENDPOINT);
        this.jar = Files.readAllBytes(FixtureJar.plugin("p")
                .handler(
                        "s",
                        "try (java.io.InputStream in = getClass().getResourceAsStream(\"/v\")) {"
                                + " return Reply.text(new String(in.readAllBytes())); }")
                .entry("v", "0")
                .writeTo(temp));
    }

    @AfterEach
    void close() {
        over.set(true);
        threads.shutdownNow();
        broker.close();
    }

    @Test
    void shouldReplaceAPluginTwoHundredTimesUnderLoadAndLeaveNothingBehind() throws Exception {
        replace(0, "jf.plugins.add");
        List<Future<?>> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(threads.submit(this::askUntilOver));
        }
        for (int i = 1; i <= WARM_UP; i++) {
            replace(i, "jf.plugins.replace");
        }
        // The test's own HTTP client has classes too.
        RunningBroker.await(
                "former generations are unloaded", () -> broker.view("plugins").size() == 1);
        Left before = Left.now();
        long repliesBefore = replies.get();

        for (int i = WARM_UP + 1; i <= WARM_UP + REPLACEMENTS; i++) {
            replace(i, "jf.plugins.replace");
        }

        RunningBroker.await(
                "every former generation is unloaded",
                () -> broker.view("plugins").size() == 1);
        RunningBroker.await(
                "as little is left as before: " + before, () -> Left.now().isAtMost(before));
        RunningBroker.await(
                "every class loader is proved to be collected",
                () -> broker.view("unloads").path("collected").asInt() >= WARM_UP + REPLACEMENTS);
        assertEquals(0, broker.view("unloads").path("pinned").asInt());
        over.set(true);
        for (Future<?> client : clients) {
            client.get(RunningBroker.WAIT_S, TimeUnit.SECONDS);
        }
        assertTrue(replies.get() - repliesBefore > REPLACEMENTS, "replies: " + (replies.get() - repliesBefore));
        assertEquals(0, broker.view("services", "name", "s").path("failed").asInt());
        assertEquals(0, broker.view("services", "name", "s").path("refused").asInt());
        System.out.println(REPLACEMENTS + " replacements, " + (replies.get() - repliesBefore) + " replies, 0 failed; "
                + before + " before, " + Left.now() + " after");
    }

    /** The answer comes from a generation that served at some moment between the question and the answer. */
    private void askUntilOver() {
        try (Wired req = new Wired(SocketType.REQ, broker.endpoint(0))) {
            while (!over.get()) {
                int atLeast = serving.get();
                req.says("");
                String answer = String.join("|", req.hears());
                int atMost = begun.get();
                int version = Integer.parseInt(answer);
                assertTrue(atLeast <= version && version <= atMost, atLeast + " <= " + version + " <= " + atMost);
                replies.incrementAndGet();
            }
        }
    }

    private void replace(int version, String command) throws Exception {
        begun.set(version);
        String body = new String(withVersion(version), StandardCharsets.ISO_8859_1);
        String headers = command.endsWith("add") ? "file:p.jar\n" : "";
        String answer = Jf1Asker.ask(broker.endpoint(0), command, headers, body);
        assertTrue(answer.contains("\"state\":\"serving\""), answer);
        serving.set(version);
    }

    private byte[] withVersion(int version) throws IOException {
        ByteArrayOutputStream changed = new ByteArrayOutputStream();
        try (JarInputStream in = new JarInputStream(new ByteArrayInputStream(jar));
                JarOutputStream out = new JarOutputStream(changed, in.getManifest())) {
            for (JarEntry entry = in.getNextJarEntry(); entry != null; entry = in.getNextJarEntry()) {
                out.putNextEntry(new JarEntry(entry.getName()));
                byte[] same = in.readAllBytes();
                out.write(
                        entry.getName().equals("v")
                                ? Integer.toString(version).getBytes(StandardCharsets.UTF_8)
                                : same);
            }
        }
        return changed.toByteArray();
    }

    /** What a replacement might leave behind. */
    private record Left(long loaders, int classes, long files, long metaspaceBytes) {
        static Left now() {
            System.gc();
            return new Left(
                    loadersOfPlugins(),
                    ManagementFactory.getClassLoadingMXBean().getLoadedClassCount(),
                    ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                            .getOpenFileDescriptorCount(),
                    ManagementFactory.getMemoryPoolMXBeans().stream()
                            .filter(pool -> pool.getName().equals("Metaspace"))
                            .map(MemoryPoolMXBean::getUsage)
                            .mapToLong(usage -> usage.getUsed())
                            .sum());
        }

        /** A Java process counts its class loaders nowhere but in a histogram of its heap. */
        private static long loadersOfPlugins() {
            try {
                Object histogram = ManagementFactory.getPlatformMBeanServer()
                        .invoke(
                                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                                "gcClassHistogram",
                                new Object[] {new String[0]},
                                new String[] {String[].class.getName()});
                return String.valueOf(histogram)
                        .lines()
                        .filter(line -> line.contains("io.jackfield.host.ApiClassLoader ")
                                || line.endsWith("io.jackfield.host.ApiClassLoader"))
                        .mapToLong(line -> Long.parseLong(line.trim().split("\\s+", -1)[1]))
                        .sum();
            } catch (JMException e) {
                throw new AssertionError(e);
            }
        }

        boolean isAtMost(Left before) {
            return loaders <= before.loaders
                    && classes <= before.classes + CLASSES_BESIDE
                    && files <= before.files + FILES_BESIDE
                    && metaspaceBytes <= before.metaspaceBytes + METASPACE_BYTES_BESIDE;
        }
    }
}
