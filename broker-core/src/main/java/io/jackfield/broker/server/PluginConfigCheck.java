package io.jackfield.broker.server;

import io.jackfield.broker.server.config.BrokerConfig;
import io.jackfield.broker.server.config.ConfigException;
import io.jackfield.host.ConfigCheck;
import io.jackfield.host.JarReadiness;
import io.jackfield.host.PluginRefusedException;
import io.jackfield.host.TrustedJars;
import io.jackfield.host.config.ConfigNode;
import io.jackfield.host.config.ConfigRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What {@code serve --check} can say of the plugins in the folder without letting them serve. */
final class PluginConfigCheck {
    private PluginConfigCheck() {}

    /**
     * Binds the configuration of each jar in the folder.
     *
     * @return what does not keep the broker from starting, but should be known
     * @throws ConfigException a configuration does not fit its plugin
     */
    static List<String> check(BrokerConfig config) throws ConfigException, IOException {
        Map<String, ConfigNode> configs = config.plugins().configs();
        Path dir = config.plugins().dir();
        ConfigCheck check = new ConfigCheck(
                id -> configs.getOrDefault(id, ConfigNode.empty("(the configuration)")),
                config.plugins().trust().map(TrustedJars::listedIn).orElse(TrustedJars.every()));
        List<String> problems = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        Set<String> unused = new TreeSet<>(configs.keySet());
        List<Path> jars = jars(dir);
        for (Path jar : jars) {
            try {
                unused.remove(check.check(jar, jars));
            } catch (PluginRefusedException e) {
                if (e.getCause() instanceof ConfigRefusedException refused) {
                    problems.addAll(refused.problems());
                } else {
                    notes.add("plugin " + jar.getFileName() + " would be refused: "
                            + e.failure().cause());
                }
            }
        }
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        unused.forEach(id -> notes.add("plugins.settings." + id + ": no jar in " + dir + " has that id"));
        return notes;
    }

    private static List<Path> jars(Path dir) throws IOException {
        if (!Files.isDirectory(dir)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(dir)) {
            return files.filter(file -> JarReadiness.isJarName(String.valueOf(file.getFileName())))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList();
        }
    }
}
