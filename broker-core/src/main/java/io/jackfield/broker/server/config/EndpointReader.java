package io.jackfield.broker.server.config;

import io.jackfield.broker.peer.Dialect;
import io.jackfield.broker.peer.EndpointSettings;
import io.jackfield.broker.peer.EndpointSettings.OnFailure;
import io.jackfield.broker.peer.EndpointSettings.Role;
import io.jackfield.broker.peer.PatternSettings;
import io.jackfield.broker.server.config.BrokerConfig.Endpoint;
import io.jackfield.broker.server.config.BrokerConfig.Via;
import io.jackfield.broker.tasks.QueueLimits;
import io.jackfield.broker.transport.SocketType;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** One entry of the list {@code endpoints}. */
final class EndpointReader {
    private static final String DETECT = "detect";
    private static final String BIND = "bind";
    private static final String CONNECT = "connect";
    private static final String SOCKET = "socket";
    private static final String TRANSPORT = "transport";
    private static final int CREDIT_MAX = 65_535;

    /** What the broker can be where it connects. */
    private static final List<String> SOCKETS = List.of("dealer", "router", "xpub", "xsub", "push", "pull", "pair");

    private final YamlMap map;
    private final Map<String, QueueLimits> groups;

    /** @param groups of the entries before this one, with the limits of their task queues */
    EndpointReader(YamlMap map, Map<String, QueueLimits> groups) {
        this.map = map;
        this.groups = groups;
    }

    Endpoint read() {
        Optional<String> bind = address(BIND);
        Optional<String> connect = address(CONNECT);
        Optional<SocketType> connectAs = socket();
        check(connectAs);
        String address = bind.or(() -> connect).orElse("");
        Via via = Via.valueOf(constant(map.choice(TRANSPORT, "zmtp", List.of("zmtp", "jeromq"))));
        if (via == Via.JEROMQ && (connect.isPresent() || !Addresses.isTcp(address))) {
            map.wrong(TRANSPORT, "jeromq", "zmtp, for ipc:// and for connect");
        }
        Endpoint endpoint = new Endpoint(address, connectAs, via, settings(address, admin(bind)));
        map.end();
        return endpoint;
    }

    /** Who is connected to is not known to be of this machine; nor is who comes over the network. */
    private boolean admin(Optional<String> bind) {
        return switch (map.choice("admin", "loopback", List.of("loopback", "on", "off"))) {
            case "on" -> true;
            case "off" -> false;
            default -> bind.filter(Addresses::isLocal).isPresent();
        };
    }

    private Optional<String> address(String key) {
        return map.scalar(
                key,
                Addresses.ENDPOINT_FORM,
                text -> Addresses.isEndpoint(text) ? Optional.of(text) : Optional.empty());
    }

    private Optional<SocketType> socket() {
        return map.scalar(
                SOCKET,
                "one of " + String.join(", ", SOCKETS),
                text -> SOCKETS.contains(text) ? Optional.of(SocketType.valueOf(constant(text))) : Optional.empty());
    }

    private void check(Optional<SocketType> connectAs) {
        boolean binds = map.keys().contains(BIND);
        boolean connects = map.keys().contains(CONNECT);
        if (!binds && !connects) {
            map.wrong(BIND, "missing", Addresses.ENDPOINT_FORM + "; or connect with such an address");
        } else if (binds && connects) {
            map.wrong(CONNECT, "given beside bind", "one of them");
        } else if (connects && connectAs.isEmpty() && !map.keys().contains(SOCKET)) {
            map.wrong(SOCKET, "missing", "with connect, one of " + String.join(", ", SOCKETS));
        } else if (binds && map.keys().contains(SOCKET)) {
            map.wrong(SOCKET, "given beside bind", "only with connect: who listens is what fits each peer");
        }
    }

    private EndpointSettings settings(String name, boolean admin) {
        String dialect = map.choice("dialect", DETECT, List.of(DETECT, "plain", "mdp", "jf1"));
        return new EndpointSettings(
                name,
                Role.valueOf(constant(map.choice("role", "any", List.of("any", "clients", "workers")))),
                ConfigReader.ownServiceName(map, "service").orElse(EndpointSettings.SERVICE_DEFAULT),
                map.count("credit", 1, CREDIT_MAX),
                dialect.equals(DETECT) ? Optional.empty() : Optional.of(Dialect.valueOf(constant(dialect))),
                OnFailure.valueOf(constant(map.choice("on-failure", "error-body", List.of("error-body", "silent")))),
                patterns(),
                admin);
    }

    private PatternSettings patterns() {
        QueueLimits byDefault = QueueLimits.DEFAULT;
        PatternSettings patterns = new PatternSettings(
                map.scalar("group", "a name: not empty", text -> text.isBlank() ? Optional.empty() : Optional.of(text)),
                new QueueLimits(
                        map.count("task-queue-length-max", byDefault.lengthMax(), 100_000_000),
                        map.bytes("task-queue-bytes-max", byDefault.bytesMax(), 64L << 30)));
        patterns.group().ifPresent(group -> checkGroup(group, patterns.taskQueue()));
        return patterns;
    }

    /** One task queue has one pair of limits. */
    private void checkGroup(String group, QueueLimits limits) {
        QueueLimits first = groups.putIfAbsent(group, limits);
        if (first != null && !first.equals(limits)) {
            map.wrong(
                    "group",
                    group + " with another task-queue-length-max or task-queue-bytes-max",
                    "the same for all endpoints of a group: " + first.lengthMax() + " and "
                            + Units.sizeText(first.bytesMax()));
        }
    }

    private static String constant(String choice) {
        return choice.toUpperCase(Locale.ROOT).replace('-', '_');
    }
}
