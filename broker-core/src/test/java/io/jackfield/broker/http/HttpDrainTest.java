package io.jackfield.broker.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.http.RawHttp.Response;
import io.jackfield.broker.model.Envelope;
import io.jackfield.protocol.ErrorCode;
import java.net.ConnectException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Stopping: first drain, then close. */
final class HttpDrainTest {
    private static final String HEALTH = "GET /health HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String ASK = "POST /services/a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx";

    @Test
    void shouldFinishWhatIsInFlightAndRefuseWhatIsNew() throws Exception {
        try (Gateway gateway = Gateway.start();
                RawHttp busy = gateway.connect();
                RawHttp idle = gateway.connect()) {
            assertEquals(200, idle.exchange(HEALTH).status());
            busy.send(ASK + ASK);
            Envelope first = gateway.sink.next();
            Envelope second = gateway.sink.next();
            drain(gateway);

            Response refused = idle.exchange(ASK);
            assertEquals(503, refused.status());
            assertTrue(refused.body().contains("DRAINING"), refused.body());
            assertEquals("close", refused.headers().get("connection"));
            assertTrue(idle.isEnded());

            gateway.sink.complete(first, "one");
            assertNull(busy.response().headers().get("connection"), "an answer is still to come");
            gateway.sink.complete(second, "two");
            Response last = busy.response();
            assertEquals("two", last.body());
            assertEquals("close", last.headers().get("connection"));
            assertTrue(busy.isEnded());
        }
    }

    @Test
    void shouldHaveItsRefusalReadByAClientThatSendsItsBodyFirst() throws Exception {
        int bytes = 4 << 20;
        try (Gateway gateway = Gateway.start();
                RawHttp raw = gateway.connect()) {
            assertEquals(200, raw.exchange(HEALTH).status());
            drain(gateway);
            raw.send("POST /services/a HTTP/1.1\r\nHost: h\r\nContent-Length: " + bytes + "\r\n\r\n");
            raw.send("a".repeat(bytes));
            assertEquals(503, raw.response().status());
            assertTrue(raw.isEnded());
        }
    }

    @Test
    void shouldSayInItsHealthThatItDrains() throws Exception {
        try (Gateway gateway = Gateway.start()) {
            drain(gateway);
            try (RawHttp raw = gateway.connect()) {
                Response health = raw.exchange(HEALTH);
                assertEquals(503, health.status());
                assertEquals("{\"status\":\"draining\"}", health.body());
            }
        }
    }

    @Test
    void shouldAnswerWhatIsLeftWhenItCloses() throws Exception {
        Gateway gateway = Gateway.start();
        try (RawHttp busy = gateway.connect();
                RawHttp idle = gateway.connect();
                RawHttp half = gateway.connect()) {
            assertEquals(200, idle.exchange(HEALTH).status());
            half.send("POST /services/a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nx");
            busy.send(ASK + ASK);
            gateway.sink.next();
            gateway.sink.next();
            long begunNs = System.nanoTime();
            gateway.gateway.close();
            assertTrue(System.nanoTime() - begunNs < TimeUnit.SECONDS.toNanos(2), "waited for nobody");
            assertEquals(ErrorCode.DRAINING, gateway.sink.nextCancelled().code());
            assertEquals(503, busy.response().status());
            assertEquals(503, busy.response().status());
            assertTrue(busy.isEnded());
            assertTrue(idle.isEnded());
            assertEquals(503, half.response().status());
            assertThrows(ConnectException.class, gateway::connect);
        } finally {
            gateway.close();
        }
    }

    @Test
    void shouldNotWaitForAClientThatDoesNotReadWhenItCloses() throws Exception {
        Gateway gateway = Gateway.start();
        try (RawHttp slow = gateway.connect()) {
            slow.send(ASK);
            gateway.sink.complete(gateway.sink.next(), "p".repeat(30_000_000));
            assertEquals(1, gateway.snapshot().repliesDone());
            long begunNs = System.nanoTime();
            gateway.close();
            long tookMs = (System.nanoTime() - begunNs) / 1_000_000;
            assertTrue(tookMs >= 1_900 && tookMs < 4_000, "closing took " + tookMs + " ms (expected: about 2 s)");
        }
    }

    /** Drains, and returns once that has come to the loop. */
    private static void drain(Gateway gateway) throws Exception {
        gateway.gateway.drain();
        gateway.snapshot();
    }
}
