package io.jackfield.broker.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.http.HttpSettings.Limits;
import io.jackfield.broker.http.RawHttp.Response;
import io.jackfield.broker.model.Envelope;
import io.jackfield.broker.model.Reply;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens on one connection: its life, the order of its answers, bodies in pieces both ways, and its end. */
final class HttpConnectionTest {
    private static final String HEALTH = "GET /health HTTP/1.1\r\nHost: h\r\n\r\n";

    private Gateway gateway;

    @BeforeEach
    void start() throws Exception {
        gateway = Gateway.start();
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void shouldKeepAnHttp11ConnectionUnlessToldOtherwise() throws Exception {
        try (RawHttp raw = gateway.connect()) {
            assertNull(raw.exchange(HEALTH).headers().get("connection"));
            assertEquals(200, raw.exchange(HEALTH).status());
            Response last = raw.exchange("GET /health HTTP/1.1\r\nHost: h\r\nConnection: x, CLOSE\r\n\r\n");
            assertEquals("close", last.headers().get("connection"));
            assertTrue(raw.isEnded());
        }
    }

    @Test
    void shouldKeepAnHttp10ConnectionOnlyIfAsked() throws Exception {
        try (RawHttp raw = gateway.connect()) {
            for (String word : new String[] {"Keep-Alive", "keep-alive", "KEEP-ALIVE"}) {
                Response kept = raw.exchange("GET /health HTTP/1.0\r\nConnection: " + word + "\r\n\r\n");
                assertEquals("keep-alive", kept.headers().get("connection"));
            }
            Response last = raw.exchange("GET /health HTTP/1.0\r\n\r\n");
            assertEquals("close", last.headers().get("connection"));
            assertEquals("{\"status\":\"up\"}", last.body());
            assertTrue(raw.isEnded());
        }
    }

    @Test
    void shouldServeAClientThatEndsItsLastRequestWithTheConnection() throws Exception {
        gateway.sink.echo();
        try (RawHttp raw = gateway.connect()) {
            raw.send("POST /services/e HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi");
            assertTrue(raw.rest().endsWith("\r\n\r\nhi"));
        }
    }

    @Test
    void shouldAnswerHeadWithTheHeadThatGetHas() throws Exception {
        try (RawHttp raw = gateway.connect()) {
            raw.send("HEAD /is_prime?n=7 HTTP/1.1\r\nHost: h\r\n\r\n");
            Envelope envelope = gateway.sink.next();
            assertEquals("n=7", FakeSink.body(envelope));
            gateway.sink.complete(envelope, Headers.of("content-type", "text/plain"), FakeSink.text("true"));
            Response head = raw.headResponse();
            assertEquals("4", head.headers().get("content-length"));
            assertEquals("text/plain", head.headers().get("content-type"));

            raw.send("HEAD /nowhere HTTP/1.1\r\nHost: h\r\n\r\n");
            assertEquals(404, raw.headResponse().status());

            raw.send("HEAD /is_prime HTTP/1.1\r\nHost: h\r\n\r\n");
            Envelope streamed = gateway.sink.next();
            gateway.sink.partial(streamed, "part");
            gateway.sink.complete(streamed, "end");
            assertEquals("chunked", raw.headResponse().headers().get("transfer-encoding"));

            raw.send("HEAD /health HTTP/1.1\r\nHost: h\r\n\r\n");
            assertEquals("15", raw.headResponse().headers().get("content-length"));
            assertEquals("{\"status\":\"up\"}", raw.exchange(HEALTH).body());
        }
    }

    @Test
    void shouldAnswerPipelinedRequestsInOrderWhateverOrderTheAnswersComeIn() throws Exception {
        Random random = new Random(11);
        try (RawHttp raw = gateway.connect()) {
            for (int round = 0; round < 20; round++) {
                StringBuilder all = new StringBuilder();
                for (int i = 0; i < 10; i++) {
                    all.append(post("/services/s" + i, "b" + i));
                    all.append(i == 4 ? HEALTH : "");
                }
                raw.send(all.toString());
                List<Envelope> envelopes = new ArrayList<>();
                for (int i = 0; i < 10; i++) {
                    envelopes.add(gateway.sink.next());
                }
                Collections.shuffle(envelopes, random);
                for (Envelope envelope : envelopes) {
                    gateway.sink.complete(envelope, FakeSink.body(envelope) + "x".repeat(random.nextInt(9000)));
                }
                for (int i = 0; i < 10; i++) {
                    assertEquals("b" + i, raw.response().body().replace("x", ""));
                    if (i == 4) {
                        assertEquals("{\"status\":\"up\"}", raw.response().body());
                    }
                }
            }
        }
    }

    @Test
    void shouldHoldPartialRepliesBackUntilTheirTurn() throws Exception {
        try (RawHttp raw = gateway.connect()) {
            raw.send(post("/services/a", "1") + post("/services/b", "2"));
            Envelope first = gateway.sink.next();
            Envelope second = gateway.sink.next();
            gateway.sink.partial(second, "p1,");
            gateway.sink.partial(second, "p2,");
            gateway.sink.complete(first, "first");
            assertEquals("first", raw.response().body());
            assertEquals("chunked", raw.head().get("transfer-encoding"));
            assertEquals("p1,", raw.chunk());
            assertEquals("p2,", raw.chunk());
            gateway.sink.complete(second, "end");
            assertEquals("end", raw.chunk());
            assertEquals("", raw.chunk());
            assertEquals(200, raw.exchange(HEALTH).status());
        }
    }

    @Test
    void shouldSendPartialRepliesAsTheyCome() throws Exception {
        try (RawHttp raw = gateway.connect()) {
            raw.send(post("/services/a", "1"));
            Envelope envelope = gateway.sink.next();
            gateway.loop.post(() -> envelope.partial(new Reply(
                    Headers.of("content-type", "text/event-stream", "n", "1"), FakeSink.text("one"), false, false)));
            Map<String, String> head = raw.head();
            assertEquals("200", head.get(":status"));
            assertEquals("text/event-stream", head.get("content-type"));
            assertEquals("1", head.get("jackfield-n"));
            assertNull(head.get("content-length"));
            assertEquals("one", raw.chunk());
            gateway.sink.partial(envelope, "");
            String large = "y".repeat(100_000);
            gateway.sink.partial(envelope, large);
            assertEquals(large, raw.chunk());
            gateway.sink.complete(envelope, "");
            assertEquals("", raw.chunk());
            assertEquals(200, raw.exchange(HEALTH).status());
        }
    }

    @Test
    void shouldEndTheConnectionAfterPartialRepliesToHttp10() throws Exception {
        try (RawHttp raw = gateway.connect()) {
            raw.send("POST /services/a HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\n1");
            Envelope envelope = gateway.sink.next();
            gateway.sink.partial(envelope, "one,");
            gateway.sink.complete(envelope, "two");
            Map<String, String> head = raw.head();
            assertEquals("close", head.get("connection"));
            assertNull(head.get("transfer-encoding"));
            assertEquals("one,two", raw.rest());
        }
    }

    @Test
    void shouldBreakOffAnAnswerThatFailsHalfWay() throws Exception {
        try (RawHttp raw = gateway.connect()) {
            raw.send(post("/services/a", "1"));
            Envelope envelope = gateway.sink.next();
            gateway.sink.partial(envelope, "one");
            gateway.sink.fail(envelope, Failure.of(ErrorCode.WORKER_LOST, "it went away", ""));
            assertEquals("200", raw.head().get(":status"));
            assertEquals("one", raw.chunk());
            assertThrows(EOFException.class, raw::chunk);
        }
        assertEquals(1, gateway.snapshot().abortedReplies());
    }

    @Test
    void shouldBreakOffAnHttp10AnswerThatFailsHalfWayWithAReset() throws Exception {
        try (RawHttp raw = gateway.connect()) {
            raw.send("POST /services/a HTTP/1.0\r\nContent-Length: 1\r\n\r\n1");
            Envelope envelope = gateway.sink.next();
            gateway.sink.partial(envelope, "one");
            assertEquals("200", raw.head().get(":status"));
            gateway.sink.fail(envelope, Failure.of(ErrorCode.WORKER_LOST, "it went away", ""));
            assertThrows(SocketException.class, raw::rest);
        }
    }

    @Test
    void shouldEndARequestWhosePartialReplyIsAnObject() throws Exception {
        try (RawHttp raw = gateway.connect()) {
            raw.send(post("/services/a", "1"));
            Envelope envelope = gateway.sink.next();
            gateway.loop.post(() -> envelope.partial(new Reply(Headers.EMPTY, FakeSink.text("o"), true, false)));
            assertEquals(
                    ErrorCode.UNSUPPORTED_BODY, gateway.sink.nextCancelled().code());
            assertEquals(415, raw.response().status());
        }
    }

    @Test
    void shouldCancelWhatAClientThatGoesHasAsked() throws Exception {
        RawHttp raw = gateway.connect();
        raw.send(post("/services/a", "1") + post("/services/b", "2"));
        Envelope first = gateway.sink.next();
        Envelope second = gateway.sink.next();
        raw.close();
        assertEquals(ErrorCode.CANCELLED, gateway.sink.nextCancelled().code());
        assertEquals(ErrorCode.CANCELLED, gateway.sink.nextCancelled().code());
        HttpSnapshot snapshot = gateway.snapshot();
        assertTrue(first.ended() && second.ended());
        assertEquals(0, snapshot.requestsInFlight());
        assertEquals(1, snapshot.clientsGone());
        assertEquals(0, snapshot.connections());
    }

    @Test
    void shouldForgetAClientThatGoesInTheMiddleOfItsRequest() throws Exception {
        for (String part : new String[] {
            "",
            "POST /serv",
            "POST /services/a HTTP/1.1\r\nHo",
            post("/services/a", "x".repeat(9)).substring(0, 60)
        }) {
            RawHttp raw = gateway.connect();
            raw.send(part);
            raw.close();
        }
        try (RawHttp other = gateway.connect()) {
            assertEquals(200, other.exchange(HEALTH).status());
            while (gateway.snapshot().connections() > 1) {
                assertEquals(200, other.exchange(HEALTH).status());
            }
        }
        assertEquals(0, gateway.snapshot().inputBytes());
        assertTrue(gateway.sink.hasNone());
    }

    @Test
    void shouldTakeChunkedBodies() throws Exception {
        gateway.sink.echo();
        try (RawHttp raw = gateway.connect()) {
            String head = "POST /services/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
            assertEquals(
                    "hello world",
                    raw.exchange(head + "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n")
                            .body());
            assertEquals("", raw.exchange(head + "0\r\n\r\n").body());
            assertEquals(
                    "t",
                    raw.exchange(head + "1\r\nt\r\n0\r\nTrailer: dropped\r\n\r\n")
                            .body());
            raw.send(head);
            for (int i = 0; i < 100; i++) {
                raw.send("1\r\n").send(Integer.toString(i % 10)).send("\r\n");
            }
            assertEquals("0123456789".repeat(10), raw.exchange("0\r\n\r\n").body());
        }
        assertEquals(0, gateway.snapshot().inputBytes());
    }

    @Test
    void shouldTakeARequestByteByByte() throws Exception {
        gateway.sink.echo();
        try (RawHttp raw = gateway.connect()) {
            for (char character : ("\r\n" + post("/services/a", "hi")).toCharArray()) {
                raw.send(String.valueOf(character));
            }
            assertEquals("hi", raw.response().body());
        }
    }

    @Test
    void shouldTellAClientThatWaitsToGoOn() throws Exception {
        gateway.sink.echo();
        try (RawHttp raw = gateway.connect()) {
            raw.send("POST /services/a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-Continue\r\n\r\n");
            assertEquals("HTTP/1.1 100 Continue", raw.line());
            assertEquals("", raw.line());
            assertEquals("ok", raw.exchange("ok").body());
        }
    }

    @Test
    void shouldTellAClientToGoOnOnlyAfterTheAnswersBefore() throws Exception {
        try (RawHttp raw = gateway.connect()) {
            raw.send(post("/services/a", "1"));
            Envelope first = gateway.sink.next();
            raw.send("POST /services/b HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
            gateway.sink.complete(first, "first");
            assertEquals("first", raw.response().body());
            assertEquals("HTTP/1.1 100 Continue", raw.line());
            assertEquals("", raw.line());
            raw.send("ok");
            gateway.sink.complete(gateway.sink.next(), "second");
            assertEquals("second", raw.response().body());
        }
    }

    @Test
    void shouldNotHaveABodySentThatNobodyWants() throws Exception {
        try (RawHttp raw = gateway.connect()) {
            Response refused = raw.exchange(
                    "POST /nowhere HTTP/1.1\r\nHost: h\r\nContent-Length: 99\r\nExpect: 100-continue\r\n\r\n");
            assertEquals(404, refused.status());
            assertEquals("close", refused.headers().get("connection"));
            assertTrue(raw.isEnded());
        }
    }

    /** Clients that read only once they have sent all: an end with input unread would be a reset, which takes the answer with it. */
    @ParameterizedTest
    @CsvSource({
        "404, POST /nowhere HTTP/1.1, Connection: close",
        "404, POST /nowhere HTTP/1.0, X: y",
        "405, PUT /is_prime HTTP/1.1, Connection: close",
        "403, POST /services/a HTTP/1.0, Origin: http://elsewhere.example",
    })
    void shouldHaveItsRefusalReadByAClientThatSendsItsBodyFirst(int status, String line, String header)
            throws Exception {
        int bytes = 4 << 20;
        try (RawHttp raw = gateway.connect()) {
            raw.send(line + "\r\nHost: h\r\n" + header + "\r\nContent-Length: " + bytes + "\r\n\r\n");
            raw.send("a".repeat(bytes));
            assertEquals(status, raw.response().status());
            assertTrue(raw.isEnded());
        }
    }

    @Test
    void shouldNotReadOnForeverAfterARefusal() throws Exception {
        Limits small = new Limits(10, 1 << 13, 1 << 14, 1 << 20, 16, 30_000, 60_000, 1 << 26, 1 << 26);
        try (Gateway limited = Gateway.start(small);
                RawHttp raw = limited.connect()) {
            raw.send("POST /nowhere HTTP/1.0\r\nContent-Length: 9\r\n\r\n");
            assertEquals(404, raw.response().status());
            assertThrows(IOException.class, () -> sendUntilRefused(raw, "a".repeat(1 << 20), 0));
        }
    }

    @Test
    void shouldNotReadForLongerThanARequestTakesAfterARefusal() throws Exception {
        Limits brief = new Limits(10, 1 << 13, 1 << 14, 1 << 20, 16, 200, 60_000, 1 << 26, 1 << 26);
        try (Gateway limited = Gateway.start(brief);
                RawHttp raw = limited.connect()) {
            raw.send("POST /nowhere HTTP/1.0\r\nContent-Length: 9\r\n\r\n");
            assertEquals(404, raw.response().status());
            assertThrows(IOException.class, () -> sendUntilRefused(raw, "a", 5));
        }
    }

    private static void sendUntilRefused(RawHttp raw, String text, long pauseMs) throws Exception {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (System.nanoTime() < deadlineNs) {
            raw.send(text);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pauseMs));
        }
    }

    @Test
    void shouldStayInStepAfterARefusedRequestWithABody() throws Exception {
        try (RawHttp raw = gateway.connect()) {
            String body = "GET /health HTTP/1.1\r\nHost: smuggled\r\n\r\n".repeat(5000);
            assertEquals(404, raw.exchange(post("/nowhere", body)).status());
            assertEquals(
                    405,
                    raw.exchange("PUT /is_prime HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")
                            .status());
            gateway.sink.echo();
            assertEquals("next", raw.exchange(post("/services/a", "next")).body());
        }
    }

    @Test
    void shouldDropTheBodyOfAGet() throws Exception {
        try (RawHttp raw = gateway.connect()) {
            raw.send("GET /is_prime?n=7 HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody");
            Envelope envelope = gateway.sink.next();
            assertEquals("n=7", FakeSink.body(envelope));
            gateway.sink.complete(envelope, "true");
            assertEquals("true", raw.response().body());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://h/is_prime?n=7", "HTTPS://h:1/is_prime?n=7"})
    void shouldTakeATargetMeantForAProxy(String target) throws Exception {
        try (RawHttp raw = gateway.connect()) {
            raw.send("GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n");
            assertEquals("n=7", FakeSink.body(gateway.sink.next()));
        }
    }

    @Test
    void shouldPauseReadingWhenTooManyRequestsAreInFlight() throws Exception {
        Limits four = new Limits(10, 1 << 13, 1 << 14, 1 << 20, 4, 30_000, 60_000, 1 << 26, 1 << 26);
        try (Gateway limited = Gateway.start(four);
                RawHttp raw = limited.connect();
                RawHttp other = limited.connect()) {
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < 2000; i++) {
                all.append(post("/services/a", Integer.toString(i)));
            }
            Thread writer = new Thread(() -> sendAll(raw, all.toString()));
            writer.start();
            for (int i = 0; i < 2000; i++) {
                Envelope envelope = limited.sink.next();
                assertEquals(Integer.toString(i), FakeSink.body(envelope));
                if (i % 100 == 0) {
                    assertEquals(200, other.exchange(HEALTH).status());
                    long inFlight = limited.snapshot().requestsInFlight();
                    assertTrue(inFlight <= 4, "in flight: " + inFlight);
                }
                limited.sink.complete(envelope, "r" + i);
                assertEquals("r" + i, raw.response().body());
            }
            writer.join(10_000);
            assertFalse(writer.isAlive());
        }
    }

    @Test
    void shouldAnswerAllThatArrivedInOnePieceWhenReadingPausesInBetween() throws Exception {
        Limits one = new Limits(10, 1 << 13, 1 << 14, 1 << 20, 1, 30_000, 60_000, 1 << 26, 1 << 26);
        try (Gateway limited = Gateway.start(one);
                RawHttp raw = limited.connect()) {
            raw.send(post("/services/a", "1") + post("/services/a", "2") + HEALTH + post("/services/a", "3"));
            for (int i = 1; i <= 3; i++) {
                Envelope envelope = limited.sink.next();
                assertTrue(limited.sink.hasNone());
                limited.sink.complete(envelope, "r" + i);
            }
            assertEquals("r1", raw.response().body());
            assertEquals("r2", raw.response().body());
            assertEquals("{\"status\":\"up\"}", raw.response().body());
            assertEquals("r3", raw.response().body());
        }
    }

    @Test
    void shouldAnswerNothingThatFollowsAClose() throws Exception {
        gateway.sink.echo();
        try (RawHttp raw = gateway.connect()) {
            raw.send("POST /services/a HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 1\r\n\r\n1"
                    + post("/services/a", "2"));
            assertTrue(raw.rest().endsWith("\r\n\r\n1"));
        }
        assertEquals(1, gateway.snapshot().requests());
    }

    private static void sendAll(RawHttp raw, String text) {
        try {
            raw.send(text);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String post(String path, String body) {
        return "POST " + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }
}
