package io.jackfield.command;

import io.jackfield.host.config.ConfigNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * What a file in the form of the broker's says under {@code plugins.settings.ID.config}. The rest of it is the broker's, and not looked at: the
 * same file serves both. Immutable.
 */
final class PluginConfigFile {

    private static final int BYTES_MAX = 1 << 20;

    private final String file;
    private final Map<String, ConfigNode> byId = new LinkedHashMap<>();

    private PluginConfigFile(String file) {
        this.file = file;
    }

    static PluginConfigFile read(Path path) {
        PluginConfigFile read = new PluginConfigFile(String.valueOf(path.getFileName()));
        try {
            if (Files.size(path) > BYTES_MAX) {
                throw read.wrong(1, Files.size(path) + " bytes (expected: at most " + BYTES_MAX + ")");
            }
            read.fill(Files.readString(path));
            return read;
        } catch (IOException e) {
            throw new Failure(ExitCode.USAGE, "NO_SUCH_FILE", path + " cannot be read: " + e, "name a YAML file");
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
            throw read.wrong(line, e.getProblem() + " (expected: YAML)");
        } catch (YamlEngineException e) {
            throw read.wrong(1, String.valueOf(e.getMessage()));
        }
    }

    /** Of the plugin of that id. */
    ConfigNode of(String pluginId) {
        return byId.getOrDefault(pluginId, ConfigNode.empty(file));
    }

    private void fill(String text) {
        LoadSettings settings = LoadSettings.builder()
                .setLabel(file)
                .setMaxAliasesForCollections(0)
                .build();
        new Compose(settings)
                .composeString(text)
                .flatMap(top -> under(top, "the file", "plugins"))
                .flatMap(plugins -> under(plugins, "plugins", "settings"))
                .ifPresent(all -> entries(all, "plugins.settings").forEach((id, plugin) -> under(
                                plugin, "plugins.settings." + id, "config")
                        .ifPresent(config -> byId.put(id, node(config, "plugins.settings." + id + ".config")))));
    }

    private Optional<Node> under(Node node, String path, String key) {
        return Optional.ofNullable(entries(node, path).get(key));
    }

    private Map<String, Node> entries(Node node, String path) {
        Map<String, Node> entries = new LinkedHashMap<>();
        if (node instanceof ScalarNode scalar && scalar.getValue().isEmpty()) {
            return entries;
        }
        if (!(node instanceof MappingNode mapping)) {
            throw wrong(line(node), path + ": a value or a list (expected: keys and values)");
        }
        for (NodeTuple tuple : mapping.getValue()) {
            int line = line(tuple.getKeyNode());
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                throw wrong(line, path + ": a key that is no text (expected: text)");
            }
            if (entries.put(key.getValue(), tuple.getValueNode()) != null) {
                throw wrong(line, path + "." + key.getValue() + ": given twice (expected: once)");
            }
        }
        return entries;
    }

    private ConfigNode node(Node node, String path) {
        String place = file + ":" + line(node);
        if (node instanceof ScalarNode scalar) {
            return ConfigNode.text(place, scalar.getValue());
        }
        if (node instanceof SequenceNode list) {
            List<ConfigNode> items =
                    list.getValue().stream().map(item -> node(item, path)).toList();
            return ConfigNode.list(place, items);
        }
        Map<String, ConfigNode> nodes = new LinkedHashMap<>();
        entries(node, path).forEach((key, value) -> nodes.put(key, node(value, path + "." + key)));
        return ConfigNode.map(place, nodes);
    }

    private Failure wrong(int line, String problem) {
        return new Failure(ExitCode.USAGE, "CONFIG_INVALID", file + ":" + line + ": " + problem, "change the file");
    }

    private static int line(Node node) {
        return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
    }
}
