package io.jackfield.broker.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.plugin.RampPlan.Bounds;
import io.jackfield.host.Sha256;
import io.jackfield.host.fixture.FixtureJar;
import io.jackfield.protocol.ErrorCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real jars that take over step by step, or do not. */
final class RollbackTest {
    private static final RampPlan BY_REQUESTS = new RampPlan(List.of(10, 50, 100), 0, 20, new Bounds(5, 0, 5));

    private final Folder folder;

    RollbackTest(@TempDir Path temp) throws Exception {
        folder = new Folder(temp.resolve("plugins"), 20_000, 10_000, Map.of("p", BY_REQUESTS)).start();
        Folder.saying("p", "s", "one").writeTo(folder.dir);
        folder.await("p.jar", "serving");
    }

    @AfterEach
    void close() {
        folder.close();
    }

    @Test
    void shouldLetBothServeAndThenTheNewOneAlone() throws Exception {
        Folder.saying("p", "s", "two").version("2.0.0").writeTo(folder.dir);
        PluginView rising = folder.await("p.jar", "ramping");
        assertEquals("2.0.0", rising.version());
        assertEquals("10 % of the requests", rising.reason());

        int fresh = 0;
        for (int i = 0; i < 100; i++) {
            fresh += folder.ask("s", "").equals("two") ? 1 : 0;
        }
        assertEquals(10, fresh, "of 100 requests at 10 %");
        while (folder.view("p.jar", "ramping").isPresent()) {
            folder.ask("s", "");
        }
        for (int i = 0; i < 20; i++) {
            assertEquals("two", folder.ask("s", ""));
        }
        folder.awaitNo("p.jar", "draining");
        assertEquals(1, folder.views().size());
        assertEquals(0, folder.bench.snapshot().services().get(0).failed());
    }

    @Test
    void shouldNotLetAnotherPluginHaveAServiceThatARisingOneBrings() throws Exception {
        FixtureJar.plugin("p")
                .version("2.0.0")
                .handler("s", "return Reply.text(\"two\");")
                .handler("extra", "return Reply.text(\"extra\");")
                .writeTo(folder.dir);
        folder.await("p.jar", "ramping");
        Folder.saying("q", "extra", "mine").writeTo(folder.dir);

        folder.awaitRefused("q.jar", ErrorCode.PLUGIN_SERVICE_TAKEN, "service extra is served by p@2.0.0#2-");
        assertEquals("extra", folder.ask("extra", ""));
    }

    @Test
    void shouldRollBackByItselfWhenTheNewOneFails() throws Exception {
        Path jar = folder.dir.resolve("p.jar");
        String before = Sha256.of(jar);
        bad("2.0.0").writeTo(folder.dir);
        folder.await("p.jar", "ramping");
        int failed = 0;
        int asked = 0;
        while (folder.view("p.jar", "ramping").isPresent()) {
            failed += answers() ? 0 : 1;
            asked++;
        }
        assertTrue(failed >= 5 && failed <= asked / 5, failed + " of " + asked);
        for (int i = 0; i < 20; i++) {
            assertEquals("one", folder.ask("s", ""));
        }
        PluginView view = folder.await("p.jar", "serving");
        assertTrue(
                view.reason().startsWith(ErrorCode.PLUGIN_ROLLED_BACK.number() + " PLUGIN_ROLLED_BACK"), view::reason);
        assertTrue(view.reason().contains("requests failed, 100.0 %"), view::reason);
        assertEquals(before, Sha256.of(jar), "the folder holds what serves");

        List<PluginChange> history = folder.changes("p");
        PluginChange last = history.get(history.size() - 1);
        assertEquals("rolled-back 1.0.0 serving", last.change() + " " + last.version() + " " + last.outcome());
        assertTrue(last.reason().contains("requests failed"), last::reason);
        assertEquals(1, folder.log.lines("is rolled back: ").size());
        folder.awaitNo("p.jar", "draining");
        assertEquals(1, folder.views().size());
        // And the next one is taken as ever.
        Folder.saying("p", "s", "three").version("3.0.0").writeTo(folder.dir);
        folder.await("p.jar", "ramping");
    }

    @ParameterizedTest
    @ValueSource(strings = {"p.jar", "p-2.jar"})
    void shouldLeaveAJarAloneThatCameJustBeforeTheRollback(String name) throws Exception {
        bad("2.0.0").writeTo(folder.dir, name);
        folder.await(name, "ramping");
        // Four of them are asked of the new one, which is not enough to judge it.
        for (int i = 0; i < 40; i++) {
            answers();
        }
        Path jar = Folder.saying("p", "s", "three").version("3.0.0").writeTo(folder.dir, name);
        String third = Sha256.of(jar);
        while (folder.view(name, "ramping")
                .filter(view -> view.version().equals("2.0.0"))
                .isPresent()) {
            answers();
        }

        Bench.await("the third is not tried: " + folder.views(), () -> folder.view(name, "ramping")
                .filter(view -> view.sha256().equals(third))
                .isPresent());
        assertEquals(third, Sha256.of(jar));
    }

    @Test
    void shouldNotBringBackAJarThatWasDeletedJustBeforeTheRollback() throws Exception {
        Path jar = bad("2.0.0").writeTo(folder.dir);
        folder.await("p.jar", "ramping");
        for (int i = 0; i < 40; i++) {
            answers();
        }
        Files.delete(jar);
        while (folder.view("p.jar", "ramping").isPresent()) {
            answers();
        }

        Bench.await("it is still there: " + folder.views(), () -> folder.views().isEmpty());
        assertFalse(Files.exists(jar));
    }

    @Test
    void shouldGiveUpTheRampWhenTheFormerJarIsPutBackInItsPlace() throws Exception {
        Path jar = folder.dir.resolve("p.jar");
        String before = folder.await("p.jar", "serving").sha256();
        Path former = Files.copy(jar, folder.dir.resolveSibling("former.jar"));
        FixtureJar.plugin("p")
                .version("2.0.0")
                .handler("s", "throw new IllegalStateException(\"bad release\");")
                .handler("extra", "return Reply.text(\"extra\");")
                .writeTo(folder.dir);
        folder.await("p.jar", "ramping");
        Folder.saying("q", "extra", "mine").writeTo(folder.dir);
        folder.awaitRefused("q.jar", ErrorCode.PLUGIN_SERVICE_TAKEN, "service extra is served by p@2.0.0#2-");

        Files.move(former, jar, StandardCopyOption.ATOMIC_MOVE);
        folder.awaitNo("p.jar", "ramping");

        // Enough to judge the other by, if it still got its share.
        for (int i = 0; i < 100; i++) {
            assertEquals("one", folder.ask("s", ""));
        }
        folder.await("q.jar", "serving");
        assertEquals("mine", folder.ask("extra", ""), "what the other held is free");
        PluginView serving = folder.await("p.jar", "serving");
        assertEquals("1.0.0 " + before + " ", serving.version() + " " + serving.sha256() + " " + serving.reason());
        assertEquals(List.of(), folder.log.lines("is rolled back"));
        assertEquals(
                1,
                folder.log.lines("does not take over: what serves was put back").size());
    }

    /** The file held another plugin, and a third file holds the former generation. */
    @Test
    void shouldPutBackTheOtherPluginOfTheFile() throws Exception {
        Path jar = Folder.saying("q", "t", "other").writeTo(folder.dir, "p.jar");
        awaitServing("p.jar", "q");
        String before = Sha256.of(jar);
        Folder.saying("p", "s", "one").writeTo(folder.dir, "p-1.jar");
        folder.await("p-1.jar", "serving");
        bad("2.0.0").writeTo(folder.dir, "p.jar");
        folder.await("p.jar", "ramping");
        while (folder.view("p.jar", "ramping").isPresent()) {
            answers();
        }

        assertEquals("other", folder.ask("t", ""));
        assertEquals("one", folder.ask("s", ""));
        assertTrue(Files.exists(jar));
        assertEquals(before, Sha256.of(jar));
    }

    /** The former generation's file holds another plugin before the ramp is over. */
    @Test
    void shouldNotTakeOverFromWhatHasComeIntoTheFormersPlaceMeanwhile() throws Exception {
        Folder.saying("p", "s", "two").version("2.0.0").writeTo(folder.dir, "p-2.jar");
        folder.await("p-2.jar", "ramping");
        Folder.saying("q", "t", "other").writeTo(folder.dir, "p.jar");
        long generation = awaitServing("p.jar", "q").generation();
        while (folder.view("p-2.jar", "ramping").isPresent()) {
            answers();
        }

        folder.await("p-2.jar", "serving");
        assertEquals("two", folder.ask("s", ""));
        assertEquals(generation, folder.await("p.jar", "serving").generation());
        assertEquals("other", folder.ask("t", ""));
    }

    private PluginView awaitServing(String file, String id) throws InterruptedException {
        Bench.await(id + " does not serve", () -> folder.view(file, "serving")
                .filter(view -> view.id().equals(id))
                .isPresent());
        return folder.await(file, "serving");
    }

    private static FixtureJar bad(String version) {
        return FixtureJar.plugin("p")
                .version(version)
                .handler("s", "throw new IllegalStateException(\"bad release\");");
    }

    @Test
    void shouldGoBackToAnotherFileThatIsStillThere() throws Exception {
        bad("2.0.0").writeTo(folder.dir, "p-2.jar");
        folder.await("p-2.jar", "ramping");
        while (folder.view("p-2.jar", "ramping").isPresent()) {
            answers();
        }
        folder.awaitNo("p-2.jar", "draining");
        Bench.await(
                "p-2.jar is still there: " + folder.views(),
                () -> folder.views().size() == 1);
        assertTrue(!Files.exists(folder.dir.resolve("p-2.jar")));
        assertEquals("one", folder.ask("s", ""));
    }

    @Test
    void shouldGiveUpTheRampWhenThePluginIsTurnedOffOrItsJarGoes() throws Exception {
        Folder.saying("p", "s", "two").version("2.0.0").writeTo(folder.dir, "p-2.jar");
        folder.await("p-2.jar", "ramping");
        Files.delete(folder.dir.resolve("p-2.jar"));
        folder.awaitNo("p-2.jar", "ramping");
        assertEquals("one", folder.ask("s", ""));

        Folder.saying("p", "s", "three").version("3.0.0").writeTo(folder.dir, "p-3.jar");
        folder.await("p-3.jar", "ramping");
        Files.delete(folder.dir.resolve("p.jar"));
        folder.await("p-3.jar", "serving");
        assertEquals("three", folder.ask("s", ""));

        Folder.saying("p", "s", "four").version("4.0.0").writeTo(folder.dir, "p-3.jar");
        folder.await("p-3.jar", "ramping");
        folder.commands().disable("p").get(Asked.WAIT_S, TimeUnit.SECONDS);
        Bench.await("it still serves", () -> folder.views().size() == 1);
        folder.await("p-3.jar", "disabled");
        assertEquals(List.of(), folder.bench.snapshot().workers());
    }

    private boolean answers() throws Exception {
        return folder.bench.ask("s", "").isAnswered();
    }
}
