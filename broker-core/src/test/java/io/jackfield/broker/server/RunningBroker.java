package io.jackfield.broker.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jackfield.broker.server.config.ConfigReader;
import io.jackfield.host.fixture.FixtureJar;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A whole broker in this process, on free ports, configured by a file as anybody's is. */
final class RunningBroker implements AutoCloseable {
    static final long WAIT_S = 20;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long POLL_MS = 5;

    final Broker broker;
    private final Queue<Error> errors;
    private final HttpClient http = HttpClient.newHttpClient();

    private RunningBroker(Broker broker, Queue<Error> errors) {
        this.broker = broker;
        this.errors = errors;
    }

    /** Endpoints and limits as the test says; plugins from a folder of its own, HTTP on a free port. */
    static RunningBroker start(Path temp, String yaml) throws Exception {
        Path file = Files.writeString(
                temp.resolve("broker.yaml"), "http: {bind: '127.0.0.1:0'}\nplugins: {rescan: 50ms}\n" + yaml);
        return start(file);
    }

    /** Everything as the file says. */
    static RunningBroker start(Path file) throws Exception {
        Queue<Error> errors = new ConcurrentLinkedQueue<>();
        return new RunningBroker(Broker.start(ConfigReader.read(file), "the-broker", errors::add), errors);
    }

    /** A plugin that is there when the broker starts; its handler answers with that expression of {@code request}. */
    static void plugin(Path temp, String service, String answer) throws IOException {
        Path jar = FixtureJar.plugin("p-" + service)
                .handler(service, "return " + answer + ";")
                .writeTo(Files.createDirectories(temp.resolve("plugins")));
        Files.setLastModifiedTime(jar, FileTime.from(Instant.now().minusSeconds(60)));
    }

    String endpoint(int index) {
        return broker.addresses().get(index);
    }

    URI http(String path) {
        return URI.create(broker.addresses().get(broker.addresses().size() - 1) + path);
    }

    HttpResponse<String> post(String service, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(http("/services/" + service))
                .timeout(Duration.ofSeconds(WAIT_S))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(http(path))
                        .timeout(Duration.ofSeconds(WAIT_S))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** What the broker says of itself. */
    JsonNode view(String name) throws IOException, InterruptedException {
        HttpResponse<String> response = post("jf." + name, "");
        assertEquals(200, response.statusCode(), response::body);
        assertEquals(
                "application/json",
                response.headers().firstValue("content-type").orElse(""));
        return JSON.readTree(response.body()).required(name);
    }

    /** The element of a list whose field has that value. */
    JsonNode view(String name, String field, String value) throws IOException, InterruptedException {
        for (JsonNode one : view(name)) {
            if (one.required(field).asText().equals(value)) {
                return one;
            }
        }
        return JSON.createObjectNode();
    }

    void awaitWorkers(String service, int count) throws Exception {
        await(
                count + " workers of " + service,
                () -> view("services", "name", service).path("workers").asInt() == count);
    }

    static void await(String what, Callable<Boolean> condition) throws Exception {
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_S);
        CountDownLatch never = new CountDownLatch(1);
        while (!condition.call()) {
            assertTrue(System.nanoTime() < endNs, "not within " + WAIT_S + " s: " + what);
            assertEquals(false, never.await(POLL_MS, TimeUnit.MILLISECONDS));
        }
    }

    @Override
    public void close() {
        broker.close();
        assertTrue(errors.isEmpty(), errors::toString);
    }
}
