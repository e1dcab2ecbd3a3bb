package io.jackfield.broker.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jackfield.broker.http.HttpSettings.Limits;
import io.jackfield.broker.http.HttpSettings.Route;
import io.jackfield.broker.model.Envelope;
import io.jackfield.broker.model.Frames;
import io.jackfield.broker.model.Reply;
import io.jackfield.broker.transport.BindException;
import io.jackfield.broker.transport.OutputBudget;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the gateway serves, seen by an HTTP client that we did not write. */
final class HttpGatewayTest {
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private Gateway gateway;

    /** A request whose answer the test does not wait for. */
    private CompletableFuture<HttpResponse<String>> sent = new CompletableFuture<>();

    @BeforeEach
    void start() throws Exception {
        gateway = Gateway.start();
    }

    @AfterEach
    void stop() {
        sent.cancel(true);
        gateway.close();
    }

    @Test
    void shouldAskTheServiceInThePathWithTheBody() throws Exception {
        CompletableFuture<HttpResponse<String>> response =
                async(post("/services/echo", "hello").header("Content-Type", "text/plain"));
        Envelope envelope = gateway.sink.next();
        assertEquals("echo", envelope.service());
        assertEquals("hello", FakeSink.body(envelope));
        assertEquals(1, envelope.body().count());
        assertEquals(Headers.of("content-type", "text/plain"), envelope.headers());
        assertEquals(Envelope.Traits.NONE, envelope.traits());

        gateway.sink.complete(envelope, "hello to you");
        HttpResponse<String> done = response.get(10, TimeUnit.SECONDS);
        assertEquals(200, done.statusCode());
        assertEquals("hello to you", done.body());
        assertEquals(Optional.of("application/octet-stream"), done.headers().firstValue("content-type"));
        assertEquals(Optional.of("12"), done.headers().firstValue("content-length"));
        assertTrue(done.headers().firstValue("date").isPresent());
    }

    @Test
    void shouldTakeAnEmptyBody() throws Exception {
        CompletableFuture<HttpResponse<String>> response = async(post("/services/echo", ""));
        Envelope envelope = gateway.sink.next();
        assertEquals("", FakeSink.body(envelope));
        assertEquals(1, envelope.body().count());
        assertEquals(Headers.EMPTY, envelope.headers());
        gateway.sink.complete(envelope, "");
        assertEquals("", response.get(10, TimeUnit.SECONDS).body());
    }

    @Test
    void shouldMakeOfRequestHeadersWhatServicesKnow() throws Exception {
        sent = async(post("/services/echo", "x")
                .header("Content-Type", "text/plain")
                .header("X-Jackfield-Timeout-Ms", "1500")
                .header("Idempotency-Key", "k-1")
                .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
                .header("X-Other", "not passed on"));
        Envelope envelope = gateway.sink.next();
        assertEquals(
                Headers.of(
                        "content-type", "text/plain",
                        "idempotency-key", "k-1",
                        "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
                envelope.headers());
        assertEquals(new Envelope.Traits(1_500_000_000L, true, false, false), envelope.traits());
    }

    @Test
    void shouldGiveReplyHeadersBack() throws Exception {
        CompletableFuture<HttpResponse<String>> response = async(post("/services/echo", "x"));
        Headers headers =
                Headers.of("content-type", "text/plain; charset=utf-8", "answered-by", "worker 7", "note", "größe");
        Frames parts = Frames.of(List.of(ascii("one,"), ascii(""), ascii("two")));
        gateway.sink.complete(gateway.sink.next(), headers, parts);
        HttpResponse<String> done = response.get(10, TimeUnit.SECONDS);
        assertEquals("one,two", done.body());
        assertEquals(Optional.of("text/plain; charset=utf-8"), done.headers().firstValue("content-type"));
        assertEquals(Optional.of("worker 7"), done.headers().firstValue("jackfield-answered-by"));
        String note = done.headers().firstValue("jackfield-note").orElseThrow();
        assertEquals("größe", new String(note.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
    }

    @Test
    void shouldCarryLargeBodiesBothWaysUnchanged() throws Exception {
        gateway.sink.echo();
        for (int bytes : new int[] {255, 256, 65_536, 65_537, 1 << 20, (16 << 20) - 1, 16 << 20}) {
            byte[] body = new byte[bytes];
            new Random(bytes).nextBytes(body);
            HttpRequest request = HttpRequest.newBuilder(gateway.uri("/services/echo"))
                    .POST(BodyPublishers.ofByteArray(body))
                    .build();
            HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
            assertEquals(200, response.statusCode());
            assertArrayEquals(body, response.body());
        }
        assertEquals(0, gateway.snapshot().inputBytes());
    }

    @Test
    void shouldPassTheQueryOfARouteAsItStands() throws Exception {
        CompletableFuture<HttpResponse<String>> response =
                async(HttpRequest.newBuilder(gateway.uri("/is_prime?possible_prime=32416190071&a=%20+b?c")));
        Envelope envelope = gateway.sink.next();
        assertEquals("is-prime", envelope.service());
        assertEquals("possible_prime=32416190071&a=%20+b?c", FakeSink.body(envelope));
        assertEquals(Headers.of("content-type", "application/x-www-form-urlencoded"), envelope.headers());
        gateway.sink.complete(envelope, "true");
        assertEquals("true", response.get(10, TimeUnit.SECONDS).body());
    }

    @Test
    void shouldPassTheBodyOfARouteThatIsPosted() throws Exception {
        sent = async(post("/is_prime?ignored=1", "7").header("Content-Type", "text/plain"));
        Envelope envelope = gateway.sink.next();
        assertEquals("is-prime", envelope.service());
        assertEquals("7", FakeSink.body(envelope));
        assertEquals(Headers.of("content-type", "text/plain"), envelope.headers());
    }

    @Test
    void shouldFindARouteWhosePathIsEncoded() throws Exception {
        sent = async(HttpRequest.newBuilder(gateway.uri("/gr%C3%B6%c3%9fe?x=1")));
        assertEquals("size", gateway.sink.next().service());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "is%2Dprime|is-prime",
                "gr%C3%B6%C3%9Fe|größe",
                "%F0%9F%94%8C|🔌",
                "a+b|a+b",
                "a%25b|a%b",
                "v1.2_~x|v1.2_~x"
            })
    void shouldDecodeServiceNames(String encodedAndName) throws Exception {
        String[] parts = encodedAndName.split("\\|", 2);
        sent = async(post("/services/" + parts[0], "x"));
        assertEquals(parts[1], gateway.sink.next().service());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/services/",
                "/services/a%20b",
                "/services/a%2Fb",
                "/services/a%40b",
                "/services/a%00b",
                "/services/%0Aa"
            })
    void shouldRefuseServiceNamesThatAreNotAllowed(String path) throws Exception {
        problem(client.send(post(path, "x").build(), BodyHandlers.ofString()), 400, ErrorCode.BAD_SERVICE_NAME);
        assertTrue(gateway.sink.hasNone());
    }

    @Test
    void shouldRefuseAServiceNameThatIsTooLong() throws Exception {
        HttpRequest request = post("/services/" + "n".repeat(256), "x").build();
        problem(client.send(request, BodyHandlers.ofString()), 400, ErrorCode.BAD_SERVICE_NAME);
    }

    @Test
    void shouldAnswerUnknownPathsWithNoSuchRoute() throws Exception {
        for (String path :
                new String[] {"/", "/services", "/services/a/b", "/is_prime/", "/IS_PRIME", "/nowhere?x=1", "/admin"}) {
            HttpRequest request = HttpRequest.newBuilder(gateway.uri(path)).build();
            problem(client.send(request, BodyHandlers.ofString()), 404, ErrorCode.NO_SUCH_ROUTE);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /services/echo POST",
                "HEAD /services/echo POST",
                "DELETE /services/echo POST",
                "PUT /is_prime GET,_HEAD,_POST",
                "OPTIONS /is_prime GET,_HEAD,_POST",
                "POST /health GET,_HEAD",
                "BREW /health GET,_HEAD"
            })
    void shouldSayWhichMethodsThereAre(String line) throws Exception {
        String[] parts = line.split(" ", 3);
        HttpRequest request = HttpRequest.newBuilder(gateway.uri(parts[1]))
                .method(parts[0], BodyPublishers.noBody())
                .build();
        HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
        assertEquals(405, response.statusCode());
        assertEquals(Optional.of(parts[2].replace('_', ' ')), response.headers().firstValue("allow"));
        if (!parts[0].equals("HEAD")) {
            problem(response, 405, ErrorCode.METHOD_NOT_ALLOWED);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "1.5", "1s", "4294967296", "99999999999", "+1", "\u0661"})
    void shouldRefuseATimeoutThatIsNone(String timeout) throws Exception {
        try (RawHttp raw = gateway.connect()) {
            String head = "POST /services/e HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nX-Jackfield-Timeout-Ms: ";
            RawHttp.Response response = raw.exchange(head + timeout + "\r\n\r\nx");
            assertEquals(400, response.status());
            assertTrue(response.body().contains("BAD_MESSAGE"), response.body());
            // The stream is in order: the next request of the connection is served.
            assertEquals(
                    200, raw.exchange("GET /health HTTP/1.1\r\nHost: h\r\n\r\n").status());
        }
    }

    @Test
    void shouldTakeTheLongestTimeout() throws Exception {
        sent = async(post("/services/echo", "x").header("X-Jackfield-Timeout-Ms", "4294967295"));
        assertEquals(4_294_967_295_000_000L, gateway.sink.next().traits().timeoutNs());
    }

    @Test
    void shouldAnswerHealthWithoutAskingAnybody() throws Exception {
        HttpResponse<String> response =
                client.send(HttpRequest.newBuilder(gateway.uri("/health")).build(), BodyHandlers.ofString());
        assertEquals(200, response.statusCode());
        assertEquals("{\"status\":\"up\"}", response.body());
        assertEquals(Optional.of("application/json"), response.headers().firstValue("content-type"));
        assertTrue(gateway.sink.hasNone());
    }

    @Test
    void shouldAnswerAFailureAsAProblem() throws Exception {
        CompletableFuture<HttpResponse<String>> response = async(post("/services/echo", "x"));
        Failure failure = new Failure(ErrorCode.OVERLOADED, "the queue is full: \"echo\" \\ 1\n", "retry", 1001);
        gateway.sink.fail(gateway.sink.next(), failure);
        HttpResponse<String> done = response.get(10, TimeUnit.SECONDS);
        JsonNode problem = problem(done, 503, ErrorCode.OVERLOADED);
        assertEquals("the queue is full: \"echo\" \\ 1\n", problem.get("detail").textValue());
        assertEquals("retry", problem.get("hint").textValue());
        assertEquals(Optional.of("2"), done.headers().firstValue("retry-after"));
        assertEquals(1, gateway.snapshot().failures());
    }

    @Test
    void shouldRefuseAnObjectThatOnlyKryoPeersOpen() throws Exception {
        gateway.sink.behave(envelope -> envelope.complete(new Reply(Headers.EMPTY, FakeSink.text("o"), true, false)));
        problem(
                client.send(post("/services/echo", "x").build(), BodyHandlers.ofString()),
                415,
                ErrorCode.UNSUPPORTED_BODY);
    }

    @Test
    void shouldSurviveASinkThatThrows() throws Exception {
        gateway.sink.behave(envelope -> {
            throw new Planted();
        });
        HttpResponse<String> response = client.send(post("/services/echo", "x").build(), BodyHandlers.ofString());
        problem(response, 500, ErrorCode.INTERNAL_ERROR);
        assertFalse(response.body().contains("planted"), "the broker's inside is for its log");
        gateway.sink.echo();
        assertEquals(
                "y",
                client.send(post("/services/echo", "y").build(), BodyHandlers.ofString())
                        .body());
        assertEquals(1, gateway.loop.failures());
        gateway.expectedFailures = 1;
    }

    @Test
    void shouldSayWhyAnAddressCannotBeBound() {
        HttpSettings taken = new HttpSettings(
                "127.0.0.1:" + gateway.gateway.address().getPort(), List.of(), List.of(), List.of(), Limits.DEFAULT);
        BindException refused = assertThrows(
                BindException.class,
                () -> HttpGateway.bind(gateway.loop, taken, gateway.sink, System::nanoTime, new OutputBudget(1 << 20)));
        assertTrue(refused.toString().contains(taken.bind()), refused.toString());
        for (String bind : new String[] {"8080", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", ":8080"}) {
            HttpSettings wrong = new HttpSettings(bind, List.of(), List.of(), List.of(), Limits.DEFAULT);
            assertThrows(
                    BindException.class,
                    () -> HttpGateway.bind(
                            gateway.loop, wrong, gateway.sink, System::nanoTime, new OutputBudget(1 << 20)),
                    bind);
        }
    }

    @Test
    void shouldCheckItsSettings() {
        for (String path : new String[] {"is_prime", "/a?b", "/health", "/services/x"}) {
            assertThrows(IllegalArgumentException.class, () -> new Route(path, "s"), path);
        }
        List<Route> twice = List.of(new Route("/a", "s"), new Route("/a", "t"));
        assertThrows(
                IllegalArgumentException.class,
                () -> new HttpSettings("127.0.0.1:0", twice, List.of(), List.of(), Limits.DEFAULT));
    }

    /** Without a stack trace, which would fill the log of the tests. */
    private static final class Planted extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Planted() {
            super("planted", null, false, false);
        }
    }

    private HttpRequest.Builder post(String path, String body) {
        return HttpRequest.newBuilder(gateway.uri(path))
                .timeout(Duration.ofSeconds(20))
                .POST(BodyPublishers.ofString(body));
    }

    private CompletableFuture<HttpResponse<String>> async(HttpRequest.Builder request) {
        return client.sendAsync(request.build(), BodyHandlers.ofString());
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static JsonNode problem(HttpResponse<String> response, int status, ErrorCode code) throws Exception {
        assertEquals(status, response.statusCode(), response.body());
        assertEquals(Optional.of("application/problem+json"), response.headers().firstValue("content-type"));
        JsonNode problem = new ObjectMapper().readTree(response.body());
        assertEquals(code.name(), problem.get("name").textValue());
        assertEquals(code.number(), problem.get("code").intValue());
        assertEquals(status, problem.get("status").intValue());
        return problem;
    }
}
