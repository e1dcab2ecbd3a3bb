package io.jackfield.broker.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.http.HttpSettings.Limits;
import io.jackfield.broker.http.RawHttp.Response;
import io.jackfield.broker.model.Envelope;
import io.jackfield.broker.model.Frames;
import io.jackfield.broker.model.Reply;
import io.jackfield.protocol.ErrorCode;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Time, number and memory that clients may take. */
final class HttpLimitsTest {
    private static final String HEALTH = "GET /health HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String ASK = "POST /services/a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx";
    private static final String EXPECTING =
            "POST /services/b HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
    private static final int CONNECTIONS_MAX = 3;
    private static final int OUTPUT_BYTES_MAX = 1 << 20;
    private static final int INPUT_BYTES_MAX = 100_000;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "P",
                "\r\n",
                "POST /services/a HTTP/1.1\r\n",
                "POST /services/a HTTP/1.1\r\nHost: h\r\n",
                "POST /services/a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n",
                "POST /services/a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab",
                "POST /services/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
                HEALTH + "G"
            })
    void shouldEndAConnectionWhoseRequestDoesNotArriveInTime(String part) throws Exception {
        try (Gateway gateway = Gateway.start(times(200, 60_000))) {
            try (RawHttp raw = gateway.connect()) {
                raw.send(part);
                if (part.startsWith(HEALTH)) {
                    assertEquals(200, raw.response().status());
                }
                Response response = raw.response();
                assertEquals(408, response.status());
                assertTrue(response.body().contains("SLOW_SENDER"), response.body());
                assertTrue(raw.isEnded());
                assertEquals(1, gateway.snapshot().slowSenders());
            }
            long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (gateway.snapshot().connections() > 0) {
                assertTrue(System.nanoTime() < deadlineNs, "not closed within 10 s");
            }
            assertEquals(0, gateway.snapshot().inputBytes());
        }
    }

    /** Its time begins when it is told to send its body: until then the gateway itself holds it back. */
    @Test
    void shouldNotHoldAgainstAClientThatItWaitsForWord() throws Exception {
        try (Gateway gateway = Gateway.start(times(200, 60_000));
                RawHttp raw = gateway.connect();
                RawHttp slow = gateway.connect()) {
            raw.send(ASK);
            Envelope first = gateway.sink.next();
            raw.send(EXPECTING);
            while (gateway.snapshot().requests() < 2) {
                assertEquals(0, gateway.snapshot().slowSenders());
            }
            slow.send("P"); // begun later: once it is given up, the time of the one that waits has passed too
            assertEquals(408, slow.response().status());
            assertEquals(1, gateway.snapshot().slowSenders());

            gateway.sink.complete(first, "first");
            assertEquals("first", raw.response().body());
            assertEquals("HTTP/1.1 100 Continue", raw.line());
            assertEquals("", raw.line());
            assertEquals(408, raw.response().status(), "now it had its time");
        }
    }

    @Test
    void shouldGiveNoMoreTimeToAClientThatWaitsForWordAndSendsAllTheSame() throws Exception {
        try (Gateway gateway = Gateway.start(times(200, 60_000));
                RawHttp raw = gateway.connect()) {
            raw.send(ASK);
            Envelope first = gateway.sink.next();
            raw.send(EXPECTING + "a");
            long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (gateway.snapshot().slowSenders() == 0) {
                assertTrue(System.nanoTime() < deadlineNs, "not ended within 10 s");
            }
            gateway.sink.complete(first, "first");
            assertEquals("first", raw.response().body());
            assertEquals(408, raw.response().status());
        }
    }

    /** Bytes that trickle in win no time: the limit is for the whole request. */
    @Test
    void shouldEndAConnectionThatSendsAHeaderNowAndThen() throws Exception {
        try (Gateway gateway = Gateway.start(times(300, 60_000));
                RawHttp raw = gateway.connect()) {
            long begunNs = System.nanoTime();
            raw.socket.setSoTimeout(20);
            raw.send("GET /health HTTP/1.1\r\nHost: h\r\n");
            String line = null;
            while (line == null) {
                try {
                    line = raw.line();
                } catch (java.net.SocketTimeoutException stillWaiting) {
                    assertTrue(System.nanoTime() - begunNs < TimeUnit.SECONDS.toNanos(10), "no answer in 10 s");
                    raw.send("X: y\r\n");
                }
            }
            assertEquals("HTTP/1.1 408 Request Timeout", line);
            assertTrue(System.nanoTime() - begunNs >= TimeUnit.MILLISECONDS.toNanos(300), "ended too early");
        }
    }

    @Test
    void shouldNotCountTheTimeThatAServiceTakes() throws Exception {
        try (Gateway gateway = Gateway.start(times(50, 50));
                RawHttp raw = gateway.connect();
                RawHttp idle = gateway.connect()) {
            raw.send(ASK);
            Envelope envelope = gateway.sink.next();
            // Time has passed for both: the one without a request is gone.
            assertTrue(idle.isEnded());
            gateway.sink.complete(envelope, "late");
            assertEquals("late", raw.response().body());
        }
    }

    @Test
    void shouldEndAnIdleConnection() throws Exception {
        try (Gateway gateway = Gateway.start(times(60_000, 100));
                RawHttp raw = gateway.connect()) {
            assertEquals(200, raw.exchange(HEALTH).status());
            assertTrue(raw.isEnded());
        }
    }

    @Test
    void shouldTurnAwayMoreConnectionsThanTheLimit() throws Exception {
        try (Gateway gateway = Gateway.start(limits(1 << 20))) {
            RawHttp[] taken = new RawHttp[CONNECTIONS_MAX];
            for (int i = 0; i < CONNECTIONS_MAX; i++) {
                taken[i] = gateway.connect();
                assertEquals(200, taken[i].exchange(HEALTH).status());
            }
            try (RawHttp more = gateway.connect()) {
                Response refused = more.send(HEALTH).response();
                assertEquals(503, refused.status());
                assertEquals("1", refused.headers().get("retry-after"));
                assertEquals("close", refused.headers().get("connection"));
                assertTrue(refused.body().contains("PEER_LIMIT"), refused.body());
                assertTrue(more.isEnded());
            }
            assertEquals(200, taken[0].exchange(HEALTH).status());
            taken[1].close();
            while (gateway.snapshot().connections() >= CONNECTIONS_MAX) {
                assertEquals(200, taken[0].exchange(HEALTH).status());
            }
            try (RawHttp next = gateway.connect()) {
                assertEquals(200, next.exchange(HEALTH).status());
            }
            taken[0].close();
            taken[2].close();
            assertEquals(1, gateway.snapshot().connectionsRefused());
        }
    }

    @Test
    void shouldCutOffAClientThatDoesNotReadAndNobodyElse() throws Exception {
        try (Gateway gateway = Gateway.start(limits(1 << 20));
                RawHttp slow = gateway.connect();
                RawHttp other = gateway.connect()) {
            slow.send(ASK);
            Envelope envelope = gateway.sink.next();
            String part = "p".repeat(100_000);
            for (int i = 0; i < 1000 && gateway.snapshot().slowReaders() == 0; i++) {
                gateway.loop.post(() -> {
                    if (!envelope.ended()) {
                        envelope.partial(Reply.of(FakeSink.text(part)));
                    }
                });
                assertEquals(200, other.exchange(HEALTH).status());
            }
            assertEquals(1, gateway.snapshot().slowReaders());
            assertEquals(ErrorCode.CANCELLED, gateway.sink.nextCancelled().code());
        }
    }

    @Test
    void shouldCutOffAClientThatStopsInTheMiddleOfAnAnswer() throws Exception {
        try (Gateway gateway =
                        Gateway.start(new Limits(9, 1 << 13, 1 << 14, 1 << 25, 16, 60_000, 200, 1 << 26, 1 << 26));
                RawHttp slow = gateway.connect()) {
            slow.send(ASK);
            gateway.sink.complete(gateway.sink.next(), "p".repeat(30_000_000));
            try (RawHttp other = gateway.connect()) {
                long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
                while (gateway.snapshot().slowReaders() == 0) {
                    assertTrue(System.nanoTime() < deadlineNs, "not cut off within 10 s");
                    assertEquals(200, other.exchange(HEALTH).status());
                }
            }
            assertThrows(IOException.class, slow::response);
        }
    }

    /** Slow, but reading all the time: longer than the idle time in all. */
    @Test
    void shouldServeAClientThatReadsSlowly() throws Exception {
        try (Gateway gateway =
                        Gateway.start(new Limits(9, 1 << 13, 1 << 14, 1 << 25, 16, 60_000, 300, 1 << 26, 1 << 26));
                RawHttp slow = gateway.connect()) {
            slow.send(ASK);
            int bytes = 30_000_000;
            gateway.sink.complete(gateway.sink.next(), "p".repeat(bytes));
            assertEquals(Integer.toString(bytes), slow.head().get("content-length"));
            long endNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(900);
            int read = 0;
            byte[] buffer = new byte[64 << 10];
            while (read < bytes) {
                int count = slow.read(buffer);
                assertTrue(count > 0, "cut off after " + read + " bytes");
                read += count;
                long pauseNs = (endNs - System.nanoTime()) / Math.max(1, (bytes - read) / buffer.length);
                java.util.concurrent.locks.LockSupport.parkNanos(Math.min(pauseNs, 2_000_000));
            }
            assertEquals(bytes, read);
        }
    }

    /** Each is within its own limit; together they are not. Answers that wait for their turn never reach the operating system. */
    @Test
    void shouldCutOffTheClientThatHoldsMostOfWhatAllLeaveUnread() throws Exception {
        try (Gateway gateway = Gateway.start(limits(1 << 20), 1_000_000);
                RawHttp more = gateway.connect();
                RawHttp less = gateway.connect()) {
            more.send(ASK + ASK);
            gateway.sink.next();
            gateway.sink.complete(gateway.sink.next(), "m".repeat(600_000));
            less.send(ASK + ASK);
            Envelope lessFirst = gateway.sink.next();
            Envelope lessSecond = gateway.sink.next();
            long held = gateway.outputBytes();
            assertTrue(held >= 600_000 && held < 601_000, "held: " + held);
            assertEquals(0, gateway.snapshot().slowReaders());

            gateway.sink.complete(lessSecond, "l".repeat(500_000));

            assertEquals(ErrorCode.CANCELLED, gateway.sink.nextCancelled().code());
            assertTrue(more.isEnded());
            gateway.sink.complete(lessFirst, "first");
            assertEquals("first", less.response().body());
            assertEquals(500_000, less.response().body().length());
            assertEquals(1, gateway.snapshot().slowReaders());
        }
    }

    @Test
    void shouldHoldNoMoreThanTheTotalForManyThatDoNotRead() throws Exception {
        int totalMax = 10 << 20;
        int clients = 10;
        try (Gateway gateway = Gateway.start(
                new Limits(clients + 1, 1 << 13, 1 << 14, 1 << 20, 16, 60_000, 60_000, 1 << 26, 1 << 26), totalMax)) {
            byte[] answer = new byte[9 << 20];
            gateway.sink.behave(envelope -> envelope.complete(Reply.of(Frames.of(answer))));
            RawHttp[] slow = new RawHttp[clients];
            for (int i = 0; i < clients; i++) {
                slow[i] = gateway.connect();
                slow[i].send(ASK);
                assertEquals("200", slow[i].head().get(":status"));
                assertTrue(gateway.outputBytes() <= totalMax, "held: " + gateway.outputBytes());
            }
            assertTrue(gateway.snapshot().slowReaders() > 0, "nobody was cut off");
            for (RawHttp client : slow) {
                client.close();
            }
            gateway.sink.echo();
            try (RawHttp other = gateway.connect()) {
                assertEquals("x", other.exchange(ASK).body());
            }
        }
    }

    @Test
    void shouldLimitTheBodiesThatArriveTogether() throws Exception {
        try (Gateway gateway = Gateway.start(limits(90_000));
                RawHttp first = gateway.connect();
                RawHttp second = gateway.connect()) {
            gateway.sink.echo();
            first.send("POST /services/a HTTP/1.1\r\nHost: h\r\nContent-Length: 80001\r\n\r\n" + "a".repeat(80_000));
            while (gateway.snapshot().inputBytes() < 80_000) {
                assertEquals(
                        404,
                        second.exchange("GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n")
                                .status());
            }
            second.send("POST /services/a HTTP/1.1\r\nHost: h\r\nContent-Length: 80001\r\n\r\n" + "b".repeat(80_001));
            Response refused = second.response();
            assertEquals(503, refused.status());
            assertTrue(refused.body().contains("OVERLOADED"), refused.body());
            assertEquals(80_001, first.exchange("a").body().length());
            assertEquals(200, second.exchange(HEALTH).status());
            assertEquals(0, gateway.snapshot().inputBytes());
        }
    }

    private static Limits times(long requestTimeMs, long idleTimeMs) {
        return new Limits(9, 1 << 13, 1 << 14, 1 << 20, 16, requestTimeMs, idleTimeMs, 1 << 26, 1 << 26);
    }

    private static Limits limits(int bodyBytesMax) {
        return new Limits(
                CONNECTIONS_MAX, 1 << 13, 1 << 14, bodyBytesMax, 16, 60_000, 60_000, OUTPUT_BYTES_MAX, INPUT_BYTES_MAX);
    }
}
