package io.jackfield.broker.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The problems of the golden vectors, read by a JSON parser that we did not write. */
final class ProblemJsonTest {
    private static final Path VECTORS = Path.of("..", "protocol", "data", "vectors", "failures.txt");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** One vector: its keys, and the members of its problem by name. */
    private record Vector(Map<String, String> keys, Map<String, String> problem) {}

    @Test
    void shouldWriteEveryGoldenFailure() throws Exception {
        List<Vector> vectors = vectors();
        assertTrue(vectors.size() > 10, "vectors: " + vectors.size());
        for (Vector vector : vectors) {
            Failure failure = failure(vector.keys());
            JsonNode json = MAPPER.readTree(ProblemJson.of(failure));
            Map<String, String> written = new HashMap<>();
            json.properties()
                    .forEach(member ->
                            written.put(member.getKey(), member.getValue().asText()));
            assertEquals(vector.problem(), written, vector.keys().get("vector"));
            assertTrue(json.get("status").isInt()
                    && json.get("code").isInt()
                    && json.get("retryable").isBoolean());
            assertTrue(json.get("detail").isTextual() && json.get("type").isTextual());
        }
    }

    /** The same failures on the wire: status and Retry-After. */
    @Test
    void shouldAnswerEveryGoldenFailureWithItsStatus() throws Exception {
        try (Gateway gateway = Gateway.start();
                RawHttp raw = gateway.connect()) {
            for (Vector vector : vectors()) {
                Failure failure = failure(vector.keys());
                gateway.sink.behave(envelope -> envelope.fail(failure));
                RawHttp.Response response =
                        raw.exchange("POST /services/a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
                assertEquals(Integer.parseInt(value(vector.keys(), "http-status")), response.status());
                assertEquals(
                        vector.keys().get("http-retry-after"),
                        response.headers().get("retry-after"));
                assertEquals("application/problem+json", response.headers().get("content-type"));
                assertEquals(
                        failure.cause(),
                        MAPPER.readTree(response.body()).get("detail").textValue());
            }
        }
    }

    @Test
    void shouldWriteValidJsonForTextThatIsNone() throws Exception {
        Failure failure = Failure.of(ErrorCode.HANDLER_FAILED, "half \ud83d, \u0000\u001f\u007f\u2028 \"\\", "");
        assertEquals(
                "half ?, \u0000\u001f\u007f\u2028 \"\\",
                MAPPER.readTree(ProblemJson.of(failure)).get("detail").textValue());
    }

    private static Failure failure(Map<String, String> keys) {
        return new Failure(
                ErrorCode.valueOf(value(keys, "name")),
                text(value(keys, "cause")),
                text(value(keys, "hint")),
                Long.parseLong(value(keys, "retry-after-ms")));
    }

    private static String value(Map<String, String> keys, String key) {
        return keys.getOrDefault(key, "no " + key);
    }

    private static List<Vector> vectors() throws IOException {
        List<Vector> vectors = new ArrayList<>();
        Map<String, String> keys = new HashMap<>();
        Map<String, String> problem = new HashMap<>();
        for (String line : Files.readAllLines(VECTORS)) {
            if (line.equals("end")) {
                vectors.add(new Vector(keys, problem));
                keys = new HashMap<>();
                problem = new HashMap<>();
            } else if (!line.isEmpty() && !line.startsWith("#")) {
                String[] parts = line.split(" ", 2);
                if (parts[0].equals("problem")) {
                    String[] member = parts[1].split(" ", 2);
                    problem.put(member[0], text(member[1]));
                } else {
                    keys.put(parts[0], parts[1]);
                }
            }
        }
        return vectors;
    }

    private static String text(String written) {
        if (written.equals("-")) {
            return "";
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < written.length(); i++) {
            if (written.charAt(i) != '\\') {
                text.append(written.charAt(i));
            } else if (written.charAt(i + 1) == '\\') {
                text.append('\\');
                i++;
            } else {
                text.append((char) Integer.parseInt(written.substring(i + 2, i + 4), 16));
                i += 3;
            }
        }
        return text.toString();
    }
}
