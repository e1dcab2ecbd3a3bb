package io.jackfield.host;

import io.jackfield.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Which plugin comes before which, and what a plugin is built on. */
final class Dependencies {

    private Dependencies() {}

    /** Each is held for the plugin, in the order of its manifest, and once only; all of them, or none. */
    static List<Generation> hold(PluginIdentity plugin, List<Generation> loaded) throws PluginRefusedException {
        List<Generation> held = new ArrayList<>();
        try {
            for (Dependency dependency : plugin.dependencies()) {
                Generation found = find(plugin, dependency, loaded);
                if (!held.contains(found)) {
                    if (!found.hold()) {
                        throw missing(plugin, dependency, found + " has just been unloaded");
                    }
                    held.add(found);
                }
            }
            return held;
        } catch (PluginRefusedException e) {
            held.forEach(Generation::giveBack);
            throw e;
        }
    }

    /** The same in an order in which each comes after those that it depends on; others keep theirs. */
    static <T> List<T> inOrder(List<T> plugins, Function<T, PluginIdentity> identity) throws PluginRefusedException {
        List<T> ordered = new ArrayList<>();
        for (T plugin : plugins) {
            add(plugin, plugins, identity, List.of(), ordered);
        }
        return ordered;
    }

    private static <T> void add(
            T plugin, List<T> plugins, Function<T, PluginIdentity> identity, List<String> above, List<T> ordered)
            throws PluginRefusedException {
        if (ordered.contains(plugin)) {
            return;
        }
        List<String> chain = new ArrayList<>(above);
        chain.add(identity.apply(plugin).id());
        for (Dependency dependency : identity.apply(plugin).dependencies()) {
            if (chain.contains(dependency.pluginId())) {
                throw cycle(chain, dependency.pluginId());
            }
            for (T other : plugins) {
                if (identity.apply(other).id().equals(dependency.pluginId())) {
                    add(other, plugins, identity, chain, ordered);
                }
            }
        }
        ordered.add(plugin);
    }

    private static Generation find(PluginIdentity plugin, Dependency dependency, List<Generation> loaded)
            throws PluginRefusedException {
        Optional<Generation> found = loaded.stream()
                .filter(one -> one.pluginId().equals(dependency.pluginId()))
                .findFirst();
        if (found.isEmpty()) {
            throw missing(plugin, dependency, "no plugin of that id is loaded");
        }
        if (!dependency.accepts(found.get().version())) {
            throw missing(plugin, dependency, found.get().identity() + " is loaded");
        }
        return found.get();
    }

    static PluginRefusedException missing(PluginIdentity plugin, Dependency dependency, String found) {
        return new PluginRefusedException(
                ErrorCode.PLUGIN_DEPENDENCY,
                plugin + " needs " + dependency + ", and " + found,
                "add " + dependency.pluginId() + " in such a version");
    }

    /**
     * Plugins that depend on each other.
     *
     * @param chain from the first on each depends on the next
     * @param again what the last depends on, one of the chain
     */
    static PluginRefusedException cycle(List<String> chain, String again) {
        return new PluginRefusedException(
                ErrorCode.PLUGIN_DEPENDENCY,
                "the plugins depend on each other: "
                        + String.join(" -> ", chain.subList(chain.indexOf(again), chain.size())) + " -> " + again,
                "move what they share into a plugin of its own, which depends on neither");
    }
}
