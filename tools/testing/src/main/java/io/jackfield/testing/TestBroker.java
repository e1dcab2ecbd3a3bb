package io.jackfield.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * A real broker, in a process of its own and on free ports, that serves handlers just compiled:
 *
 * <pre>{@code
 * assertEquals("Hello Ada", TestBroker.ask(Greet.class, "greet", "Ada"));
 * }</pre>
 *
 * <p>The broker is that of the Jackfield that the system property {@code jackfield.home}, or the variable
 * {@code JACKFIELD_HOME}, names. The handlers' classes are made into a plugin with everything that lies beside them:
 * their whole folder, such as {@code target/classes}. Safe for any thread.
 */
public final class TestBroker implements AutoCloseable {

    private static final Duration REQUEST_TIME = Duration.ofSeconds(30);
    private static final int OK = 200;

    private final Path folder;
    private final BrokerProcess process;
    private final HttpClient client = HttpClient.newHttpClient();

    private TestBroker(Path folder, BrokerProcess process) {
        this.folder = folder;
        this.process = process;
    }

    /**
     * Asks one service of a handler, in a broker that is there for this question. A test that asks more often starts
     * one with {@link #serving}, which takes about a second.
     *
     * @param handler a class with {@code @Service}
     * @param service its service
     * @param body the request, as text
     * @return the reply, as text
     * @throws AssertionError the request failed; the message says how, and what the broker logged
     */
    public static String ask(Class<?> handler, String service, String body) {
        try (TestBroker broker = serving(handler)) {
            return broker.ask(service, body);
        }
    }

    /**
     * Starts a broker.
     *
     * @param handlers classes with {@code @Service}; of several in one folder, one will do
     * @return the broker, which is ready, to be closed
     * @throws IllegalStateException there is no Jackfield where one should be, or it does not start
     */
    public static TestBroker serving(Class<?>... handlers) {
        try {
            Path folder = Files.createTempDirectory("jackfield-test-");
            try {
                Path plugins = Files.createDirectory(folder.resolve("plugins"));
                PluginPacking.pack(handlers, plugins);
                return new TestBroker(folder, BrokerProcess.start(plugins));
            } catch (IOException | RuntimeException e) {
                delete(folder);
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Asks a service over HTTP.
     *
     * @param service its name
     * @param body the request, as text
     * @return the reply, as text
     * @throws AssertionError as for {@link #ask(Class, String, String)}
     */
    public String ask(String service, String body) {
        try {
            HttpRequest request = HttpRequest.newBuilder(http().resolve("/services/" + service))
                    .timeout(REQUEST_TIME)
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build();
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != OK) {
                throw new AssertionError(service + " answered with status " + response.statusCode() + ": "
                        + response.body() + "\nthe broker's log:\n" + process.log());
            }
            return response.body();
        } catch (IOException e) {
            throw new AssertionError("no answer of " + service + "; the broker's log:\n" + process.log(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while " + service + " was asked", e);
        }
    }

    /**
     * Where its HTTP gateway is.
     *
     * @return an address such as {@code http://127.0.0.1:43210}
     */
    public URI http() {
        return URI.create(process.announced("http://"));
    }

    /**
     * Where ZeroMQ peers connect.
     *
     * @return an address such as {@code tcp://127.0.0.1:43211}
     */
    public String endpoint() {
        return process.announced("tcp://");
    }

    /** Ends the broker, and deletes what was made for it. */
    @Override
    public void close() {
        process.close();
        delete(folder);
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
