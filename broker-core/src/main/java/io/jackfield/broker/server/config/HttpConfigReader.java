package io.jackfield.broker.server.config;

import io.jackfield.broker.server.config.BrokerConfig.Http;
import io.jackfield.broker.server.config.BrokerConfig.HttpLimits;
import io.jackfield.broker.server.config.BrokerConfig.Route;
import java.util.List;
import java.util.Optional;

/** The key {@code http} and what is under it. */
final class HttpConfigReader {
    /** The first-party plugin has the address at which services of its kind are usually shown. */
    private static final List<Route> DEFAULT_ROUTES = List.of(new Route("/is_prime", "is-prime"));

    static final String BIND_FORM = Addresses.HTTP_FORM + ", or off";

    private static final String OFF = "off";
    private static final long HOUR_MS = 3_600_000;
    private static final int GIB = 1 << 30;

    private final YamlMap map;

    HttpConfigReader(YamlMap map) {
        this.map = map;
    }

    Http read() {
        String bind = map.scalar("bind", BIND_FORM, text -> isBind(text) ? Optional.of(text) : Optional.empty())
                .orElse(ConfigReader.DEFAULT_HTTP);
        Http http = new Http(address(bind), routes(), limits());
        map.end();
        return http;
    }

    static boolean isBind(String text) {
        return OFF.equals(text) || Addresses.isHostAndPort(text);
    }

    static Http rebound(Http http, String bind) {
        return new Http(address(bind), http.routes(), http.limits());
    }

    private static Optional<String> address(String bind) {
        return OFF.equals(bind) ? Optional.empty() : Optional.of(bind);
    }

    private List<Route> routes() {
        return map.maps("routes")
                .map(routes -> routes.stream().map(HttpConfigReader::route).toList())
                .orElse(DEFAULT_ROUTES);
    }

    private static Route route(YamlMap route) {
        String path = route.scalar(
                        "path",
                        "a path that begins with /",
                        text -> text.startsWith("/") && !text.contains("?") ? Optional.of(text) : Optional.empty())
                .orElse("");
        if (path.isEmpty() && !route.keys().contains("path")) {
            route.wrong("path", "missing", "a path that begins with /");
        }
        Optional<String> service = ConfigReader.serviceName(route, "service");
        if (service.isEmpty() && !route.keys().contains("service")) {
            route.wrong("service", "missing", "a service name");
        }
        route.end();
        return new Route(path, service.orElse(""));
    }

    private HttpLimits limits() {
        return new HttpLimits(
                map.count("connections-max", 10_000, 1_000_000),
                Math.toIntExact(map.bytes("request-line-bytes-max", 8 << 10, 1 << 20)),
                Math.toIntExact(map.bytes("headers-bytes-max", 16 << 10, 1 << 20)),
                Math.toIntExact(map.bytes("body-bytes-max", 16 << 20, GIB)),
                map.count("pipelined-max", 16, 1024),
                map.millis("request-time", HOUR_MS).orElse(30_000L),
                map.millis("idle-time", HOUR_MS).orElse(60_000L));
    }
}
