package io.jackfield.broker.http;

import io.jackfield.protocol.ErrorCode;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps web pages from using the gateway through the browser of somebody who can reach it (SECURITY.md). Programs send none of what is
 * looked at here but {@code Host}. Immutable.
 *
 * <p>A page of another site is known by {@code Origin}, or, where the browser leaves that out, by {@code Sec-Fetch-Site}. A page whose own
 * name was made to lead to this machine (DNS rebinding) is of the same origin to the browser: it is known by the name in {@code Host},
 * which for a gateway on the loopback interface can be none but {@code localhost} or an address.
 */
final class Origins {
    /** Stands for any name. */
    private static final String ANY = "*";

    private static final String FETCH_SITE = "sec-fetch-site";
    private static final Set<String> OTHER_SITES = Set.of("cross-site", "same-site");
    private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");

    private final boolean checksHost;
    private final Set<String> hosts;
    private final Set<String> origins;

    /** @param loopback the gateway listens on the loopback interface alone */
    Origins(HttpSettings settings, boolean loopback) {
        this.hosts = lowerCase(settings.hosts());
        this.origins = lowerCase(settings.origins());
        this.checksHost = (loopback || !hosts.isEmpty()) && !hosts.contains(ANY);
    }

    void check(HttpHeaders headers) throws HttpRefusal {
        String host = headers.get(HttpHeaderNames.HOST);
        if (checksHost && host != null && !isOurs(name(host))) {
            throw refusal("Host: " + host, "localhost, an address, or a name under http.hosts");
        }
        String origin = headers.get(HttpHeaderNames.ORIGIN);
        if (origin == null) {
            String site = headers.get(FETCH_SITE);
            if (site != null && OTHER_SITES.contains(site)) {
                throw refusal("Sec-Fetch-Site: " + site, "a request that no page of another site has made");
            }
        } else if (!isAllowed(origin.toLowerCase(Locale.ROOT), host)) {
            throw refusal("Origin: " + origin, "the gateway's own, or one under http.origins");
        }
    }

    private boolean isOurs(String name) {
        return name.equals("localhost")
                || name.endsWith(".localhost")
                || name.startsWith("[")
                || IPV4.matcher(name).matches()
                || hosts.contains(name);
    }

    private boolean isAllowed(String origin, @Nullable String host) {
        int scheme = origin.indexOf("://");
        boolean same = scheme > 0
                && host != null
                && origin.substring(scheme + "://".length()).equals(host.toLowerCase(Locale.ROOT));
        return same || origins.contains(origin) || origins.contains(ANY);
    }

    /** Without the port. */
    private static String name(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        int colon = lower.lastIndexOf(':');
        return colon > lower.lastIndexOf(']') ? lower.substring(0, colon) : lower;
    }

    private static Set<String> lowerCase(List<String> names) {
        return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
    }

    private static HttpRefusal refusal(String given, String expected) {
        return HttpRefusal.of(
                ErrorCode.FORBIDDEN_ORIGIN,
                given + " (expected: " + expected + ")",
                "a web page may not use the gateway unless the configuration names it");
    }
}
