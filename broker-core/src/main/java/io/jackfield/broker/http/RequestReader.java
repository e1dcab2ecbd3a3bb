package io.jackfield.broker.http;

import io.jackfield.broker.http.HttpSettings.Route;
import io.jackfield.broker.model.Envelope.Traits;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Limits;
import io.jackfield.protocol.ProtocolException;
import io.jackfield.protocol.ServiceName;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.AsciiString;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes of a request's line and headers what is to be done. Owned by the broker loop. */
final class RequestReader {
    private static final AsciiString TIMEOUT = AsciiString.cached("x-jackfield-timeout-ms");
    private static final AsciiString IDEMPOTENCY_KEY = AsciiString.cached("idempotency-key");
    private static final AsciiString TRACEPARENT = AsciiString.cached("traceparent");

    private static final String FORM = "application/x-www-form-urlencoded";
    private static final Headers FORM_HEADERS = Headers.of(Headers.CONTENT_TYPE, FORM);

    private static final String SERVICE_METHODS = "POST";
    private static final String ROUTE_METHODS = "GET, HEAD, POST";
    private static final String HEALTH_METHODS = "GET, HEAD";

    private static final int TIMEOUT_DIGITS_MAX = 10;
    private static final long NS_PER_MS = 1_000_000;

    /** Clients use few content types; one that makes up many gets no more than this. */
    private static final int KNOWN_CONTENT_TYPES_MAX = 64;

    private final Map<String, String> services = new HashMap<>();
    private final Map<String, Headers> knownContentTypes = new HashMap<>();

    private final boolean servedBy;

    RequestReader(HttpSettings settings) {
        servedBy = settings.servedBy();
        for (Route route : settings.routes()) {
            services.put(route.path(), route.service());
        }
    }

    /** What to do; an exception says how to answer without doing anything. */
    RequestPlan read(HttpRequest request) throws HttpRefusal {
        String target = originForm(request.uri());
        int question = target.indexOf('?');
        String path = question < 0 ? target : target.substring(0, question);
        if (path.startsWith(HttpSettings.SERVICES_PREFIX)) {
            String name = path.substring(HttpSettings.SERVICES_PREFIX.length());
            if (name.indexOf('/') < 0) {
                requireMethod(HttpMethod.POST.equals(request.method()), request, SERVICE_METHODS);
                return askWithBody(serviceName(name), request.headers());
            }
        }
        String decoded = Percent.decode(path);
        String query = question < 0 ? "" : target.substring(question + 1);
        String service = services.get(decoded);
        if (service != null) {
            return byRoute(service, query, request);
        }
        if (decoded.equals(HttpSettings.HEALTH_PATH)) {
            requireMethod(isRead(request), request, HEALTH_METHODS);
            return RequestPlan.HEALTH;
        }
        throw HttpRefusal.of(
                ErrorCode.NO_SUCH_ROUTE,
                "no route has the path " + decoded,
                "POST to " + HttpSettings.SERVICES_PREFIX + "NAME, or name the path in the configuration");
    }

    private RequestPlan byRoute(String service, String query, HttpRequest request) throws HttpRefusal {
        HttpHeaders headers = request.headers();
        if (HttpMethod.POST.equals(request.method())) {
            return askWithBody(service, headers);
        }
        requireMethod(isRead(request), request, ROUTE_METHODS);
        return new RequestPlan.Ask(
                service, asking(withTrace(FORM, FORM_HEADERS, headers)), traits(headers), Optional.of(query));
    }

    private RequestPlan askWithBody(String service, HttpHeaders headers) throws HttpRefusal {
        String contentType = headers.get(HttpHeaderNames.CONTENT_TYPE);
        Headers plain = contentType == null ? Headers.EMPTY : ofContentType(contentType);
        return new RequestPlan.Ask(
                service, asking(withTrace(contentType, plain, headers)), traits(headers), Optional.empty());
    }

    /** Headers of any client's do not get as far as a handler: who serves is asked for here, or not at all. */
    private Headers asking(Headers headers) throws HttpRefusal {
        if (!servedBy) {
            return headers;
        }
        try {
            return headers.with(Headers.SERVED_BY, "");
        } catch (IllegalArgumentException e) {
            throw unfit(e);
        }
    }

    /** A target as a client sends it to a server; one meant for a proxy is taken too (RFC 9112 section 3.2.2). */
    private static String originForm(String target) throws HttpRefusal {
        if (target.startsWith("/")) {
            return target;
        }
        int scheme = target.indexOf("://");
        boolean http = scheme > 0
                && (target.regionMatches(true, 0, "http", 0, scheme)
                        || target.regionMatches(true, 0, "https", 0, scheme));
        if (!http) {
            throw HttpRefusal.of(
                    ErrorCode.NO_SUCH_ROUTE, "target: " + target + " (expected: a path)", "begin the path with /");
        }
        int authority = scheme + "://".length();
        int end = authority;
        while (end < target.length() && target.charAt(end) != '/' && target.charAt(end) != '?') {
            end++;
        }
        String rest = target.substring(end);
        return rest.startsWith("/") ? rest : "/" + rest;
    }

    private static String serviceName(String encoded) throws HttpRefusal {
        try {
            return ServiceName.parse(Percent.decode(encoded));
        } catch (ProtocolException e) {
            throw HttpRefusal.of(e.failure());
        }
    }

    private static boolean isRead(HttpRequest request) {
        return HttpMethod.GET.equals(request.method()) || HttpMethod.HEAD.equals(request.method());
    }

    private static void requireMethod(boolean allowed, HttpRequest request, String allow) throws HttpRefusal {
        if (!allowed) {
            throw HttpRefusal.ofMethod(request.method().name(), request.uri(), allow);
        }
    }

    private static Traits traits(HttpHeaders headers) throws HttpRefusal {
        String timeout = headers.get(TIMEOUT);
        boolean idempotent = headers.contains(IDEMPOTENCY_KEY);
        if (timeout == null && !idempotent) {
            return Traits.NONE;
        }
        return new Traits(timeout == null ? 0 : timeoutMs(timeout) * NS_PER_MS, idempotent, false, false);
    }

    private static long timeoutMs(String text) throws HttpRefusal {
        long ms = 0;
        boolean digits = !text.isEmpty() && text.length() <= TIMEOUT_DIGITS_MAX;
        for (int i = 0; digits && i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            digits = digit >= 0 && digit <= 9;
            ms = 10 * ms + digit;
        }
        if (!digits || ms < 1 || ms > Limits.U32_MAX) {
            throw HttpRefusal.of(
                    ErrorCode.BAD_MESSAGE,
                    "X-Jackfield-Timeout-Ms: " + text + " (expected: 1 to " + Limits.U32_MAX + ")",
                    "give whole milliseconds, or leave it out");
        }
        return ms;
    }

    private static Headers withTrace(@Nullable String contentType, Headers plain, HttpHeaders from) throws HttpRefusal {
        String key = from.get(IDEMPOTENCY_KEY);
        String trace = from.get(TRACEPARENT);
        if (key == null && trace == null) {
            return plain;
        }
        Map<String, String> headers = new LinkedHashMap<>();
        if (contentType != null) {
            headers.put(Headers.CONTENT_TYPE, contentType);
        }
        if (key != null) {
            headers.put(Headers.IDEMPOTENCY_KEY, key);
        }
        if (trace != null) {
            headers.put(Headers.TRACEPARENT, trace);
        }
        return checked(headers);
    }

    private Headers ofContentType(String contentType) throws HttpRefusal {
        Headers known = knownContentTypes.get(contentType);
        if (known != null) {
            return known;
        }
        Headers headers = checked(Map.of(Headers.CONTENT_TYPE, contentType));
        if (knownContentTypes.size() < KNOWN_CONTENT_TYPES_MAX) {
            knownContentTypes.put(contentType, headers);
        }
        return headers;
    }

    private static Headers checked(Map<String, String> headers) throws HttpRefusal {
        try {
            return Headers.of(headers);
        } catch (IllegalArgumentException e) {
            throw unfit(e);
        }
    }

    private static HttpRefusal unfit(IllegalArgumentException e) {
        return HttpRefusal.of(
                ErrorCode.BAD_MESSAGE, String.valueOf(e.getMessage()), "shorten it, and use no control characters");
    }
}
