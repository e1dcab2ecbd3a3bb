package io.jackfield.broker.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.zeromq.SocketType;

/** Everything wired together: any client asks any worker. */
final class WholeBrokerTest {
    private static final String ENDPOINTS =
            """
            endpoints:
              - {bind: 'tcp://127.0.0.1:0', service: of-plugin}
              - {bind: 'tcp://127.0.0.1:0', service: of-plain}
              - {bind: 'tcp://127.0.0.1:0', service: of-mdp}
              - {bind: 'tcp://127.0.0.1:0', service: of-jf1}
            services:
              starved: {timeout: 200ms}
              of-plain: {idempotent: true}
            """;
    private static final int PLUGIN = 0;
    private static final int PLAIN = 1;
    private static final int MDP = 2;
    private static final int JF1 = 3;
    private static final String JF1_SERVICE = "name:of-jf1\n";

    private final RunningBroker broker;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    WholeBrokerTest(@TempDir Path temp) throws Exception {
        RunningBroker.plugin(temp, "of-plugin", "Reply.text(request.text() + \" by plugin\")");
        broker = RunningBroker.start(temp, ENDPOINTS);
    }

    @AfterEach
    void close() {
        threads.shutdownNow();
        broker.close();
    }

    private Future<String> asks(Asker client, int endpoint, String service, String body) {
        return threads.submit(() -> client.ask(broker, endpoint, service, body));
    }

    private static <T> T get(Future<T> answer) throws Exception {
        return answer.get(RunningBroker.WAIT_S, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @EnumSource
    void shouldHaveEachKindOfClientAnsweredByAPlugin(Asker client) throws Exception {
        assertEquals("hello by plugin", get(asks(client, PLUGIN, "of-plugin", "hello")));
    }

    @ParameterizedTest
    @EnumSource
    void shouldHaveEachKindOfClientAnsweredByAnUnmodifiedRepWorker(Asker client) throws Exception {
        try (ServingWorker worker = ServingWorker.plain(broker.endpoint(PLAIN))) {
            assertAnswers(worker, client, PLAIN, "of-plain");
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldHaveEachKindOfClientAnsweredByAMajordomoWorker(Asker client) throws Exception {
        try (ServingWorker worker = ServingWorker.mdp(broker.endpoint(PLUGIN), "of-mdp")) {
            assertAnswers(worker, client, MDP, "of-mdp");
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldHaveEachKindOfClientAnsweredByAJf1Worker(Asker client) throws Exception {
        try (ServingWorker worker = ServingWorker.jf1(broker.endpoint(PLUGIN), JF1_SERVICE)) {
            assertAnswers(worker, client, JF1, "of-jf1");
        }
    }

    private void assertAnswers(ServingWorker worker, Asker client, int endpoint, String service) throws Exception {
        Future<String> answer = asks(client, endpoint, service, "question");
        assertEquals("question", worker.takes());
        worker.replies("answer");
        assertEquals("answer", get(answer));
    }

    @Test
    void shouldTellTheClientWithinASecondThatItsWorkerIsGone() throws Exception {
        ServingWorker worker = ServingWorker.jf1(broker.endpoint(JF1), JF1_SERVICE);
        for (Asker client : Asker.values()) {
            Future<String> answer = asks(client, JF1, "of-jf1", "question");
            worker.takes();
            worker.close();
            long begunNs = System.nanoTime();

            String failure = get(answer);

            long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begunNs);
            assertTrue(failure.contains("WORKER_LOST") || failure.startsWith("9: "), failure);
            assertTrue(tookMs < 1_000, tookMs + " ms");
            worker = ServingWorker.jf1(broker.endpoint(JF1), JF1_SERVICE);
        }
        worker.close();
    }

    @Test
    void shouldGiveAnIdempotentRequestOfALostWorkerToAnother() throws Exception {
        ServingWorker first = ServingWorker.bareRep(broker.endpoint(PLAIN));
        Future<String> answer = asks(Asker.PLAIN, PLAIN, "of-plain", "question");
        first.takes();
        try (ServingWorker second = ServingWorker.plain(broker.endpoint(PLAIN))) {
            broker.awaitWorkers("of-plain", 2);

            first.close();

            assertEquals("question", second.takes());
            second.replies("by the second");
            assertEquals("by the second", get(answer));
        }
    }

    @Test
    void shouldKeepRequestsUntilAWorkerComes() throws Exception {
        Future<String> plain = asks(Asker.PLAIN, PLAIN, "of-plain", "early");
        Future<String> http = asks(Asker.HTTP, PLAIN, "of-plain", "early");
        RunningBroker.await(
                "the requests wait",
                () -> broker.view("services", "name", "of-plain").path("queued").asInt() == 2);

        try (ServingWorker worker = ServingWorker.plain(broker.endpoint(PLAIN))) {
            for (int i = 0; i < 2; i++) {
                assertEquals("early", worker.takes());
                worker.replies("late");
            }
        }

        assertEquals("late", get(plain));
        assertEquals("late", get(http));
    }

    @Test
    void shouldNeverLeaveAReqClientBlocked() throws Exception {
        try (Wired req = new Wired(SocketType.REQ, broker.endpoint(PLUGIN))) {
            req.says("MDPC01", "starved", "x");
            String line = req.hears().get(2);
            assertTrue(line.startsWith("JACKFIELD-ERROR 8 DEADLINE_EXCEEDED: "), line);
            req.says("MDPC01", "jf.nothing", "x");
            line = req.hears().get(2);
            assertTrue(line.startsWith("JACKFIELD-ERROR 6 NO_SUCH_SERVICE: "), line);
            req.says("MDPC01", "no name", "x");
            line = req.hears().get(2);
            assertTrue(line.startsWith("JACKFIELD-ERROR 15 BAD_SERVICE_NAME: "), line);
        }
    }

    @Test
    void shouldTellHttpClientsWhatFailed() throws Exception {
        HttpResponse<String> unknown = broker.post("nobody", "x");
        assertEquals(404, unknown.statusCode());
        assertTrue(unknown.body().contains("\"NO_SUCH_SERVICE\""), unknown::body);
        HttpResponse<String> starved = broker.post("starved", "x");
        assertEquals(504, starved.statusCode());
        assertEquals(
                "application/problem+json",
                starved.headers().firstValue("content-type").orElse(""));
        assertEquals(200, broker.get("/health").statusCode());
    }

    @Test
    void shouldShowWhatThereIsToEachKindOfClient() throws Exception {
        try (ServingWorker worker = ServingWorker.jf1(broker.endpoint(PLAIN), "name:of-jf1\nversion:3\n")) {
            get(asks(Asker.JF1, PLUGIN, "of-plugin", "x"));
            JsonNode plugin = broker.view("services", "name", "of-plugin");
            assertEquals(1, plugin.path("workers").asInt());
            assertEquals(1, plugin.path("replied").asInt());
            assertEquals(
                    "3",
                    broker.view("services", "name", "of-jf1").path("version").asText());
            assertEquals(2, broker.view("workers").size());
            assertEquals(
                    "serving",
                    broker.view("plugins", "id", "p-of-plugin").path("state").asText());
            assertEquals(1, broker.view("peers").size());
            assertEquals(
                    "worker",
                    broker.view("peers", "dialect", "jf1-raw").path("side").asText(),
                    () -> worker + "");
            for (Asker client : List.of(Asker.MDP, Asker.JF1)) {
                String json = get(asks(client, PLUGIN, "jf.plugins", ""));
                assertTrue(json.startsWith("{\"plugins\":[{\"id\":\"p-of-plugin\""), json);
            }
        }
    }

    @Test
    void shouldGoOnWhenAClientGoesAwayInTheMiddle() throws Exception {
        try (ServingWorker worker = ServingWorker.plain(broker.endpoint(PLAIN))) {
            RawZmtp gone = RawZmtp.opened(broker.endpoint(PLAIN), "REQ");
            gone.message("", "of nobody");
            assertEquals("of nobody", worker.takes());
            gone.close();
            RunningBroker.await("the peer is gone", () -> broker.view("peers").size() == 1);
            worker.replies("too late");

            Callable<String> next = () -> Asker.PLAIN.ask(broker, PLAIN, "of-plain", "next");
            Future<String> answer = threads.submit(next);
            assertEquals("next", worker.takes());
            worker.replies("in time");
            assertEquals("in time", get(answer));
        }
        assertFalse(broker.view("services").isEmpty());
    }
}
