package io.jackfield.broker.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.http.HttpSettings.Limits;
import io.jackfield.broker.http.RawHttp.Response;
import io.jackfield.broker.model.Envelope;
import io.jackfield.protocol.ErrorCode;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes that no honest client sends. Each is answered, its connection ended, and nobody else notices. */
final class HttpHostileInputTest {
    private static final String HEALTH = "GET /health HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String SMUGGLED = "POST /services/smuggled HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\ns";
    private static final String CHUNKED_POST =
            "POST /services/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final Limits SMALL = new Limits(100, 200, 400, 1000, 16, 30_000, 60_000, 1 << 26, 1 << 26);

    private Gateway gateway;
    private RawHttp bystander;

    @BeforeEach
    void start() throws Exception {
        gateway = Gateway.start(SMALL);
        gateway.sink.echo();
        bystander = gateway.connect();
        assertEquals("before", bystander.exchange(post("before")).body());
    }

    @AfterEach
    void stop() throws Exception {
        try (Gateway closing = gateway;
                RawHttp other = bystander) {
            assertEquals("after", other.exchange(post("after")).body());
            assertEquals(0, closing.snapshot().inputBytes());
        }
    }

    static Stream<Arguments> hostile() {
        return Stream.of(badHeads(), badFraming(), tooMuchOrOfAnotherVersion()).flatMap(cases -> cases);
    }

    private static Stream<Arguments> badHeads() {
        return Stream.of(
                bad("nonsense\r\n\r\n"),
                bad("GET\r\n\r\n"),
                bad("GET /health\r\n\r\n"),
                bad("\u0000\u0001\u0002\u0003\r\n\r\n"),
                bad("GET /health HTTP/1.1 x\r\nHost: h\r\n\r\n"),
                bad("GET /he\u0001alth HTTP/1.1\r\nHost: h\r\n\r\n"),
                bad("GET /health HTTP/1.1\nHost: h\n\n"),
                bad("GET /health HTTP/1.1\r\n\r\n"),
                bad("GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
                bad("GET /health HTTP/1.1\r\nHost: h\r\nNo colon\r\n\r\n"),
                bad("GET /health HTTP/1.1\r\nHost: h\r\nSp ace: x\r\n\r\n"),
                bad("GET /health HTTP/1.1\r\nHost: h\r\nX : space before the colon\r\n\r\n"),
                bad("GET /health HTTP/1.1\r\nHost: h\r\n: no name\r\n\r\n"),
                bad("GET /health HTTP/1.1\r\nHost: h\r\nX: a\u0000b\r\n\r\n"),
                bad("GET /health SIP/1.1\r\nHost: h\r\n\r\n"));
    }

    private static Stream<Arguments> badFraming() {
        return Stream.of(
                bad("POST /services/a HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n"),
                bad("POST /services/a HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n"),
                bad("POST /services/a HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\ns"),
                bad("POST /services/a HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 1\r\n\r\ns"),
                bad("POST /services/a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nss"),
                bad("POST /services/a HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n"),
                bad(
                        "POST /services/a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                bad(
                        "POST /services/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
                bad("POST /services/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
                bad("POST /services/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
                bad(
                        "POST /services/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\nContent-Length: 1\r\n\r\ns"),
                bad("POST /services/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n\r\n"),
                bad(
                        "POST /services/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                bad("POST /services/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \u000bchunked\r\n\r\n0\r\n\r\n"),
                bad("POST /services/a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                bad(CHUNKED_POST + "x\r\n"),
                bad(CHUNKED_POST + "-1\r\n"),
                bad(CHUNKED_POST + "fffffffff\r\n"),
                bad(CHUNKED_POST + "1\r\nabc\r\n0\r\n\r\n"),
                bad(CHUNKED_POST + "1\na\r\n0\r\n\r\n"),
                bad(CHUNKED_POST + "1\r\na\r\n0\r\nBad trailer\r\n\r\n"));
    }

    private static Stream<Arguments> tooMuchOrOfAnotherVersion() {
        return Stream.of(
                Arguments.of("GET /health HTTP/2.0\r\nHost: h\r\n\r\n", 400, ErrorCode.UNSUPPORTED_VERSION),
                Arguments.of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, ErrorCode.UNSUPPORTED_VERSION),
                Arguments.of("GET /" + "a".repeat(300) + " HTTP/1.1\r\n", 431, ErrorCode.HEADERS_TOO_LARGE),
                Arguments.of("a".repeat(300), 431, ErrorCode.HEADERS_TOO_LARGE),
                Arguments.of(
                        "GET /health HTTP/1.1\r\nX: " + "a".repeat(500) + "\r\n", 431, ErrorCode.HEADERS_TOO_LARGE),
                Arguments.of("GET /health HTTP/1.1\r\n" + "X: a\r\n".repeat(200), 431, ErrorCode.HEADERS_TOO_LARGE),
                Arguments.of("GET /health HTTP/1.1\r\n" + "a:\r\n".repeat(101), 431, ErrorCode.HEADERS_TOO_LARGE),
                Arguments.of(CHUNKED_POST + "0\r\n" + "a:\r\n".repeat(101), 431, ErrorCode.HEADERS_TOO_LARGE),
                Arguments.of(CHUNKED_POST + "0\r\n" + "X: a\r\n".repeat(200), 431, ErrorCode.HEADERS_TOO_LARGE),
                Arguments.of(
                        "POST /services/a HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n",
                        413,
                        ErrorCode.TOO_LARGE),
                Arguments.of(
                        "POST /services/a HTTP/1.1\r\nHost: h\r\nContent-Length: 9223372036854775807\r\n\r\n",
                        413,
                        ErrorCode.TOO_LARGE),
                Arguments.of(
                        "POST /nowhere HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000000\r\n\r\n",
                        413,
                        ErrorCode.TOO_LARGE),
                Arguments.of(CHUNKED_POST + "3e9\r\n" + "a".repeat(1001), 413, ErrorCode.TOO_LARGE),
                Arguments.of(CHUNKED_POST + "7fffffff\r\n" + "a".repeat(1001), 413, ErrorCode.TOO_LARGE),
                Arguments.of(
                        CHUNKED_POST + ("100\r\n" + "a".repeat(256) + "\r\n").repeat(4), 413, ErrorCode.TOO_LARGE));
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void shouldAnswerWhatItCannotReadAndEndThatConnection(String input, int status, ErrorCode code) throws Exception {
        long before = gateway.snapshot().requests();
        try (RawHttp raw = gateway.connect()) {
            Response response = raw.send(input).send(SMUGGLED).response();
            assertEquals(status, response.status(), response.body());
            assertTrue(response.body().contains("\"name\":\"" + code + "\""), response.body());
            assertEquals("close", response.headers().get("connection"));
            assertTrue(raw.isEnded(), "nothing behind it is answered");
        }
        assertTrue(gateway.snapshot().requests() <= before + 1, "nothing behind it is taken for a request");
    }

    /** A client in the middle of its upload sees the answer, not a reset. */
    @Test
    void shouldLetAClientThatSendsTooMuchReadWhy() throws Exception {
        try (RawHttp raw = gateway.connect()) {
            raw.send("POST /services/a HTTP/1.1\r\nHost: h\r\nContent-Length: 20000000\r\n\r\n");
            raw.send("x".repeat(2_000_000));
            Response response = raw.response();
            assertEquals(413, response.status());
            assertTrue(raw.isEnded());
        }
    }

    /** The last request was refused, and its answer waits for its turn, when the rest of it turns out to be no HTTP. */
    @Test
    void shouldAnswerTheRequestsBeforeOneThatGoesBad() throws Exception {
        gateway.sink.keepAll();
        try (RawHttp raw = gateway.connect()) {
            raw.send(post("held"));
            Envelope held = gateway.sink.next();
            raw.send("POST /nowhere HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n" + SMUGGLED);
            long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (gateway.snapshot().refusedRequests() == 0) {
                assertTrue(System.nanoTime() < deadlineNs, "not refused within 10 s");
            }
            gateway.sink.complete(held, "held");

            assertEquals("held", raw.response().body());
            assertEquals(404, raw.response().status());
            assertTrue(raw.isEnded());
            assertTrue(gateway.sink.hasNone());
        } finally {
            gateway.sink.echo();
        }
    }

    @Test
    void shouldSurviveBrokenRequests() throws Exception {
        String[] seeds = {
            HEALTH,
            post("body"),
            "POST /services/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nT: x\r\n\r\n",
            "GET /is_prime?n=%37 HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 100-continue\r\n\r\n"
        };
        for (int seed = 0; seed < 400; seed++) {
            Random random = new Random(seed);
            StringBuilder input = new StringBuilder(seeds[random.nextInt(seeds.length)]);
            for (int i = random.nextInt(6); i >= 0; i--) {
                int at = random.nextInt(input.length());
                switch (random.nextInt(3)) {
                    case 0 -> input.setCharAt(at, (char) random.nextInt(256));
                    case 1 -> input.deleteCharAt(at);
                    default -> input.insert(at, (char) random.nextInt(256));
                }
            }
            try (RawHttp raw = gateway.connect()) {
                raw.send(input.toString()).send(SMUGGLED);
                raw.socket.shutdownOutput();
                String responses = rest(raw);
                assertTrue(responses.isEmpty() || responses.startsWith("HTTP/1.1 "), "seed " + seed + ": " + responses);
            }
        }
    }

    private static String rest(RawHttp raw) throws IOException {
        return raw.rest();
    }

    private static Arguments bad(String input) {
        return Arguments.of(input, 400, ErrorCode.BAD_MESSAGE);
    }

    private static String post(String body) {
        return "POST /services/a HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }
}
