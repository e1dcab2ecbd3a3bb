package io.jackfield.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jackfield.host.config.ConfigNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginConfigFileTest {

    @TempDir
    private Path folder;

    @Test
    void shouldReadWhatPluginsAreConfiguredWithAndNothingElse() throws IOException {
        PluginConfigFile read = read(
                """
                endpoints: [ whatever ]
                plugins:
                  dir: plugins
                  settings:
                    price: { ramp: "1%", config: { max: 5, of: [ a, { b: c } ] } }
                    other:
                """);

        assertEquals(
                ConfigNode.map(
                        "my.yaml:5",
                        Map.of(
                                "max", ConfigNode.text("my.yaml:5", "5"),
                                "of",
                                        ConfigNode.list(
                                                "my.yaml:5",
                                                List.of(
                                                        ConfigNode.text("my.yaml:5", "a"),
                                                        ConfigNode.map(
                                                                "my.yaml:5",
                                                                Map.of("b", ConfigNode.text("my.yaml:5", "c"))))))),
                read.of("price"));
        assertEquals(ConfigNode.empty("my.yaml"), read.of("other"));
        assertEquals(ConfigNode.empty("my.yaml"), read("").of("price"));
    }

    @Test
    void shouldSayWhatIsWrongAndWhere() {
        assertRefused("my.yaml:2: plugins: a value or a list (expected: keys and values)", "\nplugins: 5");
        assertRefused(
                "my.yaml:3: plugins.settings.a: given twice (expected: once)",
                "plugins: { settings: {\n a: { config: {} },\n a: { config: {} } } }");
        Failure unread = assertThrows(Failure.class, () -> PluginConfigFile.read(folder.resolve("absent.yaml")));
        assertEquals("NO_SUCH_FILE", unread.code());
    }

    private void assertRefused(String cause, String text) {
        Failure failure = assertThrows(Failure.class, () -> read(text));
        assertEquals("CONFIG_INVALID", failure.code());
        assertEquals(cause, failure.cause());
    }

    private PluginConfigFile read(String text) throws IOException {
        return PluginConfigFile.read(Files.write(folder.resolve("my.yaml"), text.getBytes(StandardCharsets.UTF_8)));
    }
}
