package io.jackfield.broker.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.jackfield.host.Sha256;
import io.jackfield.host.fixture.FixtureJar;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each reply of a plugin can be traced to its jar, by whoever asks for that. */
final class ServedByTest {
    private static final String ENDPOINT = "endpoints: [{bind: 'tcp://127.0.0.1:0', service: s}]\n";
    private static final String HTTP = "http: {bind: '127.0.0.1:0', served-by: true}\nplugins: {rescan: 50ms}\n";

    private static final String TEXT = "content-type:text/plain; charset=utf-8\n";

    private final Path temp;
    private final String origin;

    ServedByTest(@TempDir Path temp) throws Exception {
        this.temp = temp;
        // A handler cannot say that it is another one.
        Path jar = FixtureJar.plugin("greeter")
                .version("1.2.0")
                .handler(
                        "s", "return Reply.text(\"hello\").withHeader(\"served-by\", \"me\").withHeader(\"a\", \"b\");")
                .handler("parts", "context.partial(Reply.text(\"one,\")); return Reply.text(\"two\");")
                .writeTo(Files.createDirectories(temp.resolve("plugins")));
        Files.setLastModifiedTime(jar, FileTime.from(Instant.now().minusSeconds(60)));
        origin = "greeter/1.2.0; generation=1; sha256=" + Sha256.of(jar);
    }

    @Test
    void shouldTellAJf1ClientThatAsks() throws Exception {
        try (RunningBroker broker = RunningBroker.start(temp, ENDPOINT)) {
            assertEquals(TEXT + "served-by:" + origin + "\na:b\n", headers(broker, "s", "served-by:\n"));
            assertEquals(TEXT + "served-by:" + origin + "\n", headers(broker, "parts", "served-by:?\nx:y\n"));
            assertEquals(TEXT + "served-by:me\na:b\n", headers(broker, "s", "x:y\n"));
            assertFalse(broker.post("s", "").headers().map().toString().contains(origin));
        }
    }

    @Test
    void shouldTellEveryHttpClientWhereTheConfigurationSaysSo() throws Exception {
        Path file = Files.writeString(temp.resolve("broker.yaml"), HTTP + ENDPOINT);
        try (RunningBroker broker = RunningBroker.start(file)) {
            for (String service : List.of("s", "parts")) {
                HttpResponse<String> response = broker.post(service, "");
                assertEquals(
                        origin,
                        response.headers().firstValue("Jackfield-Served-By").orElse("nothing"));
            }
            assertEquals("one,two", broker.post("parts", "").body());
            assertEquals(404, broker.post("nobody", "").statusCode());
        }
    }

    /** Of the first message that comes back. */
    private static String headers(RunningBroker broker, String service, String headers) throws Exception {
        try (RawZmtp dealer = RawZmtp.opened(broker.endpoint(0), "DEALER")) {
            dealer.message(Jf1Bytes.header(Jf1Bytes.REQUEST, 7), service, headers, "");
            return dealer.hears().get(2);
        }
    }
}
