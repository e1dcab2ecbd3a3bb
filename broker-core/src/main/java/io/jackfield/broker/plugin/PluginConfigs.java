package io.jackfield.broker.plugin;

import io.jackfield.host.config.ConfigNode;
import java.util.Map;

/** What the file says to each plugin, by id. Written by whoever reads the file, read by any thread. */
final class PluginConfigs {
    private static final ConfigNode NOTHING = ConfigNode.empty("(the configuration)");

    private volatile Map<String, ConfigNode> byId = Map.of();

    ConfigNode of(String pluginId) {
        return byId.getOrDefault(pluginId, NOTHING);
    }

    void set(Map<String, ConfigNode> configs) {
        byId = Map.copyOf(configs);
    }
}
