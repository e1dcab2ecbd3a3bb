package io.jackfield.broker.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.jackfield.broker.server.config.ConfigReader;
import io.jackfield.host.fixture.FixtureJar;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the file says to a plugin reaches its handler, at the start and when the file changes. */
final class PluginConfigFileTest {
    private static final String RECORD = "record Greeting(String text, @Setting(value = \"1\", max = \"3\") int times,"
            + " @Setting(\"64KiB\") int bytesMax) {}";
    private static final String HANDLER = "@Service(name = \"greet\", config = Greeting.class)"
            + " public class Greet implements Handler {"
            + " public Reply handle(Request request, HandlerContext context) {"
            + " Greeting greeting = context.config(Greeting.class);"
            + " return Reply.text(greeting.text().repeat(greeting.times()) + greeting.bytesMax()); } }";

    private final Path file;
    private final RunningBroker broker;

    PluginConfigFileTest(@TempDir Path temp) throws Exception {
        Path jar = jar().writeTo(Files.createDirectories(temp.resolve("plugins")));
        Files.setLastModifiedTime(jar, FileTime.from(Instant.now().minusSeconds(60)));
        file = temp.resolve("broker.yaml");
        write("text: hi", "    drain-timeout: 1s");
        broker = RunningBroker.start(file);
        broker.broker.follow(file, ConfigReader.read(file));
    }

    @AfterEach
    void close() {
        broker.close();
    }

    @Test
    void shouldGiveHandlersWhatTheFileSaysAndWhatItSaysLater() throws Exception {
        assertEquals("hi65536", broker.post("greet", "").body());

        write("{text: ho, times: 2, bytes-max: 2MiB}", "");
        awaitChange(1);

        assertEquals("hoho2097152", broker.post("greet", "").body());
        assertEquals(0, broker.view("config").path("problems").size());
    }

    @Test
    void shouldTakeAChangedRampForTheNextReplacement() throws Exception {
        String ramp = "ramp: '10%, 100%', ramp-step-time: 1h";
        writeSettings("config: {text: hi}, " + ramp, "");
        awaitChange(1);
        replace("1.1.0");
        RunningBroker.await("it takes over step by step", () -> broker.view("plugins", "state", "ramping")
                .path("reason")
                .asText()
                .equals("10 % of the requests"));

        writeSettings("config: {text: hi}", "");
        awaitChange(2);
        replace("1.2.0");
        RunningBroker.await("it takes over at once", () -> broker.view("plugins", "state", "serving")
                .path("version")
                .asText()
                .equals("1.2.0"));
        assertEquals(0, broker.view("config").path("problems").size());
    }

    private void replace(String version) throws Exception {
        jar().version(version).writeTo(file.resolveSibling("plugins"));
    }

    private static FixtureJar jar() {
        return FixtureJar.plugin("greeter").source("Greeting", RECORD).extension("Greet", HANDLER);
    }

    @Test
    void shouldKeepWhatFitsWhenTheFileDoesNot() throws Exception {
        write("{text: ho, times: 4}", "");
        awaitChange(1);
        assertEquals(
                file
                        + ":5: plugins.settings.greeter.config.times: 4 (expected: a whole number, or a size such as 64KiB, to 3)",
                problem());
        assertEquals("hi65536", broker.post("greet", "").body());

        Files.writeString(file, "plugins: [");
        awaitChange(2);
        assertTrue(problem().startsWith(file + ":1: "), this::problem);
        assertEquals("hi65536", broker.post("greet", "").body());

        write("{text: ha}", "");
        awaitChange(3);
        assertEquals("ha65536", broker.post("greet", "").body());
    }

    private String problem() {
        try {
            return broker.view("config").path("problems").path(0).asText();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private void awaitChange(int count) throws Exception {
        RunningBroker.await("the file is read", () -> {
            JsonNode view = broker.view("config");
            return view.path("changes").asInt() == count;
        });
    }

    private void write(String config, String more) throws Exception {
        writeSettings("config: " + braced(config), more);
    }

    private void writeSettings(String settings, String more) throws Exception {
        String yaml = "http: {bind: '127.0.0.1:0'}\nendpoints: [{bind: 'tcp://127.0.0.1:0'}]\nplugins:\n"
                + "    rescan: 50ms\n    settings: {greeter: {" + settings + "}}\n" + more + "\n";
        // Whole at once: a file that is half written, and stays so from one look to the next, would be read as it is.
        Path whole = Files.writeString(file.resolveSibling("whole.yaml"), yaml);
        Files.move(whole, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }

    private static String braced(String config) {
        return config.startsWith("{") ? config : "{" + config + "}";
    }
}
