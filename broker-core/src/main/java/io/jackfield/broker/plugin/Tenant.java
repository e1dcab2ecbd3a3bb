package io.jackfield.broker.plugin;

import io.jackfield.host.Dependency;
import io.jackfield.host.Generation;
import io.jackfield.host.HostedHandler;
import io.jackfield.host.PluginIdentity;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A loaded generation and its workers. */
record Tenant(Path file, Generation generation, LocalGeneration workers) {

    boolean isOf(String pluginId) {
        return generation.pluginId().equals(pluginId);
    }

    boolean isBuiltOn(Tenant other) {
        return generation.isBuiltOn(other.generation);
    }

    /** The one of these that it is built on, if it is. */
    Optional<Tenant> among(List<Tenant> tenants) {
        return tenants.stream().filter(this::isBuiltOn).findFirst();
    }

    List<String> services() {
        return generation.handlers().stream()
                .map(HostedHandler::declared)
                .map(declared -> declared.service())
                .toList();
    }

    Shown view(String state, String reason) {
        PluginView view = new PluginView(
                generation.pluginId(),
                generation.version(),
                state,
                generation.number(),
                services(),
                generation.sha256(),
                String.valueOf(file.getFileName()),
                reason,
                dependencies(generation.identity()),
                List.of(),
                List.of());
        return new Shown(view, generation.handlers());
    }

    static List<String> dependencies(PluginIdentity identity) {
        return identity.dependencies().stream().map(Dependency::toString).toList();
    }
}
