package io.jackfield.broker.plugin;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.dispatch.RefusedException;
import io.jackfield.host.DisabledMarker;
import io.jackfield.host.fixture.FixtureJar;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What people do to plugins: the folder follows, and a refusal leaves it as it was. */
final class PluginCommandsTest {
    private final Path temp;
    private final Path dir;
    private Folder folder;

    PluginCommandsTest(@TempDir Path temp) throws IOException {
        this.temp = temp;
        this.dir = temp.resolve("plugins");
        this.folder = new Folder(dir, 20_000).start();
    }

    @AfterEach
    void close() {
        folder.close();
    }

    @Test
    void shouldAddReplaceAndRollBack() throws Exception {
        List<PluginView> added = get(folder.commands().add("echo.jar", saying("1.0.0", "one")));
        assertEquals(List.of("serving"), added.stream().map(PluginView::state).toList());
        assertEquals("one", folder.ask("s", ""));

        get(folder.commands().replace(saying("2.0.0", "two")));
        assertEquals("two", folder.ask("s", ""));
        get(folder.commands().replace(saying("3.0.0", "three")));
        assertEquals("three", folder.ask("s", ""));
        assertEquals(List.of("echo.jar"), jars());

        get(folder.commands().rollback("p"));
        assertEquals("two", folder.ask("s", ""));
        get(folder.commands().rollback("p"));
        assertEquals("one", folder.ask("s", ""));
        refused(
                ErrorCode.BAD_REQUEST,
                "no earlier jar of plugin p is kept",
                folder.commands().rollback("p"));

        List<String> changes = folder.changes("p").stream()
                .map(change -> change.change() + " " + change.version() + " " + change.outcome())
                .toList();
        assertEquals(
                List.of(
                        "added 1.0.0 serving",
                        "replaced 2.0.0 serving",
                        "replaced 3.0.0 serving",
                        "rolled-back 2.0.0 serving",
                        "rolled-back 1.0.0 serving"),
                changes);
        assertEquals(changes.size(), folder.changes("p").size());
        List<PluginChange> shown = get(folder.commands().show("p")).history();
        assertEquals("added", shown.get(0).change());
    }

    @Test
    void shouldLeaveTheFolderAsItWasWhereAJarIsRefused() throws Exception {
        byte[] bad = bytes(FixtureJar.plugin("p")
                .handler(
                        "name = \"s\"",
                        "implements Handler",
                        "public H0() { throw new IllegalStateException(\"no database\"); }"
                                + FixtureJar.handleMethod("return null;")));
        refused(ErrorCode.PLUGIN_START_FAILED, "no database", folder.commands().add("bad.jar", bad));
        assertEquals(List.of(), jars());
        assertEquals(List.of(), folder.views());

        get(folder.commands().add("p.jar", saying("1.0.0", "one")));
        byte[] before = Files.readAllBytes(dir.resolve("p.jar"));
        refused(ErrorCode.PLUGIN_START_FAILED, "no database", folder.commands().replace(bad));
        assertEquals("one", folder.ask("s", ""));
        assertEquals(List.of("p.jar"), jars());
        assertTrue(java.util.Arrays.equals(before, Files.readAllBytes(dir.resolve("p.jar"))));
        assertEquals(
                List.of("serving "),
                folder.views().stream()
                        .map(view -> view.state() + " " + view.reason())
                        .toList());

        refused(ErrorCode.PLUGIN_UNREADABLE, "cannot be read", folder.commands().replace(new byte[10]));
        refused(ErrorCode.PLUGIN_UNREADABLE, "cannot be read", folder.commands().add("q.jar", new byte[0]));
        refused(
                ErrorCode.BAD_REQUEST,
                "is in the folder already, as p.jar",
                folder.commands().add("other.jar", saying("2.0.0", "x")));
        for (String name : List.of("../p.jar", "p", ".p.jar", "")) {
            refused(
                    ErrorCode.BAD_REQUEST,
                    "file name: " + name,
                    folder.commands().add(name, new byte[0]));
        }
        refused(ErrorCode.NO_SUCH_PLUGIN, "holds plugin q", folder.commands().remove("q"));
        refused(
                ErrorCode.NO_SUCH_PLUGIN,
                "holds plugin q",
                folder.commands().replace(bytes(Folder.saying("q", "t", ""))));
        refused(ErrorCode.NO_SUCH_PLUGIN, "plugin q", folder.commands().rollback("q"));
        refused(ErrorCode.NO_SUCH_PLUGIN, "holds plugin ../p", folder.commands().disable("../p"));
        refused(ErrorCode.NO_SUCH_PLUGIN, "holds plugin q", folder.commands().show("q"));
        DisabledMarker.set(dir, "q", true);
        Failure unknown = refused(
                ErrorCode.NO_SUCH_PLUGIN,
                "no jar in the folder holds plugin q",
                folder.commands().enable("q"));
        assertTrue(unknown.hint().startsWith("see: jackfield plugins;"), unknown::hint);
        assertEquals(List.of("p.jar", "q.disabled"), jars());
        DisabledMarker.set(dir, "q", false);
        assertEquals(List.of("p.jar"), jars());
    }

    @Test
    void shouldKeepAPluginDisabledOverARestart() throws Exception {
        get(folder.commands().add("p.jar", saying("1.0.0", "one")));
        assertEquals("disabled", get(folder.commands().disable("p")).get(0).state());
        Bench.await("it still serves", () -> folder.views().size() == 1);
        assertEquals(List.of(), folder.bench.snapshot().workers());
        Folder.settled(dir.resolve("p.jar"));
        folder.close();

        folder = new Folder(dir, 20_000).start();
        assertEquals("disabled", folder.views().get(0).state());
        get(folder.commands().replace(saying("2.0.0", "two")));
        assertEquals("disabled", folder.views().get(0).state());

        assertEquals("serving", get(folder.commands().enable("p")).get(0).state());
        assertEquals("two", folder.ask("s", ""));
        assertEquals("one", rolledBack());
        long last = get(folder.commands().history(Optional.empty())).stream()
                .mapToLong(PluginChange::generation)
                .max()
                .orElse(0);
        assertEquals(3, last, "numbers of generations go on after a restart");
    }

    /** The file of the plugin that serves holds another one meanwhile, or none. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldStopADisabledPluginWhoseFileHasOtherContentThatIsRefused(boolean isPlugin) throws Exception {
        get(folder.commands().add("x.jar", saying("1.0.0", "one")));
        if (isPlugin) {
            Folder.saying("q", "t", "").withoutIndex().writeTo(dir, "x.jar");
        } else {
            Files.write(dir.resolve("x.jar"), zipWithoutManifest());
        }
        Bench.await("the other content is not refused", () -> folder.view("x.jar", "serving")
                .filter(view -> !view.reason().isEmpty())
                .isPresent());

        get(folder.commands().disable("p"));

        folder.awaitNo("x.jar", "serving");
        folder.awaitNo("x.jar", "draining");
        assertEquals(List.of(), folder.bench.snapshot().workers());
        // And its jar does not serve before it is enabled.
        Files.write(dir.resolve("x.jar"), saying("2.0.0", "two"));
        folder.await("x.jar", "disabled");
        get(folder.commands().enable("p"));
        assertEquals("two", folder.ask("s", ""));
    }

    private static byte[] zipWithoutManifest() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("notes.txt"));
            zip.write(1);
            zip.closeEntry();
        }
        return bytes.toByteArray();
    }

    private String rolledBack() throws Exception {
        get(folder.commands().rollback("p"));
        return folder.ask("s", "");
    }

    @Test
    void shouldFollowAMarkerThatSomebodyWrites() throws Exception {
        get(folder.commands().add("p.jar", saying("1.0.0", "one")));
        DisabledMarker.set(dir, "p", true);
        folder.await("p.jar", "disabled");
        DisabledMarker.set(dir, "p", false);
        folder.await("p.jar", "serving");
        assertEquals("one", folder.ask("s", ""));
    }

    @Test
    void shouldBringBackWhatWasRemoved() throws Exception {
        get(folder.commands().add("p.jar", saying("1.0.0", "one")));
        get(folder.commands().disable("p"));
        assertEquals(List.of(), states(get(folder.commands().remove("p"))));
        assertEquals(List.of(), jars());
        assertFalse(Files.exists(dir.resolve("p.disabled")));

        get(folder.commands().rollback("p"));
        assertEquals(List.of("p.jar"), jars());
        assertEquals("one", folder.ask("s", ""));
    }

    @Test
    void shouldRefuseAChangeWhoseCodeHangsAndGoOn() throws Exception {
        folder.close();
        folder = new Folder(dir, 20_000, 500).start();
        String hang = "try { new CountDownLatch(1).await(); } catch (InterruptedException e) { }";
        byte[] hanging = bytes(FixtureJar.plugin("h")
                .handler(
                        "name = \"h\"",
                        "implements Handler",
                        "public H0() {" + hang + hang + "}" + FixtureJar.handleMethod("return null;")));
        Failure failure = refused(
                ErrorCode.PLUGIN_START_FAILED,
                "not loaded within 500 ms",
                folder.commands().add("h.jar", hanging));
        assertTrue(failure.cause().contains("hangs in fixture.h.H0.<init>"), failure::cause);
        get(folder.commands().add("p.jar", saying("1.0.0", "one")));
        assertEquals("one", folder.ask("s", ""));
    }

    /** And the file is left to whoever did that: it is not undone, as what is refused otherwise is. */
    @Test
    void shouldRefuseAReplacementThatIsStillBeingLoadedWhenWhatServesIsPutBack() throws Exception {
        get(folder.commands().add("p.jar", saying("1.0.0", "one")));
        Path jar = dir.resolve("p.jar");
        byte[] serving = Files.readAllBytes(jar);
        Folder.saying("p", "s", "").withoutIndex().writeTo(dir);
        Bench.await("the other content is not refused", () -> folder.view("p.jar", "serving")
                .filter(view -> !view.reason().isEmpty())
                .isPresent());
        Path entered = temp.resolve("entered");
        String hang = "try { java.nio.file.Files.writeString(java.nio.file.Path.of(\"" + entered + "\"), \"\");"
                + " new CountDownLatch(1).await(); } catch (Exception e) { throw new IllegalStateException(e); }";
        CompletableFuture<?> answer = folder.commands()
                .replace(bytes(FixtureJar.plugin("p")
                        .version("2.0.0")
                        .handler(
                                "name = \"s\"",
                                "implements Handler",
                                "public H0() {" + hang + "}" + FixtureJar.handleMethod("return null;"))));
        Bench.await("it is not being loaded", () -> Files.exists(entered));

        Files.move(Files.write(temp.resolve("former"), serving), jar, StandardCopyOption.ATOMIC_MOVE);

        Failure failure = refused(ErrorCode.PLUGIN_UNREADABLE, "what serves was put back", answer);
        assertEquals("replace it once more, unless that was meant", failure.hint());
        assertArrayEquals(serving, Files.readAllBytes(jar));
        PluginView view = folder.await("p.jar", "serving");
        assertEquals("1.0.0 1 ", view.version() + " " + view.generation() + " " + view.reason());
        assertEquals("one", folder.ask("s", ""));
    }

    @Test
    void shouldKeepNoMoreJarsThanAllowed() throws Exception {
        Path kept = temp.resolve("kept");
        KeptJars two = new KeptJars(kept, 2, 1 << 20);
        try (io.jackfield.host.PluginHost host = io.jackfield.host.PluginHost.open(
                io.jackfield.host.PluginHostSettings.defaults(temp.resolve("work")))) {
            for (int i = 1; i <= 3; i++) {
                Path jar = Folder.saying("p", "s", "v" + i).writeTo(temp);
                io.jackfield.host.Generation generation = host.load(jar, Optional.empty());
                two.keep(generation);
                generation.unload();
            }
        }
        try (Stream<Path> files = Files.list(kept)) {
            assertEquals(2, files.count());
        }
    }

    private static List<String> states(List<PluginView> views) {
        return views.stream()
                .map(PluginView::state)
                .filter(state -> !state.equals("draining"))
                .toList();
    }

    private byte[] saying(String version, String text) throws IOException {
        return bytes(Folder.saying("p", "s", text).version(version));
    }

    private byte[] bytes(FixtureJar jar) throws IOException {
        return Files.readAllBytes(jar.writeTo(temp));
    }

    private List<String> jars() throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> !name.startsWith("."))
                    .sorted()
                    .toList();
        }
    }

    private static <T> T get(CompletableFuture<T> answer) throws Exception {
        return answer.get(Asked.WAIT_S, TimeUnit.SECONDS);
    }

    private static Failure refused(ErrorCode code, String cause, CompletableFuture<?> answer) {
        ExecutionException thrown =
                assertThrows(ExecutionException.class, () -> answer.get(Asked.WAIT_S, TimeUnit.SECONDS));
        Failure failure =
                assertInstanceOf(RefusedException.class, thrown.getCause()).failure();
        assertEquals(code, failure.code(), failure::cause);
        assertTrue(failure.cause().contains(cause), failure::cause);
        return failure;
    }
}
