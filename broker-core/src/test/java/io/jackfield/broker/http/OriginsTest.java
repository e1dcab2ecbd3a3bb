package io.jackfield.broker.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.http.HttpSettings.Limits;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may use the gateway, by what browsers say (SECURITY.md). */
final class OriginsTest {
    private static final Origins LOOPBACK = origins(true, List.of(), List.of());
    private static final Origins OPEN = origins(false, List.of(), List.of());
    private static final Origins NAMED =
            origins(false, List.of("Jackfield.example"), List.of("https://App.example:8443", "http://other.example"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "localhost:8080",
                "LocalHost:8080",
                "a.localhost:8080",
                "127.0.0.1",
                "127.0.0.1:8080",
                "10.1.2.3:8080",
                "[::1]",
                "[::1]:8080"
            })
    void shouldTakeTheNamesOfALoopbackGateway(String host) {
        assertTrue(allows(LOOPBACK, host));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "h", ""
            })
    void shouldRefuseANameThatWasMadeToLeadToTheLoopbackInterface(String host) {
        assertTrue(!allows(LOOPBACK, host));
        assertTrue(allows(OPEN, host), "there any name may be right");
    }

    @Test
    void shouldTakeTheNamesThatTheConfigurationGives() {
        assertTrue(allows(NAMED, "jackfield.example:8080"));
        assertTrue(allows(NAMED, "192.168.1.2"));
        assertTrue(!allows(NAMED, "evil.example"));
        assertTrue(allows(origins(true, List.of("*"), List.of()), "evil.example"));
    }

    @ParameterizedTest
    @CsvSource({
        "http://localhost:8080, true",
        "https://LOCALHOST:8080, true",
        "http://localhost:9090, false",
        "http://localhost, false",
        "http://evil.example, false",
        "null, false",
        "localhost:8080, false",
        "'', false",
    })
    void shouldTakeItsOwnPagesAlone(String origin, boolean taken) {
        assertEquals(taken, allows(LOOPBACK, "localhost:8080", "origin", origin));
    }

    @ParameterizedTest
    @CsvSource({
        "https://app.example:8443, true",
        "https://app.example, false",
        "http://other.example, true",
        "http://jackfield.example, true"
    })
    void shouldTakeThePagesThatTheConfigurationNames(String origin, boolean taken) {
        assertEquals(taken, allows(NAMED, "jackfield.example", "origin", origin));
        assertTrue(allows(origins(false, List.of(), List.of("*")), "any", "origin", origin));
    }

    @ParameterizedTest
    @CsvSource({"same-origin, true", "none, true", "same-site, false", "cross-site, false"})
    void shouldTakeWhatABrowserFetchesForItsOwnPagesOrAPerson(String site, boolean taken) {
        assertEquals(taken, allows(LOOPBACK, "localhost:8080", "sec-fetch-site", site));
    }

    @Test
    void shouldAskNothingOfProgramsWithoutAHost() {
        assertTrue(allows(LOOPBACK, new DefaultHttpHeaders()), "HTTP/1.0 has none");
    }

    @Test
    void shouldSayWhatWasExpectedAndGoOn() throws Exception {
        try (Gateway gateway = Gateway.start(List.of(), List.of());
                RawHttp http = gateway.connect()) {
            RawHttp.Response refused =
                    http.exchange("GET /health HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n\r\n");

            assertEquals(403, refused.status());
            assertTrue(refused.body().contains("\"name\":\"FORBIDDEN_ORIGIN\""), refused.body());
            assertTrue(
                    refused.body().contains("Origin: http://evil.example (expected: the gateway's own"),
                    refused.body());
            assertEquals(
                    200,
                    http.exchange("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                            .status());
            assertEquals(
                    403,
                    http.exchange("POST /services/a HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 1\r\n\r\nx")
                            .status());
            assertEquals(
                    200,
                    http.exchange("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                            .status());
        }
    }

    private static Origins origins(boolean loopback, List<String> hosts, List<String> origins) {
        return new Origins(new HttpSettings("h:1", List.of(), hosts, origins, Limits.DEFAULT), loopback);
    }

    private static boolean allows(Origins origins, String host, String... more) {
        HttpHeaders headers = new DefaultHttpHeaders().add("host", host);
        if (more.length > 0) {
            headers.add(more[0], more[1]);
        }
        return allows(origins, headers);
    }

    private static boolean allows(Origins origins, HttpHeaders headers) {
        try {
            origins.check(headers);
            return true;
        } catch (HttpRefusal refusal) {
            return false;
        }
    }
}
