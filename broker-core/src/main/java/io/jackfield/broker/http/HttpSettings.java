package io.jackfield.broker.http;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the gateway needs to know. Immutable, checked here.
 *
 * @param bind HOST:PORT; port 0 takes a free one, host {@code *} listens on all addresses
 * @param routes paths that lead to a service beside {@code /services/NAME}
 * @param hosts names that {@code Host} may have beside {@code localhost} and addresses; {@code *}: any. Where there are none, every name is
 *     taken by a gateway that listens on more than the loopback interface
 * @param origins of web pages that may use the gateway beside its own; {@code *}: any
 * @param servedBy whether replies say which plugin gave them
 */
public record HttpSettings(
        String bind, List<Route> routes, List<String> hosts, List<String> origins, boolean servedBy, Limits limits) {
    /** What the gateway answers itself; no route may have it. */
    static final String HEALTH_PATH = "/health";

    /** What stands before the name of any service. */
    static final String SERVICES_PREFIX = "/services/";

    public HttpSettings {
        routes = List.copyOf(routes);
        hosts = List.copyOf(hosts);
        origins = List.copyOf(origins);
        Set<String> paths = new HashSet<>();
        for (Route route : routes) {
            if (!paths.add(route.path())) {
                throw new IllegalArgumentException("route: " + route.path() + " twice (expected: each path once)");
            }
        }
    }

    /** The same without a word on plugins. */
    public HttpSettings(String bind, List<Route> routes, List<String> hosts, List<String> origins, Limits limits) {
        this(bind, routes, hosts, origins, false, limits);
    }

    /** A path, without percent-encoding, that leads to a service. */
    public record Route(String path, String service) {
        /** What a path can be. */
        public static final String PATH_FORM =
                "a path that begins with /, without ?, other than " + HEALTH_PATH + " and " + SERVICES_PREFIX + "...";

        public Route {
            if (!isPath(path)) {
                throw new IllegalArgumentException("route: " + path + " (expected: " + PATH_FORM + ")");
            }
        }

        /** Whether a route may have that path. */
        public static boolean isPath(String text) {
            return text.startsWith("/")
                    && text.indexOf('?') < 0
                    && !text.equals(HEALTH_PATH)
                    && !text.startsWith(SERVICES_PREFIX);
        }
    }

    /**
     * Limits, names as in the configuration file.
     *
     * @param headersBytesMax names and values of all headers of a request
     * @param bodyBytesMax body of a request
     * @param pipelinedMax requests of one connection in flight; reading pauses there
     * @param requestTimeMs from a request's first byte to its last
     * @param idleTimeMs between requests, and for a client that takes nothing of its answer
     * @param outputBytesMax answers that one client has not read yet; it is cut off beyond
     * @param inputBytesMax memory for the bodies that are arriving on all connections together
     */
    public record Limits(
            int connectionsMax,
            int requestLineBytesMax,
            int headersBytesMax,
            int bodyBytesMax,
            int pipelinedMax,
            long requestTimeMs,
            long idleTimeMs,
            int outputBytesMax,
            long inputBytesMax) {
        /** What holds where the configuration says nothing. */
        public static final Limits DEFAULT =
                new Limits(10_000, 8 << 10, 16 << 10, 16 << 20, 16, 30_000, 60_000, 64 << 20, 512L << 20);

        public Limits {
            requirePositive("connections-max", connectionsMax);
            requirePositive("request-line-bytes-max", requestLineBytesMax);
            requirePositive("headers-bytes-max", headersBytesMax);
            requirePositive("body-bytes-max", bodyBytesMax);
            requirePositive("pipelined-max", pipelinedMax);
            requirePositive("request-time", requestTimeMs);
            requirePositive("idle-time", idleTimeMs);
            requirePositive("output-bytes-max", outputBytesMax);
            requirePositive("input-bytes-max", inputBytesMax);
        }

        /** The same with less memory for bodies that are arriving. */
        public Limits withInputBytesMax(long bytes) {
            return new Limits(
                    connectionsMax,
                    requestLineBytesMax,
                    headersBytesMax,
                    bodyBytesMax,
                    pipelinedMax,
                    requestTimeMs,
                    idleTimeMs,
                    outputBytesMax,
                    bytes);
        }

        private static void requirePositive(String name, long value) {
            if (value <= 0) {
                throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
            }
        }
    }
}
