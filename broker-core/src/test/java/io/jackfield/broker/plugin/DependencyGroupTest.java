package io.jackfield.broker.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.dispatch.RefusedException;
import io.jackfield.broker.plugin.RampPlan.Bounds;
import io.jackfield.host.Sha256;
import io.jackfield.host.fixture.FixtureJar;
import io.jackfield.protocol.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real jars that use the classes of others: {@code words}, which {@code shout} is built on, which {@code twice} is built on. */
final class DependencyGroupTest {
    private static final RampPlan BY_REQUESTS = new RampPlan(List.of(10, 100), 0, 20, new Bounds(5, 0, 5));

    private final Path temp;
    private final Path dir;
    private Folder folder;
    private final Path words1;
    private int written;

    DependencyGroupTest(@TempDir Path temp) throws Exception {
        this.temp = temp;
        this.dir = temp.resolve("plugins");
        this.folder = new Folder(dir, 20_000).start();
        this.words1 = words("1.0.0", "one");
    }

    @AfterEach
    void close() {
        folder.close();
    }

    @Test
    void shouldWaitForAMissingDependencyAndServeAsSoonAsItIsThere() throws Exception {
        drop(shout("1.0.0"), "shout.jar");
        PluginView waiting = folder.await("shout.jar", "waiting");
        assertEquals("waits for words@>=1.0 & <3.0: no jar in the folder holds it", waiting.reason());
        assertEquals(1, folder.log.lines("plugin shout.jar waits for words").size());
        assertEquals(List.of("words@>=1.0 & <3.0"), waiting.dependencies());

        drop(words1, "words.jar");

        PluginView serving = folder.await("shout.jar", "serving");
        assertEquals("ONE", folder.ask("shout", ""));
        assertEquals("", serving.reason());
        assertEquals(List.of("shout"), folder.await("words.jar", "serving").dependents());
        assertEquals(1, folder.log.lines("plugin shout.jar waits for words").size());
    }

    @Test
    void shouldServeWhateverTheOrderOfTheFilesWhenTheBrokerStarts() throws Exception {
        folder.stop();
        Folder.settled(drop(words1, "z-words.jar"));
        Folder.settled(drop(shout("1.0.0"), "b-shout.jar"));
        Folder.settled(drop(twice(), "a-twice.jar"));
        try (Folder later = new Folder(dir, 20_000).start()) {
            assertEquals("ONEONE", later.ask("twice", ""));
            assertEquals("", later.await("a-twice.jar", "serving").reason());
        }
    }

    @Test
    void shouldRefuseAWrongVersionUntilTheRightOneComes() throws Exception {
        drop(words("0.9.0", "old"), "words.jar");
        folder.await("words.jar", "serving");
        drop(shout("1.0.0"), "shout.jar");
        folder.awaitRefused(
                "shout.jar",
                ErrorCode.PLUGIN_DEPENDENCY,
                "shout 1.0.0 needs words@>=1.0 & <3.0, and words 0.9.0 serves");

        drop(words1, "words.jar");

        folder.await("shout.jar", "serving");
        assertEquals("ONE", folder.ask("shout", ""));
        assertEquals(1, folder.log.lines("plugin shout.jar is refused").size());
    }

    @Test
    void shouldRefuseWhatDependsOnItself() throws Exception {
        drop(FixtureJar.plugin("a").dependsOn("b").handler("sa", "return null;"), "a.jar");
        folder.await("a.jar", "waiting");
        drop(FixtureJar.plugin("b").dependsOn("c").handler("sb", "return null;"), "b.jar");
        folder.await("b.jar", "waiting");
        drop(FixtureJar.plugin("c").dependsOn("a").handler("sc", "return null;"), "c.jar");
        drop(FixtureJar.plugin("self").dependsOn("self@*").handler("ss", "return null;"), "self.jar");

        folder.awaitRefused("c.jar", ErrorCode.PLUGIN_DEPENDENCY, "depend on each other: c -> a -> b -> c");
        folder.awaitRefused("a.jar", ErrorCode.PLUGIN_DEPENDENCY, "depend on each other: a -> b -> c -> a");
        folder.awaitRefused("b.jar", ErrorCode.PLUGIN_DEPENDENCY, "depend on each other: b -> c -> a -> b");
        folder.awaitRefused("self.jar", ErrorCode.PLUGIN_DEPENDENCY, "depends on itself: self -> self");

        drop(FixtureJar.plugin("c").handler("sc", "return Reply.text(\"c\");"), "c.jar");
        folder.await("a.jar", "serving");
        folder.await("b.jar", "serving");
        for (String file : List.of("a.jar", "b.jar", "c.jar", "self.jar")) {
            assertEquals(1, folder.log.lines("plugin " + file + " is refused").size(), file);
        }
    }

    @Test
    void shouldSwapAGroupAsOneAndKeepTheOldOneUntilItHasFinished() throws Exception {
        dropAll();
        Path gate = temp.resolve("gate");
        Asked slow = folder.bench.ask("twice", gate.toString());
        Bench.await("the handler was not entered", () -> Files.exists(temp.resolve("gate.entered")));

        drop(words("2.0.0", "two"), "words.jar");

        Bench.await("it does not answer anew", () -> twiceIs("TWOTWO"));
        Bench.await("it does not answer anew", () -> is("shout", "TWO") && is("words", "two"));
        Bench.await("the old ones do not drain: " + folder.views(), () -> views("draining")
                .equals(List.of("shout 1.0.0", "twice 1.0.0", "words 1.0.0")));
        assertEquals(6, folder.copies().size(), "the old ones are there until the last one has finished");
        Files.writeString(gate, "");
        assertEquals("ONEONE", slow.text(), "it began with the old ones, and ends with them");

        Bench.await("the old ones are still there: " + folder.views(), () -> views("draining")
                .isEmpty());
        assertEquals(3, folder.copies().size());
        List<PluginChange> history = history("twice");
        PluginChange swapped = history.stream()
                .filter(change -> change.change().equals("replaced"))
                .findFirst()
                .orElseThrow();
        assertEquals(
                "1.0.0 serving with words 2.0.0", swapped.version() + " " + swapped.outcome() + " " + swapped.reason());
        assertEquals(0, failed());
    }

    @Test
    void shouldSwapThePartOfAGroupThatDependsOnIt() throws Exception {
        dropAll();
        long words = folder.await("words.jar", "serving").generation();

        drop(shout("1.1.0"), "shout.jar");

        Bench.await("it is not swapped", () -> folder.view("shout.jar", "serving")
                .filter(view -> view.version().equals("1.1.0"))
                .isPresent());
        assertEquals("ONEONE", folder.ask("twice", ""));
        assertEquals(words, folder.await("words.jar", "serving").generation());
        Bench.await("the old ones are still there", () -> views("draining").isEmpty());
    }

    @Test
    void shouldChangeNothingWhenAPluginOfTheGroupCannotBeLoaded() throws Exception {
        dropAll();
        FixtureJar lacking =
                FixtureJar.plugin("words").version("1.5.0").handler("words", "return Reply.text(\"lacking\");");
        drop(lacking, "words.jar");

        folder.await("words.jar", "serving");
        Bench.await("it is not refused: " + folder.views(), () -> !folder.view("words.jar", "serving")
                .orElseThrow()
                .reason()
                .isEmpty());
        PluginView refused = folder.view("words.jar", "serving").orElseThrow();
        assertEquals("1.0.0", refused.version());
        assertTrue(
                refused.reason()
                        .startsWith("41 PLUGIN_DEPENDENCY: shout 1.0.0, which depends on it, cannot be loaded over it: "
                                + "fixture.shout.H1 cannot be loaded: java.lang.NoClassDefFoundError"),
                refused::reason);
        assertEquals("ONEONE", folder.ask("twice", ""));
        assertEquals("one", folder.ask("words", ""));
        Bench.await("copies of what was not taken are left", () -> copies() == 3);
        assertEquals(1, folder.log.lines("plugin words.jar is refused").size());

        drop(words("1.6.0", "six"), "words.jar");
        Bench.await("it does not answer anew", () -> twiceIs("SIXSIX"));
    }

    @Test
    void shouldTakeTwoThatFitNothingButEachOtherInAnyOrder() throws Exception {
        dropAll();
        drop(words("3.0.0", "three"), "words.jar");
        Bench.await("it is not refused: " + folder.views(), () -> reason("words.jar")
                .contains("shout 1.0.0 serves, and needs words@>=1.0 & <3.0: words 3.0.0 does not fit"));
        assertEquals("ONE", folder.ask("shout", ""));
        drop(shout("3.0.0", "words@>=3.0"), "shout.jar");
        Bench.await("it does not answer anew: " + folder.views(), () -> twiceIs("THREETHREE"));
        assertEquals("", reason("words.jar"));

        drop(shout("4.0.0", "words@4.0.0"), "shout.jar");
        Bench.await("it is not refused: " + folder.views(), () -> reason("shout.jar")
                .contains("shout 4.0.0 needs words@4.0.0, and words 3.0.0 serves"));
        drop(words("4.0.0", "four"), "words.jar");
        Bench.await("it does not answer anew: " + folder.views(), () -> twiceIs("FOURFOUR"));
        assertEquals(0, failed());
    }

    @Test
    void shouldWaitAgainWhileWhatItDependsOnIsTurnedOffOrGone() throws Exception {
        dropAll();
        folder.commands().disable("words").get(Asked.WAIT_S, TimeUnit.SECONDS);
        assertEquals(
                "waits for words@>=1.0 & <3.0: words 1.0.0 is disabled",
                folder.await("shout.jar", "waiting").reason());
        assertEquals(
                "waits for shout: shout 1.0.0 is waiting",
                folder.await("twice.jar", "waiting").reason().replace("@*", ""));
        assertEquals(List.of(), folder.bench.snapshot().workers());
        PluginChange last = history("twice").stream()
                .filter(change -> change.change().equals("waiting"))
                .findFirst()
                .orElseThrow();
        assertEquals("words 1.0.0, which it depends on, was disabled", last.reason());

        folder.commands().enable("words").get(Asked.WAIT_S, TimeUnit.SECONDS);
        folder.await("twice.jar", "serving");
        assertEquals("ONEONE", folder.ask("twice", ""));

        Files.delete(dir.resolve("words.jar"));
        assertEquals(
                "waits for words@>=1.0 & <3.0: no jar in the folder holds it",
                folder.await("shout.jar", "waiting").reason());
        folder.commands().rollback("words").get(Asked.WAIT_S, TimeUnit.SECONDS);
        folder.await("twice.jar", "serving");
        assertEquals("ONEONE", folder.ask("twice", ""));
    }

    @Test
    void shouldUndoACommandWhoseGroupCannotBeSwapped() throws Exception {
        dropAll();
        String before = Sha256.of(dir.resolve("words.jar"));
        byte[] jar = Files.readAllBytes(words("3.0.0", "three"));

        ExecutionException refused = assertThrows(
                ExecutionException.class, () -> folder.commands().replace(jar).get(Asked.WAIT_S, TimeUnit.SECONDS));

        assertTrue(
                assertInstanceOf(RefusedException.class, refused.getCause())
                        .failure()
                        .cause()
                        .contains("shout 1.0.0 serves, and needs"),
                refused::toString);
        assertEquals(before, Sha256.of(dir.resolve("words.jar")));
        assertEquals("", reason("words.jar"));
        byte[] good = Files.readAllBytes(words("2.0.0", "two"));
        folder.commands().replace(good).get(Asked.WAIT_S, TimeUnit.SECONDS);
        assertEquals("TWOTWO", folder.ask("twice", ""));
    }

    @Test
    void shouldRampAloneAndNeverAsAGroup() throws Exception {
        folder.close();
        folder = new Folder(dir, 20_000, 10_000, Map.of("words", BY_REQUESTS, "shout", BY_REQUESTS)).start();
        drop(words1, "words.jar");
        folder.await("words.jar", "serving");
        drop(words("1.1.0", "more"), "words.jar");
        folder.await("words.jar", "ramping");
        drop(shout("1.0.0"), "shout.jar");
        assertEquals(
                "waits for words@>=1.0 & <3.0: words 1.0.0 is being replaced step by step",
                folder.await("shout.jar", "waiting").reason());
        while (folder.view("words.jar", "ramping").isPresent()) {
            folder.ask("words", "");
        }
        folder.await("shout.jar", "serving");
        assertEquals("MORE", folder.ask("shout", ""));

        drop(shout("1.1.0"), "shout.jar");
        long first = folder.await("shout.jar", "ramping").generation();
        drop(words("2.0.0", "two"), "words.jar");
        Bench.await("the group is not swapped", () -> is("words", "two"));
        Bench.await("the ramp does not begin anew: " + folder.views(), () -> folder.view("shout.jar", "ramping")
                .filter(view -> view.generation() > first)
                .isPresent());
        PluginView again = folder.await("shout.jar", "ramping");
        assertEquals("1.1.0", again.version());
        assertEquals("10 % of the requests", again.reason());
        while (folder.view("shout.jar", "ramping").isPresent()) {
            assertEquals("TWO", folder.ask("shout", ""));
        }
        assertEquals("1.1.0", folder.await("shout.jar", "serving").version());
        assertEquals(0, failed());
    }

    private void dropAll() throws Exception {
        drop(words1, "words.jar");
        drop(shout("1.0.0"), "shout.jar");
        drop(twice(), "twice.jar");
        folder.await("twice.jar", "serving");
        assertEquals("ONEONE", folder.ask("twice", ""));
    }

    private Path words(String version, String says) throws IOException {
        return FixtureJar.plugin("words")
                .version(version)
                .source("Words", "public class Words { public String say() { return \"" + says + "\"; } }")
                .handler("words", "return Reply.text(new Words().say());")
                .writeTo(temp, "words-" + ++written + ".jar");
    }

    private FixtureJar shout(String version) {
        return shout(version, "words@>=1.0 & <3.0");
    }

    private FixtureJar shout(String version, String needs) {
        return FixtureJar.plugin("shout")
                .version(version)
                .dependsOn(needs)
                .compiledAgainst(words1)
                .source(
                        "Loud",
                        "public class Loud { final fixture.words.Words words = new fixture.words.Words();"
                                + " public String say() { return words.say().toUpperCase(Locale.ROOT); } }")
                .handler(
                        "name = \"shout\"",
                        "implements Handler",
                        "private final Loud loud = new Loud();"
                                + FixtureJar.handleMethod("return Reply.text(loud.say());"));
    }

    private FixtureJar twice() throws IOException {
        Path shout = shout("1.0.0").writeTo(temp, "shout-" + ++written + ".jar");
        String wait =
                "if (!request.text().isEmpty()) { java.nio.file.Path gate = java.nio.file.Path.of(request.text());"
                        + " java.nio.file.Files.writeString(java.nio.file.Path.of(gate + \".entered\"), \"\");"
                        + " while (!java.nio.file.Files.exists(gate)) { Thread.sleep(2); } }";
        return FixtureJar.plugin("twice")
                .dependsOn("shout")
                .compiledAgainst(words1)
                .compiledAgainst(shout)
                .handler(
                        "twice",
                        wait + "String loud = new fixture.shout.Loud().say(); return Reply.text(loud + loud);");
    }

    private Path drop(FixtureJar jar, String name) throws IOException {
        return drop(jar.writeTo(temp, "jar-" + ++written + ".jar"), name);
    }

    private Path drop(Path jar, String name) throws IOException {
        Path unfinished = Files.copy(jar, dir.resolve("." + name + ".part"), StandardCopyOption.REPLACE_EXISTING);
        return Files.move(
                unfinished, dir.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private boolean twiceIs(String text) {
        return is("twice", text);
    }

    private boolean is(String service, String text) {
        try {
            return folder.ask(service, "").equals(text);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private int copies() {
        try {
            return folder.copies().size();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private String reason(String file) {
        return folder.view(file, "serving").map(PluginView::reason).orElse("it does not serve");
    }

    private List<String> views(String state) {
        List<String> views = new ArrayList<>();
        for (PluginView view : folder.views()) {
            if (view.state().equals(state)) {
                views.add(view.id() + " " + view.version());
            }
        }
        views.sort(String::compareTo);
        return views;
    }

    private List<PluginChange> history(String id) throws Exception {
        List<PluginChange> history =
                new ArrayList<>(folder.commands().history(Optional.of(id)).get(Asked.WAIT_S, TimeUnit.SECONDS));
        java.util.Collections.reverse(history);
        return history;
    }

    private long failed() throws Exception {
        return folder.bench.snapshot().services().stream()
                .mapToLong(service -> service.failed())
                .sum();
    }
}
