package io.jackfield.host.config;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of one generation of a plugin: the file's entries, and the records that its handlers declare. Read by
 * any thread; declared by the one that loads the plugin, and from then on updated by the one that reads the file.
 */
public final class PluginConfig {

    private final String path;
    private final Supplier<ConfigNode> source;

    // Replaced as a whole: a reader sees one state of the file.
    private volatile State state;
    private volatile boolean released;

    private record State(ConfigNode node, Map<String, String> flat, Map<Class<?>, Object> bound) {}

    /**
     * Of the entries that the source gives now; nothing is bound yet.
     *
     * @param path of the entries in the file, for messages
     */
    public PluginConfig(String path, Supplier<ConfigNode> source) {
        this.path = path;
        this.source = source;
        ConfigNode node = source.get();
        this.state = new State(node, node.flat(), Map.of());
    }

    /**
     * Binds one more record.
     *
     * @throws ConfigRefusedException the file does not fit it
     * @throws IllegalArgumentException it is not one that can be bound to
     */
    public void declare(Class<?> type) throws ConfigRefusedException {
        Set<Class<?>> types = new LinkedHashSet<>(state.bound.keySet());
        types.add(type);
        bind(types);
    }

    /**
     * Binds all of them to what the source gives now.
     *
     * @return whether there was something new
     * @throws ConfigRefusedException the file does not fit them; the former state stays
     */
    public boolean update() throws ConfigRefusedException {
        if (state.node.equals(source.get())) {
            return false;
        }
        bind(state.bound.keySet());
        return true;
    }

    private void bind(Set<Class<?>> types) throws ConfigRefusedException {
        ConfigNode node;
        do {
            node = source.get();
            Map<Class<?>, Object> bound = new HashMap<>();
            for (Class<?> type : types) {
                bound.put(type, RecordBinder.bind(node, path, type));
            }
            state = new State(node, node.flat(), Map.copyOf(bound));
            // The file may have been read anew while a plugin was loaded, before that plugin was known.
        } while (!node.equals(source.get()));
    }

    /** All texts by their path. */
    public Map<String, String> flat() {
        return Map.copyOf(state.flat);
    }

    /**
     * The record of that type.
     *
     * @throws IllegalArgumentException nobody declared it
     */
    public <C> C bound(Class<C> type) {
        @Nullable Object value = state.bound.get(type);
        if (value == null) {
            throw new IllegalArgumentException(type.getName()
                    + " is not declared (expected: a record that @Service(config = ...) of a handler names)");
        }
        return type.cast(value);
    }

    /** The plugin is unloaded. */
    public boolean isReleased() {
        return released;
    }

    /** Forgets the plugin's classes. */
    public void release() {
        released = true;
        state = new State(state.node, state.flat, Map.of());
    }
}
