package io.jackfield.broker.server.config;

import io.jackfield.broker.dispatch.Placement;
import io.jackfield.broker.dispatch.ServiceSettings;
import io.jackfield.broker.peer.EndpointSettings;
import io.jackfield.broker.server.config.BrokerConfig.Endpoint;
import io.jackfield.broker.server.config.BrokerConfig.Limits;
import io.jackfield.broker.server.config.BrokerConfig.Via;
import io.jackfield.broker.tasks.QueueLimits;
import io.jackfield.protocol.ProtocolException;
import io.jackfield.protocol.ServiceName;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads the configuration from one YAML file, or from nothing: every key has a default. */
public final class ConfigReader {
    static final String DEFAULT_ENDPOINT = "tcp://127.0.0.1:5555";
    static final String DEFAULT_HTTP = "127.0.0.1:8080";

    private static final String SERVICE_FORM = "a service name: 1 to 255 bytes without spaces, / and @";
    private static final String OWN_SERVICE_FORM = SERVICE_FORM + ", not beginning jf. or mmi.";
    private static final int FILE_BYTES_MAX = 1 << 20;
    private static final long HOUR_MS = 3_600_000;
    private static final long DAY_MS = 24 * HOUR_MS;

    private final List<String> problems = new ArrayList<>();
    private final String file;
    private final Path base;

    private ConfigReader(String file, Path base) {
        this.file = file;
        this.base = base;
    }

    /** The defaults; the plugin folder is {@code plugins} in the installation. */
    public static BrokerConfig defaults(Path installation) throws ConfigException {
        return new ConfigReader("(defaults)", installation).read(Optional.empty());
    }

    /** What the file says; paths in it are relative to the file. */
    public static BrokerConfig read(Path path) throws ConfigException {
        Path parent = path.toAbsolutePath().getParent();
        ConfigReader reader = new ConfigReader(path.toString(), parent == null ? path.toAbsolutePath() : parent);
        return reader.read(reader.compose(reader.text(path)));
    }

    /** The configuration with what a command line says instead of it; empty and absent values change nothing. */
    public static BrokerConfig overridden(
            BrokerConfig config, List<String> endpoints, Optional<String> http, Optional<Path> plugins)
            throws ConfigException {
        List<String> problems = new ArrayList<>();
        for (String endpoint : endpoints) {
            if (!Addresses.isEndpoint(endpoint)) {
                problems.add("--endpoint: " + endpoint + " (expected: " + Addresses.ENDPOINT_FORM + ")");
            }
        }
        if (http.isPresent() && !HttpConfigReader.isBind(http.get())) {
            problems.add("--http: " + http.get() + " (expected: " + HttpConfigReader.BIND_FORM + ")");
        }
        Optional<Path> trust = config.plugins().trust();
        if (plugins.isPresent() && trust.isPresent() && PluginsReader.liesIn(plugins.get(), trust.get())) {
            problems.add(
                    "--plugins: " + plugins.get()
                            + " (expected: a folder without plugins.trust in it: whoever may put a jar there could trust it, too)");
        }
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return new BrokerConfig(
                endpoints.isEmpty()
                        ? config.endpoints()
                        : endpoints.stream().map(ConfigReader::endpoint).toList(),
                http.map(bind -> HttpConfigReader.rebound(config.http(), bind)).orElse(config.http()),
                plugins.map(dir -> config.plugins().withDir(dir.toAbsolutePath()))
                        .orElse(config.plugins()),
                config.services(),
                config.workers(),
                config.limits(),
                config.drainTimeoutMs());
    }

    private String text(Path path) throws ConfigException {
        try {
            if (Files.size(path) > FILE_BYTES_MAX) {
                throw failed("the file has " + Files.size(path) + " bytes (expected: at most " + FILE_BYTES_MAX + ")");
            }
            return Files.readString(path);
        } catch (NoSuchFileException e) {
            throw failed("no such file");
        } catch (CharacterCodingException e) {
            throw failed("the file is not UTF-8 text");
        } catch (IOException e) {
            throw failed("cannot be read: " + e.getMessage());
        }
    }

    private Optional<Node> compose(String text) throws ConfigException {
        LoadSettings settings = LoadSettings.builder()
                .setLabel(file)
                .setMaxAliasesForCollections(0)
                .build();
        try {
            return new Compose(settings).composeString(text);
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
            problems.add(file + ":" + line + ": " + e.getProblem() + " (expected: YAML)");
            throw new ConfigException(problems);
        } catch (YamlEngineException e) {
            throw failed(String.valueOf(e.getMessage()));
        }
    }

    private ConfigException failed(String problem) {
        problems.add(file + ": " + problem);
        return new ConfigException(problems);
    }

    private BrokerConfig read(Optional<Node> node) throws ConfigException {
        YamlMap top = node.map(n -> YamlMap.of(file, n, problems)).orElse(YamlMap.empty(file, problems));
        Limits limits = new LimitsReader(top.map("limits")).read();
        BrokerConfig config = new BrokerConfig(
                endpoints(top),
                new HttpConfigReader(top.map("http")).read(limits),
                new PluginsReader(top.map("plugins"), base).read(limits),
                services(top.map("services")),
                new WorkersReader(top.map("workers"), base).read(),
                limits,
                top.millis("drain-timeout", HOUR_MS).orElse(10_000L));
        top.end();
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return config;
    }

    private static List<Endpoint> endpoints(YamlMap top) {
        Optional<List<YamlMap>> maps = top.maps("endpoints");
        if (maps.isEmpty()) {
            return List.of(endpoint(DEFAULT_ENDPOINT));
        }
        Map<String, QueueLimits> groups = new HashMap<>();
        return maps.get().stream()
                .map(map -> new EndpointReader(map, groups).read())
                .toList();
    }

    /** An endpoint that listens there, with everything else by default. */
    static Endpoint endpoint(String bind) {
        return new Endpoint(
                bind, Optional.empty(), Via.ZMTP, EndpointSettings.named(bind).withAdmin(Addresses.isLocal(bind)));
    }

    static Optional<String> serviceName(YamlMap map, String key) {
        return map.scalar(key, SERVICE_FORM, text -> isServiceName(text) ? Optional.of(text) : Optional.empty());
    }

    /** Of a service that workers may have: names of the broker's own are taken. */
    static Optional<String> ownServiceName(YamlMap map, String key) {
        return map.scalar(key, OWN_SERVICE_FORM, text -> isOwnServiceName(text) ? Optional.of(text) : Optional.empty());
    }

    private static boolean isServiceName(String text) {
        try {
            return ServiceName.parse(text).equals(text);
        } catch (ProtocolException e) {
            return false;
        }
    }

    private static boolean isOwnServiceName(String text) {
        return isServiceName(text) && !ServiceName.isReserved(text);
    }

    private static Map<String, ServiceSettings> services(YamlMap map) {
        Map<String, ServiceSettings> services = new LinkedHashMap<>();
        for (String name : map.keys()) {
            YamlMap service = map.map(name);
            services.put(name, service(service));
            service.end();
            if (!isOwnServiceName(name)) {
                map.wrong(name, "not a service name", OWN_SERVICE_FORM);
            }
        }
        return services;
    }

    private static ServiceSettings service(YamlMap map) {
        ServiceSettings byDefault = ServiceSettings.DEFAULT;
        return new ServiceSettings(
                map.millis("timeout", DAY_MS),
                map.flag("idempotent"),
                map.count("attempts-max", byDefault.attemptsMax(), 100),
                map.count("queue-length-max", byDefault.queueLengthMax(), 10_000_000),
                map.bytes("queue-bytes-max", byDefault.queueBytesMax(), 64L << 30),
                map.scalar("placement", Placement.FORM, Placement::parse).orElse(byDefault.placement()));
    }
}
