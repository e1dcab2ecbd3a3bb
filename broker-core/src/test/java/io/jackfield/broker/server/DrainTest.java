package io.jackfield.broker.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.ConnectException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.SocketType;

/** How the broker stops: what is in flight ends, what is new is refused, and everybody is told. */
final class DrainTest {
    private static final int MORE = 8;
    private static final int STEADY_LOOKS = 50;

    private final Path temp;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    DrainTest(@TempDir Path temp) {
        this.temp = temp;
    }

    @AfterEach
    void close() {
        threads.shutdownNow();
    }

    private RunningBroker start(String drainTimeout) throws Exception {
        return RunningBroker.start(
                temp, "endpoints: [{bind: 'tcp://127.0.0.1:0', service: s}]\ndrain-timeout: " + drainTimeout);
    }

    @Test
    void shouldEndWhatIsInFlightRefuseWhatIsNewAndSayGoodbye() throws Exception {
        try (RunningBroker broker = start("20s");
                ServingWorker worker = ServingWorker.plain(broker.endpoint(0));
                RawZmtp jf1 = RawZmtp.opened(broker.endpoint(0), "DEALER");
                Wired late = new Wired(SocketType.REQ, broker.endpoint(0))) {
            Future<String> answer = threads.submit(() -> Asker.PLAIN.ask(broker, 0, "s", "question"));
            Future<String> http = threads.submit(() -> Asker.HTTP.ask(broker, 0, "s", "question"));
            assertEquals("question", worker.takes());
            jf1.message(Jf1Bytes.header(Jf1Bytes.REQUEST, 1), "jf.services", "", "");
            assertEquals(Jf1Bytes.REPLY, Jf1Bytes.command(jf1.hears().get(0)));
            late.says("MDPC01", "jf.services", "");
            assertEquals("MDPC01", late.hears().get(0));
            RunningBroker.await(
                    "both requests are there",
                    () -> broker.view("services", "name", "s").path("accepted").asInt() == 2);

            Future<Boolean> drained = threads.submit(broker.broker::drain);

            assertEquals(Jf1Bytes.DRAIN, Jf1Bytes.command(jf1.hears().get(0)));
            jf1.message(Jf1Bytes.header(Jf1Bytes.REQUEST, 2), "s", "", "new");
            String refusal = jf1.hears().get(0);
            assertEquals(List.of(11, 2L), List.of(Jf1Bytes.code(refusal), Jf1Bytes.id(refusal)));
            late.says("MDPC01", "s", "new");
            assertTrue(late.hears().get(2).startsWith("JACKFIELD-ERROR 11 DRAINING: "), "an error line");
            assertEquals(503, broker.get("/health").statusCode());
            assertEquals(503, broker.post("s", "new").statusCode());
            assertThrows(ConnectException.class, () -> new RawZmtp(broker.endpoint(0)).close());
            assertFalse(drained.isDone());

            worker.replies("answer");
            assertEquals("question", worker.takes());
            worker.replies("answer");
            assertEquals("answer", answer.get(RunningBroker.WAIT_S, TimeUnit.SECONDS));
            assertEquals("answer", http.get(RunningBroker.WAIT_S, TimeUnit.SECONDS));
            assertTrue(drained.get(RunningBroker.WAIT_S, TimeUnit.SECONDS));
            assertEquals(Jf1Bytes.DISCONNECT, Jf1Bytes.command(jf1.hears().get(0)));
        }
    }

    @Test
    void shouldFailWhatTheTimeForDrainingWasTooShortFor() throws Exception {
        try (RunningBroker broker = start("100ms");
                ServingWorker worker = ServingWorker.plain(broker.endpoint(0))) {
            Future<String> plain = threads.submit(() -> Asker.PLAIN.ask(broker, 0, "s", "question"));
            worker.takes();
            Future<String> waiting = threads.submit(() -> Asker.JF1.ask(broker, 0, "s", "question"));
            Future<String> http = threads.submit(() -> Asker.HTTP.ask(broker, 0, "s", "question"));
            RunningBroker.await(
                    "all requests are there",
                    () -> broker.view("services", "name", "s").path("accepted").asInt() == 3);

            assertFalse(broker.broker.drain());
            CompletableFuture<Void> closed = CompletableFuture.runAsync(broker.broker::close, threads);

            assertTrue(get(plain).startsWith("JACKFIELD-ERROR 11 DRAINING: "), "an error line");
            assertTrue(get(http).contains("\"DRAINING\""), "a problem");
            get(closed);
            assertTrue(waiting.isDone());
        }
    }

    /** What waits in the broker for a slow reader is as much in flight as a request. */
    @Test
    void shouldWaitUntilPullersHaveTakenTheirTasks() throws Exception {
        String task = "x".repeat(64 * 1024);
        try (RunningBroker broker = start("20s");
                RawZmtp puller = RawZmtp.opened(broker.endpoint(0), "PULL");
                RawZmtp pusher = RawZmtp.opened(broker.endpoint(0), "PUSH")) {
            int pushed = 0;
            for (int looks = 0; looks < STEADY_LOOKS; looks++) {
                if (broker.view("peers", "side", "puller").path("outputBytes").asLong() == 0) {
                    pusher.message(task);
                    pushed++;
                    looks = 0; // what waited a moment ago, the operating system has taken after all
                }
            }

            for (int i = 0; i < MORE; i++) { // so that it does not take all
                pusher.message(task);
                pushed++;
            }

            Future<Boolean> drained = threads.submit(broker.broker::drain);

            assertThrows(TimeoutException.class, () -> drained.get(1_500, TimeUnit.MILLISECONDS), "nothing was read");
            for (int i = 0; i < pushed; i++) {
                assertEquals(List.of(task), puller.hears());
            }
            assertTrue(get(drained));
        }
    }

    private static <T> T get(Future<T> answer) throws Exception {
        return answer.get(RunningBroker.WAIT_S, TimeUnit.SECONDS);
    }
}
