package io.jackfield.broker.plugin;

import io.jackfield.host.Generation;
import io.jackfield.host.HostedHandler;
import java.nio.file.Path;
import java.util.List;

/** A loaded generation and its workers. */
record Tenant(Path file, Generation generation, LocalGeneration workers) {

    boolean isOf(String pluginId) {
        return generation.pluginId().equals(pluginId);
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
                List.of());
        return new Shown(view, generation.handlers());
    }
}
