package io.jackfield.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** JSON as the command reads and writes it. Safe for any thread. */
final class Json {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static JsonNode parse(byte[] bytes) throws IOException {
        return MAPPER.readTree(bytes);
    }

    /** Of records, lists and maps. */
    static String text(Object values) {
        return text(MAPPER.<JsonNode>valueToTree(values));
    }

    static JsonNode tree(Object values) {
        return MAPPER.valueToTree(values);
    }

    static String text(JsonNode node) {
        try {
            return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain values is always writable", e);
        }
    }

    /** One line. */
    static String of(Failure failure) {
        ObjectNode error = object();
        error.putObject("error")
                .put("code", failure.code())
                .put("cause", failure.cause())
                .put("hint", failure.hint())
                .put("exitCode", failure.exitCode());
        return error.toString();
    }

    /** The body as text where it is UTF-8, else in base 64: JSON has no bytes. */
    static void putBody(ObjectNode object, byte[] body) {
        try {
            object.put(
                    "body",
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(body))
                            .toString());
        } catch (CharacterCodingException notText) {
            object.put("bodyBase64", body);
        }
    }
}
