package io.jackfield.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.jackfield.dist.Jackfield.Ran;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same jar in the broker and in a process of its own: the service moves between them while clients ask. */
class PlaceIT {

    private static final int CLIENTS = 3;
    private static final int SOME = 50;

    @TempDir
    private Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Queue<String> failed = new ConcurrentLinkedQueue<>();
    private volatile boolean over;
    private Serving broker;
    private Observer observer;

    @BeforeEach
    void start() throws IOException {
        broker = Serving.start(folder);
        broker.drop("echo.jar");
        observer = new Observer(broker.endpoint());
        observer.awaitWorkers("echo", 1);
    }

    @AfterEach
    void stop() {
        over = true;
        observer.close();
        broker.close();
    }

    @Test
    void shouldMoveAServiceBackAndForthWithoutALostRequest() throws Exception {
        String jar = Jackfield.HOME.resolve("plugins/echo.jar").toString();
        try (Running worker =
                Running.start(folder, Map.of(), Jackfield.command("worker", "--connect", broker.endpoint(), jar))) {
            observer.awaitWorkers("echo", 2);
            Thread[] clients = IntStream.range(0, CLIENTS)
                    .mapToObj(i -> new Thread(this::ask, "client-" + i))
                    .toArray(Thread[]::new);
            Stream.of(clients).forEach(Thread::start);

            place("in-process");
            assertServesAlone("in process");
            String said = place("remote");
            assertTrue(
                    said.endsWith(
                            "A restart of the broker brings back both; to make it last, set services.echo.placement:"
                                    + " remote in its configuration.\n"),
                    said);
            assertServesAlone("jf1");
            assertTrue(place("both", "--weight", "in-process=50,remote=50").contains("in-process=50,remote=50"));
            long inProcess = replied("in process");
            long remote = replied("jf1");
            Await.until("both answer", () -> replied("in process") > inProcess && replied("jf1") > remote);
            place("in-process");
            assertServesAlone("in process");

            over = true;
            for (Thread client : clients) {
                client.join(TimeUnit.SECONDS.toMillis(30));
            }
            assertEquals("", String.join("\n", failed), worker.output());
        }
    }

    @Test
    void shouldNotMoveAServiceToNobodyUnlessItIsForced() throws Exception {
        Ran refused = Jackfield.run("place", "echo", "remote", "--connect", broker.endpoint());
        assertEquals(4, refused.exitCode(), refused.stderr());
        assertTrue(
                refused.stderr().startsWith("jackfield place: BAD_REQUEST: no remote worker serves echo"),
                refused.stderr());
        assertEquals(403, post("jf.place", "echo").statusCode());

        place("remote", "--force");

        assertEquals("remote", placement());
        assertEquals("Hello", broker.call("echo", "Hello").text());
    }

    private String place(String... words) throws Exception {
        String[] all = Stream.concat(Stream.of("place", "echo", "--connect", broker.endpoint()), Stream.of(words))
                .toArray(String[]::new);
        Ran ran = Jackfield.run(all);
        assertEquals(0, ran.exitCode(), ran.stderr());
        return ran.text();
    }

    /** The other side, which has nothing in flight, gets nothing more. */
    private void assertServesAlone(String side) {
        String other = side.equals("jf1") ? "in process" : "jf1";
        long others = replied(other);
        long before = replied(side);
        Await.until(SOME + " more answers from " + side, () -> replied(side) >= before + SOME);
        assertEquals(others, replied(other));
    }

    private long replied(String side) {
        long replied = 0;
        for (JsonNode row : observer.view("workers")) {
            boolean remote = row.path("description").asText().startsWith("jf1");
            replied += remote == side.equals("jf1") ? row.path("replied").asLong() : 0;
        }
        return replied;
    }

    private String placement() {
        for (JsonNode row : observer.view("services")) {
            if (row.path("name").asText().equals("echo")) {
                return row.path("placement").asText();
            }
        }
        return "";
    }

    private void ask() {
        while (!over) {
            try {
                HttpResponse<String> answer = post("echo", "Hello");
                if (answer.statusCode() != 200) {
                    failed.add(answer.body());
                }
            } catch (IOException e) {
                failed.add(e.toString());
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private HttpResponse<String> post(String service, String body) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(broker.http() + "/services/" + service))
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
