package io.jackfield.broker.server.config;

import io.jackfield.broker.http.HttpSettings;
import io.jackfield.broker.http.HttpSettings.Route;
import io.jackfield.broker.server.config.BrokerConfig.Http;
import io.jackfield.broker.server.config.BrokerConfig.Limits;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The key {@code http} and what is under it. */
final class HttpConfigReader {
    /** The first-party plugin has the address at which services of its kind are usually shown. */
    private static final List<Route> DEFAULT_ROUTES = List.of(new Route("/is_prime", "is-prime"));

    static final String BIND_FORM = Addresses.HTTP_FORM + ", or off";

    private static final Pattern HOST = Pattern.compile("\\*|[A-Za-z0-9._-]+");
    private static final Pattern ORIGIN = Pattern.compile("\\*|[A-Za-z][A-Za-z0-9+.-]*://[^/?#\\s]+");
    private static final String OFF = "off";
    private static final String PATH = "path";
    private static final String SERVICE = "service";
    private static final long HOUR_MS = 3_600_000;
    private static final int GIB = 1 << 30;

    private final YamlMap map;

    HttpConfigReader(YamlMap map) {
        this.map = map;
    }

    /** What one client may take is what the gateway shares with the other peers. */
    Http read(Limits shared) {
        String bind = map.scalar("bind", BIND_FORM, text -> isBind(text) ? Optional.of(text) : Optional.empty())
                .orElse(ConfigReader.DEFAULT_HTTP);
        Http http = new Http(
                address(bind),
                routes(),
                names("hosts", HOST, "names without port, or *"),
                names("origins", ORIGIN, "SCHEME://HOST:PORT without a path, or *"),
                map.flag("served-by").orElse(false),
                limits(shared));
        map.end();
        return http;
    }

    private List<String> names(String key, Pattern form, String expected) {
        List<String> names = map.texts(key).orElse(List.of());
        for (String name : names) {
            if (!form.matcher(name).matches()) {
                map.wrong(key, name, expected);
            }
        }
        return names;
    }

    static boolean isBind(String text) {
        return OFF.equals(text) || Addresses.isHostAndPort(text);
    }

    static Http rebound(Http http, String bind) {
        return new Http(address(bind), http.routes(), http.hosts(), http.origins(), http.servedBy(), http.limits());
    }

    private static Optional<String> address(String bind) {
        return OFF.equals(bind) ? Optional.empty() : Optional.of(bind);
    }

    private List<Route> routes() {
        Optional<List<YamlMap>> entries = map.maps("routes");
        if (entries.isEmpty()) {
            return DEFAULT_ROUTES;
        }
        Map<String, Route> byPath = new LinkedHashMap<>();
        for (YamlMap entry : entries.get()) {
            route(entry).ifPresent(route -> {
                if (byPath.putIfAbsent(route.path(), route) != null) {
                    entry.wrong(PATH, route.path() + " again", "each path once");
                }
            });
        }
        return List.copyOf(byPath.values());
    }

    /** Empty if it is wrong, which is noted. */
    private static Optional<Route> route(YamlMap entry) {
        Optional<String> path =
                entry.scalar(PATH, Route.PATH_FORM, text -> Route.isPath(text) ? Optional.of(text) : Optional.empty());
        if (path.isEmpty() && !entry.keys().contains(PATH)) {
            entry.wrong(PATH, "missing", Route.PATH_FORM);
        }
        Optional<String> service = ConfigReader.serviceName(entry, SERVICE);
        if (service.isEmpty() && !entry.keys().contains(SERVICE)) {
            entry.wrong(SERVICE, "missing", "a service name");
        }
        entry.end();
        return path.flatMap(at -> service.map(name -> new Route(at, name)));
    }

    private HttpSettings.Limits limits(Limits shared) {
        HttpSettings.Limits byDefault = HttpSettings.Limits.DEFAULT;
        return new HttpSettings.Limits(
                map.count("connections-max", byDefault.connectionsMax(), 1_000_000),
                size("request-line-bytes-max", byDefault.requestLineBytesMax(), 1 << 20),
                size("headers-bytes-max", byDefault.headersBytesMax(), 1 << 20),
                size("body-bytes-max", byDefault.bodyBytesMax(), GIB),
                map.count("pipelined-max", byDefault.pipelinedMax(), 1024),
                map.millis("request-time", HOUR_MS).orElse(byDefault.requestTimeMs()),
                map.millis("idle-time", HOUR_MS).orElse(byDefault.idleTimeMs()),
                shared.outputBytesMax(),
                shared.inputBytesMax());
    }

    private int size(String key, long byDefault, long max) {
        return Math.toIntExact(map.bytes(key, byDefault, max));
    }
}
