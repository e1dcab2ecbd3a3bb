package io.jackfield.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.api.Request;
import io.jackfield.host.fixture.FixtureJar;
import io.jackfield.protocol.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plugins that use the classes of others. */
final class DependencyTest {

    private static final Duration COLLECT = Duration.ofSeconds(30);
    private static final long WAIT_NS = TimeUnit.SECONDS.toNanos(20);

    private final Path folder;
    private final PluginHost host;
    private final List<Generation> loaded = new ArrayList<>();

    DependencyTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        host = PluginHost.open(PluginHostSettings.defaults(folder.resolve("work")));
    }

    @AfterEach
    void close() throws IOException {
        loaded.forEach(Generation::unload);
        host.close();
    }

    @Test
    void shouldSeeTheClassesOfWhatItDependsOn() throws Exception {
        Path base = base("1.0.0", "one").writeTo(folder);
        Generation first = load(base);
        Generation user = load(user(base).writeTo(folder), first);

        assertEquals("one", ask(user));
        assertEquals(List.of(first), user.dependencies());
        assertTrue(user.isBuiltOn(first));
        assertEquals("base@>=1.0 & <2.0", user.identity().dependencies().get(0).toString());
    }

    @Test
    void shouldKeepItsOwnOldDependencyBesideANewOne() throws Exception {
        Path base = base("1.0.0", "one").writeTo(folder);
        Generation first = load(base);
        Generation user = load(user(base).writeTo(folder), first);
        Generation second = load(base("1.1.0", "two").writeTo(folder));
        Generation userAnew = load(user.jar(), second);

        assertEquals("one", ask(user));
        assertEquals("two", ask(userAnew));
    }

    @Test
    void shouldBeUnloadedAfterWhatIsBuiltOnItOnly() throws Exception {
        Path base = base("1.0.0", "one").writeTo(folder);
        Generation first = load(base);
        Generation user = load(user(base).writeTo(folder), first);
        first.unload();
        assertEquals("one", ask(user), "its classes are still there");
        assertTrue(Files.exists(first.jar()));

        user.unload();

        assertFalse(Files.exists(first.jar()));
        assertTrue(user.awaitCollected(COLLECT), "the user is still in memory");
        assertTrue(first.awaitCollected(COLLECT), "the base is still in memory");
        PluginRefusedException late =
                assertThrows(PluginRefusedException.class, () -> load(user(base).writeTo(folder), first));
        assertTrue(late.failure().cause().endsWith(first + " has just been unloaded"), late::toString);
    }

    @Test
    void shouldTellItsOwnerWhenNobodyIsBuiltOnItAnyMore() throws Exception {
        Path base = base("1.0.0", "one").writeTo(folder);
        Generation first = load(base);
        Generation user = load(user(base).writeTo(folder), first);
        List<String> told = new ArrayList<>();
        first.whenUnused(() -> told.add("free"));
        assertEquals(List.of(), told);

        user.unload();
        assertEquals(List.of("free"), told);
        first.unload();
        assertFalse(Files.exists(first.jar()));
    }

    @Test
    void shouldSeeThroughItsDependencyWhatThatOneDependsOn() throws Exception {
        Path root = base("1.0.0", "root").writeTo(folder);
        Path middle = FixtureJar.plugin("middle")
                .dependsOn("base")
                .compiledAgainst(root)
                .source("Middle", "public class Middle extends fixture.base.Words {}")
                .handler("m", "return Reply.text(\"m\");")
                .writeTo(folder);
        Path top = FixtureJar.plugin("top")
                .dependsOn("middle@*")
                .compiledAgainst(root)
                .compiledAgainst(middle)
                .handler("t", "fixture.base.Words w = new fixture.middle.Middle(); return Reply.text(w.say());")
                .writeTo(folder);

        List<Generation> all = host.loadAll(List.of(top, middle, root), List.of());
        loaded.addAll(all);

        assertEquals(
                List.of("base", "middle", "top"),
                all.stream().map(Generation::pluginId).toList());
        assertEquals("root", ask(all.get(2)));
    }

    @Test
    void shouldSeeNothingThatIsNotExported() throws Exception {
        Path base = base("1.0.0", "one")
                .manifest("Plugin-Exports", "fixture.base")
                .sourceOf("fixture.base.inner.Hidden", "package fixture.base.inner; public class Hidden {}")
                .writeTo(folder);
        String look = "try { Class.forName(\"fixture.base.inner.Hidden\"); return Reply.text(\"seen\"); }"
                + " catch (ClassNotFoundException e) { return Reply.text(new fixture.base.Words().say()); }";
        Path user = FixtureJar.plugin("user")
                .dependsOn("base")
                .compiledAgainst(base)
                .handler("u", look)
                .writeTo(folder);

        assertEquals("one", ask(load(user, load(base))));
    }

    @Test
    void shouldPreferItsOwnCopyOfALibrary() throws Exception {
        String library = "package lib; public class V { public static String is() { return \"%s\"; } }";
        Path base = base("1.0.0", "one")
                .sourceOf("lib.V", String.format(library, "old"))
                .handler("v", "return Reply.text(lib.V.is());")
                .writeTo(folder);
        Path user = FixtureJar.plugin("user")
                .dependsOn("base")
                .sourceOf("lib.V", String.format(library, "new"))
                .handler("u", "return Reply.text(lib.V.is());")
                .writeTo(folder);
        Generation first = load(base);
        Generation second = load(user, first);

        assertEquals("new", ask(second));
        assertEquals("old", ask(first.handlers().get(1)));
    }

    @Test
    void shouldLoadNoneWhereOneOfSeveralCannotBe() throws Exception {
        Path base = base("2.0.0", "two").writeTo(folder);
        Path user = user(base).writeTo(folder);
        assertRefused(user, "user 1.0.0 needs base@>=1.0 & <2.0, and base 2.0.0 is loaded", List.of(user, base));
        assertRefused(user, "user 1.0.0 needs base@>=1.0 & <2.0, and no plugin of that id is loaded", List.of(user));
        Path a = Files.move(base("1.0.0", "x").dependsOn("user").writeTo(folder), folder.resolve("a.jar"));
        PluginRefusedException cycle =
                assertThrows(PluginRefusedException.class, () -> host.loadAll(List.of(user, a), List.of()));
        assertEquals(
                "the plugins depend on each other: user -> base -> user",
                cycle.failure().cause());
    }

    private void assertRefused(Path jar, String cause, List<Path> jars) {
        PluginRefusedException refused =
                assertThrows(PluginRefusedException.class, () -> host.loadAll(jars, List.of()));
        assertEquals(ErrorCode.PLUGIN_DEPENDENCY, refused.failure().code());
        assertEquals(cause, refused.failure().cause());
        assertEquals(Optional.of(jar), refused.jar());
    }

    private static FixtureJar base(String version, String says) {
        return FixtureJar.plugin("base")
                .version(version)
                .source("Words", "public class Words { public String say() { return \"" + says + "\"; } }")
                .handler("b", "return Reply.text(new Words().say());");
    }

    private static FixtureJar user(Path base) {
        return FixtureJar.plugin("user")
                .dependsOn("base@>=1.0 & <2.0")
                .compiledAgainst(base)
                .handler("u", "return Reply.text(new fixture.base.Words().say());");
    }

    private Generation load(Path jar, Generation... others) throws Exception {
        Generation generation = host.load(jar, Optional.empty(), host.nextNumber(), List.of(others), declared -> {});
        loaded.add(generation);
        return generation;
    }

    private static String ask(Generation generation) throws Exception {
        return ask(generation.handlers().get(0));
    }

    private static String ask(HostedHandler handler) throws Exception {
        Answer answer = new Answer();
        Request request = Request.of(handler.declared().service(), new byte[0]);
        handler.executor().execute(request, System.nanoTime() + WAIT_NS, answer);
        return answer.text();
    }
}
