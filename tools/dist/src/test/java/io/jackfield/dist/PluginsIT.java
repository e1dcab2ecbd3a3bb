package io.jackfield.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jackfield.dist.Jackfield.Ran;
import io.jackfield.kit.Client;
import io.jackfield.kit.RequestFailedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginsIT {

    private static final Duration SERVING_MAX = Duration.ofSeconds(2);
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);

    @TempDir
    private Path folder;

    private Serving broker;
    private Client client;

    @BeforeEach
    void startBroker() throws IOException {
        broker = Serving.start(folder);
        client = Client.connect(broker.endpoint());
    }

    @AfterEach
    void stopBroker() {
        client.close();
        broker.close();
    }

    @Test
    void shouldServeAJarWithinTwoSecondsAndStopWhenItIsRemoved() throws Exception {
        broker.drop("echo.jar");
        Await.until("echo", SERVING_MAX, () -> answers("echo"));

        Files.delete(broker.plugins().resolve("echo.jar"));
        Await.until("the end of echo", SERVING_MAX, () -> workersOf("echo") == 0);
    }

    @Test
    void shouldServeWhatLiesInTheFolderWhenItStarts() throws Exception {
        broker.close();
        broker.drop("is-prime.jar");
        broker = Serving.start(folder);

        try (Client second = Client.connect(broker.endpoint())) {
            Await.until("is-prime", SERVING_MAX, () -> answers(second, "is-prime"));
            byte[] reply = second.call("is-prime", bytes("10403"), CALL_TIMEOUT).body();
            assertEquals("101", new String(reply, StandardCharsets.UTF_8));
        }
    }

    @Test
    void shouldTellHowItsHandlersDo() throws Exception {
        broker.drop("is-prime.jar");
        Await.until("is-prime", SERVING_MAX, () -> answers("is-prime"));
        for (int i = 0; i < 9; i++) {
            assertTrue(answers("is-prime"));
        }

        // It answers a moment before that is written down.
        Await.until("is-prime in the list", SERVING_MAX, () -> !handler().isMissingNode());
        JsonNode handler = handler();
        assertEquals("is-prime", handler.path("service").asText());
        assertTrue(handler.path("calls").asLong() >= 10, handler::toString);
        assertEquals(0, handler.path("errors").asLong(), handler::toString);
        assertTrue(handler.path("p99Us").asLong() > 0, handler::toString);
        assertTrue(broker.list("plugins").text().contains(" CALLS "));
        String shown = plugins("show", "is-prime").text();
        assertTrue(shown.lines().anyMatch(line -> line.matches("is-prime +1 +threads .* us +.*")), shown);
    }

    @Test
    void shouldRefuseABadJarWithItsReasonAndGoOnServing() throws Exception {
        broker.drop("echo.jar");
        Await.until("echo", SERVING_MAX, () -> answers("echo"));

        Files.writeString(broker.plugins().resolve("bad.jar"), "not a jar");
        Await.until("the refusal", SERVING_MAX, () -> !reasonOf("bad.jar").isEmpty());

        assertTrue(reasonOf("bad.jar").contains("PLUGIN_UNREADABLE"), reasonOf("bad.jar"));
        assertTrue(answers("echo"));
        assertTrue(broker.list("plugins").text().contains("PLUGIN_UNREADABLE"));
    }

    @Test
    void shouldAddDisableRemoveAndBringBackAPluginByCommands() throws Exception {
        Path jar = Files.copy(Jackfield.HOME.resolve("plugins/echo.jar"), folder.resolve("my-echo.jar"));
        Ran added = plugins("add", jar.toString());
        assertEquals(0, added.exitCode(), added::stderr);
        assertTrue(added.text().contains("my-echo.jar"), added::text);
        assertTrue(answers("echo"));

        Ran again = plugins("add", jar.toString());
        assertEquals(4, again.exitCode());
        assertTrue(again.stderr().contains("is in the folder already, as my-echo.jar"), again::stderr);
        assertEquals(1, again.stderr().lines().count(), again::stderr);

        assertEquals(0, plugins("disable", "echo").exitCode());
        assertEquals(0, workersOf("echo"));
        assertTrue(Files.exists(broker.plugins().resolve("echo.disabled")));
        assertEquals(0, plugins("enable", "echo").exitCode());
        assertTrue(answers("echo"));

        assertEquals(0, plugins("remove", "echo").exitCode());
        assertEquals(0, workersOf("echo"));
        assertTrue(!Files.exists(broker.plugins().resolve("my-echo.jar")));
        Ran back = plugins("rollback", "echo", "--json");
        assertEquals(0, back.exitCode(), back::stderr);
        assertEquals(
                "serving",
                new ObjectMapper()
                        .readTree(back.stdout())
                        .path("plugins")
                        .path(0)
                        .path("state")
                        .asText());
        assertTrue(answers("echo"));

        Ran history = plugins("history", "echo");
        assertTrue(history.text().contains("rolled-back"), history::text);
        // When former generations are unloaded and collected is told beside that.
        assertEquals(
                6,
                history.text()
                        .lines()
                        .filter(line -> !line.contains(" unloaded "))
                        .count(),
                history::text);
        assertTrue(plugins("show", "echo").text().contains("rolled-back"));
        assertTheReplyIsTraced();
        assertEquals(4, plugins("show", "nothing").exitCode());
    }

    /** From a reply to what happened to the generation that gave it. */
    private void assertTheReplyIsTraced() throws IOException, InterruptedException {
        Ran asked =
                Jackfield.run("call", "echo", "7", "--header", "served-by:", "--json", "--connect", broker.endpoint());
        String origin = new ObjectMapper()
                .readTree(asked.stdout())
                .at("/headers/served-by")
                .asText();
        assertTrue(origin.matches("echo/[^;]+; generation=[0-9]+; sha256=[0-9a-f]{64}"), origin);
        String generation = origin.replaceAll(".*generation=([0-9]+);.*", "$1");
        String sha256 = origin.substring(origin.lastIndexOf('=') + 1);
        Ran traced = plugins("history", "echo", "--generation", generation);
        assertTrue(traced.text().startsWith("SHA-256 " + sha256 + "\n\n"), traced::text);
        assertTrue(traced.text().contains("my-echo.jar"), traced::text);
        assertEquals(1, plugins("history", "echo", "--generation", "99").exitCode());
    }

    private Ran plugins(String command, String... more) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of("plugins", command, "--connect", broker.endpoint()));
        words.addAll(List.of(more));
        return Jackfield.run(words.toArray(String[]::new));
    }

    private boolean answers(String service) {
        return answers(client, service);
    }

    private static boolean answers(Client client, String service) {
        try {
            return client.call(service, bytes("7"), CALL_TIMEOUT).body().length > 0;
        } catch (RequestFailedException notYet) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private int workersOf(String name) {
        for (JsonNode service : list("services")) {
            if (service.path("name").asText().equals(name)) {
                return service.path("workers").asInt();
            }
        }
        return 0;
    }

    private String reasonOf(String file) {
        for (JsonNode plugin : list("plugins")) {
            if (plugin.path("file").asText().endsWith(file)) {
                return plugin.path("reason").asText();
            }
        }
        return "";
    }

    private JsonNode handler() {
        return list("plugins").path(0).path("handlers").path(0);
    }

    private JsonNode list(String what) {
        try {
            byte[] reply = client.call("jf." + what, bytes("{}"), CALL_TIMEOUT).body();
            return new ObjectMapper().readTree(reply).path(what);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
