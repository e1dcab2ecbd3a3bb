package io.jackfield.broker.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.host.fixture.FixtureJar;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A typed handler of a jar, asked by every kind of client. */
final class TypedServiceTest {
    private static final String ENDPOINTS = "endpoints: [{bind: 'tcp://127.0.0.1:0', service: price}]\n";
    private static final String HANDLER =
            "@Service(name = \"price\") public class Price implements TypedHandler<Order, Receipt> {"
                    + "@Override public Receipt answer(Order order, HandlerContext context) {"
                    + " return new Receipt(order.item(), 250L * order.count()); } }";
    private static final String RECEIPT = "{\"item\":\"tea\",\"cents\":750}";
    private static final String ORDER = "{\"item\":\"tea\",\"count\":3,\"from\":\"a newer client\"}";

    private final RunningBroker broker;

    TypedServiceTest(@TempDir Path temp) throws Exception {
        Path jar = FixtureJar.plugin("prices")
                .source("Order", "record Order(String item, int count) {} record Receipt(String item, long cents) {}")
                .extension("Price", HANDLER)
                .writeTo(Files.createDirectories(temp.resolve("plugins")));
        Files.setLastModifiedTime(jar, FileTime.from(Instant.now().minusSeconds(60)));
        broker = RunningBroker.start(temp, ENDPOINTS);
    }

    @AfterEach
    void close() {
        broker.close();
    }

    @ParameterizedTest
    @EnumSource
    void shouldAnswerEachKindOfClientInJson(Asker client) throws Exception {
        assertEquals(RECEIPT, client.ask(broker, 0, "price", ORDER));
    }

    @ParameterizedTest
    @EnumSource
    void shouldTellEachKindOfClientWhichFieldIsWrong(Asker client) throws Exception {
        String answer = client.ask(broker, 0, "price", "{\"item\":\"tea\",\"count\":\"x\"}")
                .replace("\\\"", "\"");

        assertTrue(answer.contains("count: expected a whole number, found \"x\""), answer);
    }

    @Test
    void shouldTellHttpClientsByStatusAndContentType() throws Exception {
        HttpResponse<String> good = broker.post("price", ORDER);
        assertEquals(200, good.statusCode());
        assertEquals(
                "application/json", good.headers().firstValue("content-type").orElse(""));

        HttpResponse<String> bad = broker.post("price", "{\"item\":\"tea\"");
        assertEquals(400, bad.statusCode());
        assertTrue(bad.body().contains("\"BAD_REQUEST\""), bad::body);
        assertTrue(bad.body().contains("the body: not JSON in line 1"), bad::body);
    }
}
