package io.jackfield.broker.server.config;

import io.jackfield.broker.plugin.PluginSettings;
import io.jackfield.broker.plugin.PluginSettings.Kept;
import io.jackfield.broker.plugin.PluginSettings.Proof;
import io.jackfield.broker.plugin.RampPlan;
import io.jackfield.broker.server.config.BrokerConfig.Limits;
import io.jackfield.host.config.ConfigNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The key {@code plugins} and what is under it. */
final class PluginsReader {
    private static final long HOUR_MS = 3_600_000;

    private final YamlMap map;
    private final Path base;

    /** @param base where relative paths begin */
    PluginsReader(YamlMap map, Path base) {
        this.map = map;
        this.base = base;
    }

    PluginSettings read(Limits limits) {
        Map<String, ConfigNode> configs = new LinkedHashMap<>();
        Map<String, RampPlan> ramps = new LinkedHashMap<>();
        readEach(configs, ramps);
        Path dir = base.resolve(map.scalar("dir", "a path", PluginsReader::path).orElse(Path.of("plugins")));
        PluginSettings plugins = new PluginSettings(
                dir,
                map.millis("rescan", HOUR_MS).orElse(500L),
                map.count("queue-length-max", 10_000, 1_000_000),
                map.millis("drain-timeout", HOUR_MS).orElse(30_000L),
                map.millis("inline-stall-max", HOUR_MS).orElse(50L),
                limits.bodyBytesMax(),
                limits.dispatch().workerCreditMax(),
                map.millis("load-timeout", HOUR_MS).orElse(10_000L),
                new Kept(
                        map.count("kept-jars-max", Kept.DEFAULT.jarsMax(), 10_000),
                        map.bytes("kept-jars-bytes-max", Kept.DEFAULT.jarsBytesMax(), 64L << 30),
                        map.count("history-length-max", Kept.DEFAULT.changesMax(), 1_000_000)),
                new Proof(
                        map.millis("unload-proof-time", HOUR_MS).orElse(Proof.DEFAULT.timeMs()),
                        map.flag("unload-proof-collections").orElse(Proof.DEFAULT.collections())),
                trust(dir),
                configs,
                ramps);
        map.end();
        return plugins;
    }

    private void readEach(Map<String, ConfigNode> configs, Map<String, RampPlan> ramps) {
        YamlMap settings = map.map("settings");
        for (String id : settings.keys()) {
            YamlMap plugin = settings.map(id);
            // The broker's own settings of a plugin stand beside config, which is its author's.
            plugin.node("config").ifPresent(node -> configs.put(id, node));
            new RampReader(plugin).read().ifPresent(plan -> ramps.put(id, plan));
            plugin.end();
        }
    }

    private Optional<Path> trust(Path dir) {
        String text = map.scalar("trust", "off or a path", Optional::of).orElse("off");
        Optional<Path> file = path(text);
        if (file.isEmpty()) {
            map.wrong("trust", text, "off or a path");
        }
        Optional<Path> list = text.equals("off") ? Optional.empty() : file.map(base::resolve);
        if (list.filter(path -> liesIn(dir, path)).isPresent()) {
            map.wrong("trust", text, "a path outside of plugins.dir: whoever may put a jar there could trust it, too");
        }
        return list;
    }

    /** By their names, or where links lead. */
    static boolean liesIn(Path dir, Path file) {
        return whole(file).startsWith(whole(dir)) || real(file).startsWith(real(dir));
    }

    private static Path whole(Path path) {
        return path.toAbsolutePath().normalize();
    }

    /** Without links, as far as it is there. */
    private static Path real(Path path) {
        Path whole = whole(path);
        Path there = whole;
        while (there.getParent() != null && !Files.exists(there)) {
            there = there.getParent();
        }
        try {
            return there.toRealPath().resolve(there.relativize(whole));
        } catch (IOException goneSince) {
            return whole;
        }
    }

    private static Optional<Path> path(String text) {
        try {
            return text.isBlank() ? Optional.empty() : Optional.of(Path.of(text));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }
}
