package io.jackfield.broker.http;

import io.jackfield.protocol.Failure;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Writes a failure as {@code application/problem+json} (RFC 9457, RFC 8259). */
final class ProblemJson {
    static final String CONTENT_TYPE = "application/problem+json";

    private static final int CHARS = 256;

    private ProblemJson() {}

    /** The object in UTF-8; half a surrogate pair, which UTF-8 cannot carry, becomes a question mark. */
    static byte[] of(Failure failure) {
        StringBuilder json = new StringBuilder(CHARS);
        char separator = '{';
        for (Map.Entry<String, Object> member : failure.problem().entrySet()) {
            json.append(separator);
            text(json, member.getKey());
            json.append(':');
            if (member.getValue() instanceof String value) {
                text(json, value);
            } else {
                json.append(member.getValue());
            }
            separator = ',';
        }
        return json.append('}').toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void text(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character == '"' || character == '\\') {
                json.append('\\').append(character);
            } else if (character < ' ') {
                json.append(String.format("\\u%04x", (int) character));
            } else {
                json.append(character);
            }
        }
        json.append('"');
    }
}
