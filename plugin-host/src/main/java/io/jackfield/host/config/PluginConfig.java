package io.jackfield.host.config;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of one generation of a plugin: the file's entries, and the records that its handlers declare. Read by
 * any thread; declared by the one that loads the plugin, updated by the one that reads the file, and released by whoever unloads it, in any
 * order and at the same time.
 */
public final class PluginConfig {

    private final String path;
    private final Supplier<ConfigNode> source;

    private static final AtomicReferenceFieldUpdater<PluginConfig, State> STATE =
            AtomicReferenceFieldUpdater.newUpdater(PluginConfig.class, State.class, "state");

    // Replaced as a whole: a reader sees one state of the file.
    private volatile State state;

    private record State(ConfigNode node, Map<String, String> flat, Map<Class<?>, Object> bound, boolean released) {}

    /**
     * Of the entries that the source gives now; nothing is bound yet.
     *
     * @param path of the entries in the file, for messages
     */
    public PluginConfig(String path, Supplier<ConfigNode> source) {
        this.path = path;
        this.source = source;
        ConfigNode node = source.get();
        this.state = new State(node, node.flat(), Map.of(), false);
    }

    /**
     * Binds one more record; does nothing once released.
     *
     * @throws ConfigRefusedException the file does not fit it
     * @throws IllegalArgumentException it is not one that can be bound to
     */
    public void declare(Class<?> type) throws ConfigRefusedException {
        bind(Set.of(type));
    }

    /**
     * Binds all of them to what the source gives now; does nothing once released.
     *
     * @return whether there was something new
     * @throws ConfigRefusedException the file does not fit them; the former state stays
     */
    public boolean update() throws ConfigRefusedException {
        return bind(Set.of());
    }

    /**
     * Until the state is of what the source gives, which may have been read anew meanwhile, and has the types of all who declared some. No
     * lock: a record's constructor is the plugin's code, and where it hangs nobody else shall.
     */
    private boolean bind(Set<Class<?>> more) throws ConfigRefusedException {
        boolean changed = false;
        while (true) {
            State before = state;
            ConfigNode node = source.get();
            boolean current = before.node.equals(node) && before.bound.keySet().containsAll(more);
            if (current || before.released) {
                return changed;
            }
            Set<Class<?>> types = new LinkedHashSet<>(before.bound.keySet());
            types.addAll(more);
            Map<Class<?>, Object> bound = new HashMap<>();
            for (Class<?> type : types) {
                bound.put(type, RecordBinder.bind(node, path, type));
            }
            changed |= STATE.compareAndSet(this, before, new State(node, node.flat(), Map.copyOf(bound), false));
        }
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
        return state.released;
    }

    /** Forgets the plugin's classes. */
    public void release() {
        State last;
        do {
            last = state;
        } while (!STATE.compareAndSet(this, last, new State(last.node, last.flat, Map.of(), true)));
    }
}
