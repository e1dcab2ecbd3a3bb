package io.jackfield.host.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The file is read anew while a plugin is loaded or unloaded: each step of one may fall between two steps of the other. */
final class PluginConfigStateTest {
    /** A plugin's record. */
    public record Named(String name) {}

    /** Another one. */
    public record AlsoNamed(String name) {}

    private interface Step {
        void run() throws ConfigRefusedException;
    }

    private ConfigNode node = named("old");
    private int looksLeft;
    private Step step = () -> {};
    private final PluginConfig config = new PluginConfig("path", this::look);

    /** The steps of what is tested are between its looks at the file. */
    private ConfigNode look() {
        looksLeft--;
        if (looksLeft == 0) {
            try {
                step.run();
            } catch (ConfigRefusedException e) {
                throw new AssertionError(e);
            }
        }
        return node;
    }

    private void betweenTheLooks(int look, Step other) {
        step = other;
        looksLeft = look;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void shouldKeepWhatIsDeclaredWhileItIsUpdated(int look) throws Exception {
        config.declare(Named.class);
        node = named("new");
        betweenTheLooks(look, () -> config.declare(AlsoNamed.class));

        config.update();

        if (looksLeft > 0) {
            config.declare(AlsoNamed.class);
        }
        assertEquals("new", config.bound(Named.class).name());
        assertEquals("new", config.bound(AlsoNamed.class).name());
        assertEquals(Map.of("name", "new"), config.flat());
        assertFalse(config.update());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void shouldHoldNoClassesOnceReleased(int look) throws Exception {
        config.declare(Named.class);
        node = named("new");
        betweenTheLooks(look, config::release);

        config.update();

        config.release();
        config.declare(AlsoNamed.class);
        assertTrue(config.isReleased());
        assertThrows(IllegalArgumentException.class, () -> config.bound(Named.class));
        assertThrows(IllegalArgumentException.class, () -> config.bound(AlsoNamed.class));
    }

    @Test
    void shouldKeepWhatItHasWhereTheFileDoesNotFit() throws Exception {
        config.declare(Named.class);
        node = ConfigNode.map("f:1", Map.of("nome", ConfigNode.text("f:2", "new")));

        assertThrows(ConfigRefusedException.class, config::update);

        assertEquals("old", config.bound(Named.class).name());
        assertEquals(Map.of("name", "old"), config.flat());
    }

    private static ConfigNode named(String name) {
        return ConfigNode.map("f:1", Map.of("name", ConfigNode.text("f:2", name)));
    }
}
