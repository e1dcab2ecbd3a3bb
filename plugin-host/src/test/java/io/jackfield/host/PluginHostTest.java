package io.jackfield.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.api.Request;
import io.jackfield.host.config.ConfigNode;
import io.jackfield.host.fixture.FixtureJar;
import io.jackfield.protocol.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PluginHostTest {

    private static final Duration COLLECT = Duration.ofSeconds(30);

    private final Path folder;
    private final Path workDir;
    private PluginHost host;
    private final List<Generation> loaded = new ArrayList<>();

    PluginHostTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        workDir = folder.resolve("work");
        host = PluginHost.open(PluginHostSettings.defaults(workDir));
    }

    @AfterEach
    void close() throws IOException {
        loaded.forEach(Generation::unload);
        host.close();
    }

    @Test
    void shouldServeWhatTheHandlerDeclares() throws Exception {
        Generation generation = load(FixtureJar.plugin("greeter")
                .version("1.2.3-rc.1+b7")
                .handler(
                        "name = \"greet\", version = \"2\", timeoutMs = 1500, concurrency = 3, idempotent = true,"
                                + " nonBlocking = true",
                        "implements Handler",
                        FixtureJar.handleMethod("return Reply.text(\"hello \" + request.text());"))
                .handler("bye", "return Reply.text(\"bye\");"));

        assertEquals("greeter", generation.pluginId());
        assertEquals("1.2.3-rc.1+b7", generation.version());
        assertEquals(1, generation.number());
        assertEquals(
                new Declared("greet", "2", 1500, 3, true, true),
                generation.handlers().get(0).declared());
        int processors = Runtime.getRuntime().availableProcessors();
        assertEquals(
                new Declared("bye", "0", 0, processors, false, false),
                generation.handlers().get(1).declared());
        assertEquals("hello you", call(generation, "you").text());
    }

    @Test
    void shouldRunFromAPrivateCopyNamedByGenerationAndContent() throws Exception {
        Path jar = FixtureJar.plugin("p")
                .handler("s", "return Reply.text(\"ok\");")
                .writeTo(folder);
        Generation generation = load(jar);
        Files.write(jar, new byte[] {1, 2, 3});

        Path copy = workDir.resolve("p").resolve("1-" + generation.sha256().substring(0, 8) + ".jar");
        assertEquals(generation.sha256(), Sha256.of(copy));
        assertEquals("ok", call(generation, "").text());

        generation.unload();
        assertFalse(Files.exists(copy));
    }

    @Test
    void shouldServeTwoGenerationsOfOnePluginBesideEachOther() throws Exception {
        String body = "return Reply.text(new String(getClass().getResourceAsStream(\"/v\").readAllBytes()) + V.ALUE);";
        Generation first = load(FixtureJar.plugin("p")
                .handler("s", body)
                .entry("v", "one")
                .source("V", "class V { static final String ALUE = \"-1\".trim(); }"));
        Generation second = load(FixtureJar.plugin("p")
                .version("2.0.0")
                .handler("s", body)
                .entry("v", "two")
                .source("V", "class V { static final String ALUE = \"-2\".trim(); }"));

        assertNotEquals(first.sha256(), second.sha256());
        assertEquals("one-1", call(first, "").text());
        assertEquals("two-2", call(second, "").text());
        first.unload();
        assertEquals("two-2", call(second, "").text());
    }

    @Test
    void shouldShowAPluginItsOwnLibrariesFirstAndNothingOfTheHost() throws Exception {
        String look = "try { Class<?> c = Class.forName(request.text()); return Reply.text(String.valueOf("
                + "c.getClassLoader() == getClass().getClassLoader())); }"
                + " catch (ClassNotFoundException e) { return Reply.text(\"absent\"); }";
        Generation generation = load(FixtureJar.plugin("p")
                .handler("s", look)
                .sourceOf("io.jackfield.protocol.ErrorCode", "package io.jackfield.protocol; public class ErrorCode {}")
                .sourceOf("org.slf4j.Own", "package org.slf4j; public class Own {}"));

        assertEquals("true", call(generation, "io.jackfield.protocol.ErrorCode").text());
        assertEquals("absent", call(generation, "io.jackfield.protocol.Failure").text());
        assertEquals("absent", call(generation, "io.jackfield.host.PluginHost").text());
        assertEquals("absent", call(generation, "org.slf4j.Own").text(), "slf4j is the host's whatever the jar holds");
        assertEquals("false", call(generation, "io.jackfield.api.Reply").text());
        assertEquals("false", call(generation, "org.slf4j.Logger").text());
        assertEquals("false", call(generation, "java.sql.Connection").text());
        assertEquals("false", call(generation, "javax.xml.parsers.SAXParser").text());
    }

    @Test
    void shouldMakeThePluginsClassLoaderTheContextOfItsConstructorAndItsCalls() throws Exception {
        String members = "final boolean made = same(); boolean same() { return Thread.currentThread()"
                + ".getContextClassLoader() == getClass().getClassLoader(); }"
                + FixtureJar.handleMethod("return Reply.text(made + \" \" + same());");
        ClassLoader mine = Thread.currentThread().getContextClassLoader();
        Generation generation =
                load(FixtureJar.plugin("p").handler("name = \"s\", nonBlocking = true", "implements Handler", members));

        assertEquals("true true", call(generation, "").text());
        Answer inline = new Answer();
        HandlerExecutor executor = generation.handlers().get(0).executor();
        ExecutorRig.await("it runs inline", executor::runsInline);
        executor.executeInline(request(""), inAMinute(), inline, new InlineWatch(50));
        assertEquals("true true", inline.text());
        assertEquals(mine, Thread.currentThread().getContextClassLoader());
    }

    @Test
    void shouldNameThreadsByPluginGenerationAndService() throws Exception {
        Generation generation =
                load(FixtureJar.plugin("p").handler("s", "return Reply.text(Thread.currentThread().getName());"));

        assertEquals("plugin-p#1-s-1", call(generation, "").text());
    }

    @Test
    void shouldGiveAHandlerTheConfigurationOfItsPlugin() throws Exception {
        host.close();
        host = PluginHost.open(PluginHostSettings.defaults(workDir)
                .withConfig(id -> ConfigNode.map("here", Map.of("id", ConfigNode.text("here", id)))));
        Generation generation =
                load(FixtureJar.plugin("tuned").handler("s", "return Reply.text(context.config().toString());"));

        assertEquals("{id=tuned}", call(generation, "").text());
    }

    @Test
    void shouldCloseHandlersAndStopThePluginAndGoOnWhenTheyThrow() throws Exception {
        Path seen = folder.resolve("seen");
        String note = "java.nio.file.Files.writeString(java.nio.file.Path.of(\"" + seen + "\"), \"%s\","
                + " java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.APPEND);";
        String handle = FixtureJar.handleMethod("return Reply.text(\"\");");
        String close = "public void close() throws Exception {" + String.format(note, "closed ")
                + " throw new AssertionError(); }";
        String stop = "public void stop() { try {" + String.format(note, "stopped") + "} catch (Exception e) {}"
                + " throw new IllegalStateException(\"no\"); }";
        Generation generation = load(FixtureJar.plugin("p")
                .manifest("Plugin-Class", "fixture.p.P")
                .source("P", "public class P extends org.pf4j.Plugin { " + stop + " }")
                .handler("name = \"s\"", "implements Handler, AutoCloseable", handle + close));

        generation.unload();

        assertEquals("closed stopped", Files.readString(seen));
        assertTrue(generation.awaitCollected(COLLECT));
        try (Stream<Path> copies = Files.list(workDir.resolve("p"))) {
            assertEquals(0, copies.count());
        }
    }

    @Test
    void shouldLeaveNothingOfFortyGenerationsInMemoryOrAmongOpenFiles() throws Exception {
        String body = "try (java.io.InputStream in = getClass().getResource(\"/v\").openStream()) {"
                + " return Reply.text(new String(in.readAllBytes())); }";
        List<Path> jars = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            jars.add(FixtureJar.plugin("p")
                    .handler("s", body)
                    .entry("v", "v" + i)
                    .writeTo(folder, i + ".jar"));
        }
        long openBefore = openFiles();
        List<Generation> old = new ArrayList<>();
        Generation current = host.load(jars.get(0), Optional.empty());
        for (int i = 1; i <= 40; i++) {
            Generation next = host.load(jars.get(i % 2), Optional.empty());
            assertEquals("v" + (i % 2), call(next, "").text());
            current.handlers().get(0).executor().drain().get(Answer.WAIT_SECONDS, TimeUnit.SECONDS);
            current.unload();
            old.add(current);
            current = next;
        }
        current.unload();
        old.add(current);

        for (Generation generation : old) {
            assertTrue(generation.awaitCollected(COLLECT), () -> generation + " is still in memory");
        }
        assertEquals(openBefore, openFiles(), "open files of the work folder and the jars");
    }

    @Test
    void shouldNotBeKeptInMemoryByTheMethodsOfItsRecords() throws Exception {
        Generation generation = load(FixtureJar.plugin("p")
                .source("Outer", "record Outer(Inner a, Kind b) {} record Inner(int i) {} enum Kind { ONE }")
                .handler(
                        "s",
                        "Outer one = new Outer(new Inner(1), Kind.ONE), two = new Outer(new Inner(2),"
                                + " Kind.ONE); return Reply.text(one + \" \" + one.equals(two) + new"
                                + " HashSet<>(List.of(one, two)).size());"));
        assertEquals("Outer[a=Inner[i=1], b=ONE] false2", call(generation, "").text());
        generation.handlers().get(0).executor().drain().get(Answer.WAIT_SECONDS, TimeUnit.SECONDS);
        generation.unload();

        assertTrue(generation.awaitCollected(COLLECT));
    }

    @Test
    void shouldTellWhenAPluginsOwnThreadKeepsItInMemory() throws Exception {
        Generation generation = load(FixtureJar.plugin("p")
                .handler(
                        "s",
                        "Thread t = new Thread(() -> { try { new CountDownLatch(1).await(); }"
                                + " catch (InterruptedException e) {} }, \"left behind\");"
                                + "t.setDaemon(true); t.start(); return Reply.text(\"\");"));
        call(generation, "").text();
        generation.unload();

        assertFalse(generation.awaitCollected(Duration.ofMillis(300)));
        assertFalse(generation.isCollected());

        Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("left behind"))
                .forEach(Thread::interrupt);
        assertTrue(generation.awaitCollected(COLLECT));
    }

    @Test
    void shouldRefuseCallsOfAnUnloadedGeneration() throws Exception {
        Generation generation = load(FixtureJar.plugin("p").handler("s", "return Reply.text(\"\");"));
        generation.unload();

        assertEquals(ErrorCode.DRAINING, call(generation, "").code());
    }

    @Test
    void shouldNotShareAWorkFolder() throws Exception {
        IOException taken =
                assertThrows(IOException.class, () -> PluginHost.open(PluginHostSettings.defaults(workDir)));
        assertTrue(String.valueOf(taken.getMessage()).contains("in use"), taken::toString);
    }

    @Test
    void shouldDeleteWhatAKilledHostLeftBehind() throws Exception {
        host.close();
        Path left = Files.createDirectories(workDir.resolve("old")).resolve("7-01234567.jar");
        Files.writeString(left, "x");

        host = PluginHost.open(PluginHostSettings.defaults(workDir));
        assertFalse(Files.exists(left));
        load(FixtureJar.plugin("p").handler("s", "return Reply.text(\"\");"));
    }

    private Generation load(FixtureJar jar) throws Exception {
        return load(jar.writeTo(folder));
    }

    private Generation load(Path jar) throws Exception {
        Generation generation = host.load(jar, Optional.empty());
        loaded.add(generation);
        return generation;
    }

    private static Answer call(Generation generation, String text) {
        Answer answer = new Answer();
        generation.handlers().get(0).executor().execute(request(text), inAMinute(), answer);
        return answer;
    }

    private static Request request(String text) {
        return Request.of("s", text.getBytes(StandardCharsets.UTF_8));
    }

    private static long inAMinute() {
        return System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    }

    /** On Linux the kernel tells; elsewhere there is nothing to compare. */
    private long openFiles() throws IOException {
        Path fds = Path.of("/proc/self/fd");
        if (!Files.isDirectory(fds)) {
            return 0;
        }
        try (Stream<Path> all = Files.list(fds)) {
            return all.filter(fd -> {
                        try {
                            return Files.readSymbolicLink(fd).startsWith(folder.toRealPath());
                        } catch (IOException e) {
                            return false; // closed meanwhile
                        }
                    })
                    .count();
        }
    }
}
