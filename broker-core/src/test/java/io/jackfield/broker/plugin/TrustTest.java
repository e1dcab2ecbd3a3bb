package io.jackfield.broker.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jackfield.broker.dispatch.RefusedException;
import io.jackfield.host.Sha256;
import io.jackfield.host.TrustedJars.Entry;
import io.jackfield.protocol.ErrorCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real jars in a folder that loads only those on a list. */
final class TrustTest {
    private final Path temp;
    private final Path list;
    private final Folder folder;

    TrustTest(@TempDir Path temp) throws Exception {
        this.temp = temp;
        this.list = temp.resolve("trusted.txt");
        this.folder = new Folder(temp.resolve("plugins"), 20_000, 10_000, Map.of(), Optional.of(list)).start();
    }

    @AfterEach
    void close() {
        folder.close();
    }

    @Test
    void shouldLoadAJarThatWaitsAsSoonAsItIsTrusted() throws Exception {
        Path jar = Folder.saying("p", "s", "one").writeTo(folder.dir);
        folder.awaitRefused("p.jar", ErrorCode.PLUGIN_NOT_TRUSTED, Sha256.of(jar) + " is not in " + list);

        String line = Sha256.of(jar) + "  p.jar";
        assertEquals(
                List.of(new Entry(Sha256.of(jar), "p.jar")), get(folder.trust().add(line)));
        folder.await("p.jar", "serving");
        assertEquals("one", folder.ask("s", ""));

        // Another content does not serve; what served goes on. Somebody writes the list by hand.
        jar = Folder.saying("p", "s", "two").version("2.0.0").writeTo(folder.dir);
        Bench.await("it is not refused", () -> folder.view("p.jar", "serving")
                .filter(view -> view.reason().startsWith("39 PLUGIN_NOT_TRUSTED: "))
                .isPresent());
        assertEquals("one", folder.ask("s", ""));
        Files.writeString(list, "# by hand\n" + Sha256.of(jar) + "\n");
        Bench.await("the second does not serve", () -> folder.view("p.jar", "serving")
                .filter(view -> view.version().equals("2.0.0"))
                .isPresent());
        assertEquals("two", folder.ask("s", ""));

        // What serves goes on when it is trusted no more, and is not loaded again.
        assertEquals(List.of(), get(folder.trust().remove(Sha256.of(jar))));
        assertEquals("two", folder.ask("s", ""));
        get(folder.commands().disable("p"));
        failed(ErrorCode.PLUGIN_NOT_TRUSTED, folder.commands().enable("p"));
        folder.awaitRefused("p.jar", ErrorCode.PLUGIN_NOT_TRUSTED, "is not in");
    }

    /** A wrong digit is put right in place, and the file's time is set to what it was. */
    @Test
    void shouldLoadAJarThatWaitsWhenTheListsSizeAndTimeDoNotTellThatItIsTrusted() throws Exception {
        Path jar = Folder.saying("p", "s", "one").writeTo(temp);
        String right = Sha256.of(jar);
        String wrong = right.substring(1) + right.charAt(0);
        Files.writeString(list, wrong + "\n");
        FileTime time = Files.getLastModifiedTime(list);
        Files.copy(jar, folder.dir.resolve("p.jar"));
        folder.awaitRefused("p.jar", ErrorCode.PLUGIN_NOT_TRUSTED, right + " is not in " + list);

        Files.writeString(list, right + "\n");
        Files.setLastModifiedTime(list, time);

        folder.await("p.jar", "serving");
    }

    @Test
    void shouldRefuseCommandsThatBringUntrustedJars() throws Exception {
        byte[] jar = Files.readAllBytes(Folder.saying("p", "s", "one").writeTo(temp));
        failed(ErrorCode.PLUGIN_NOT_TRUSTED, folder.commands().add("p.jar", jar));
        assertEquals(List.of(), folder.views());
        failed(ErrorCode.BAD_REQUEST, folder.trust().add("abc"));
        failed(ErrorCode.BAD_REQUEST, folder.trust().remove("a".repeat(64)));
        Files.writeString(list, "nonsense\n");
        failed(ErrorCode.CONFIG_INVALID, folder.trust().list());
        failed(ErrorCode.PLUGIN_NOT_TRUSTED, folder.commands().add("p.jar", jar));
    }

    private static <T> T get(CompletableFuture<T> answer) throws Exception {
        return answer.get(Asked.WAIT_S, TimeUnit.SECONDS);
    }

    private static void failed(ErrorCode code, CompletableFuture<?> answer) {
        ExecutionException thrown =
                assertThrows(ExecutionException.class, () -> answer.get(Asked.WAIT_S, TimeUnit.SECONDS));
        assertEquals(
                code,
                assertInstanceOf(RefusedException.class, thrown.getCause())
                        .failure()
                        .code());
    }
}
