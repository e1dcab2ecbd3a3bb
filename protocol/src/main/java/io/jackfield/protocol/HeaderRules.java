package io.jackfield.protocol;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The grammar of header blocks (PROTOCOL.md section 4.3): {@code *( name ":" value LF )}, nothing trimmed. */
final class HeaderRules {
    private HeaderRules() {}

    static void checkBlockBytes(int bytes) throws ProtocolException {
        if (bytes > Limits.HEADER_BLOCK_BYTES_MAX) {
            throw ProtocolException.badMessage(
                    "header block: " + bytes + " bytes (expected: at most " + Limits.HEADER_BLOCK_BYTES_MAX + ")");
        }
    }

    /** Splits a block into names and values in turn. */
    static String[] parse(String block) throws ProtocolException {
        List<String> texts = new ArrayList<>();
        int start = 0;
        while (start < block.length()) {
            int end = block.indexOf('\n', start);
            if (end < 0) {
                throw ProtocolException.badMessage("end of the header block: no LF (expected: LF after each header)");
            }
            int colon = block.indexOf(':', start);
            if (colon < 0 || colon > end) {
                throw ProtocolException.badMessage(
                        "header " + (texts.size() / 2 + 1) + ": no colon (expected: name:value)");
            }
            texts.add(block.substring(start, colon));
            texts.add(block.substring(colon + 1, end));
            start = end + 1;
        }
        String[] result = texts.toArray(new String[0]);
        check(result);
        return result;
    }

    static void check(String[] texts) throws ProtocolException {
        int count = texts.length / 2;
        if (count > Limits.HEADERS_MAX) {
            throw ProtocolException.badMessage("headers: " + count + " (expected: at most " + Limits.HEADERS_MAX + ")");
        }
        for (int i = 0; i < texts.length; i += 2) {
            if (!isName(texts[i])) {
                throw ProtocolException.badMessage("name of header " + (i / 2 + 1)
                        + ": not allowed (expected: [a-z0-9][a-z0-9.-]*, at most " + Limits.HEADER_NAME_BYTES_MAX
                        + " bytes)");
            }
            if (!isValue(texts[i + 1])) {
                throw ProtocolException.badMessage("value of header " + texts[i]
                        + ": not allowed (expected: at most " + Limits.HEADER_VALUE_BYTES_MAX
                        + " bytes without control characters)");
            }
            for (int earlier = 0; earlier < i; earlier += 2) {
                if (texts[earlier].equals(texts[i])) {
                    throw ProtocolException.badMessage("header " + texts[i] + ": twice (expected: once)");
                }
            }
        }
    }

    static byte[] encode(String[] texts) {
        StringBuilder block = new StringBuilder();
        for (int i = 0; i < texts.length; i += 2) {
            block.append(texts[i]).append(':').append(texts[i + 1]).append('\n');
        }
        return block.toString().getBytes(StandardCharsets.UTF_8);
    }

    static boolean isName(String name) {
        if (name.isEmpty() || name.length() > Limits.HEADER_NAME_BYTES_MAX || !isAlphanumeric(name.charAt(0))) {
            return false;
        }
        for (int i = 1; i < name.length(); i++) {
            char character = name.charAt(i);
            if (!isAlphanumeric(character) && character != '.' && character != '-') {
                return false;
            }
        }
        return true;
    }

    static boolean isValue(String value) {
        int bytes = Utf8.length(value);
        return bytes >= 0 && bytes <= Limits.HEADER_VALUE_BYTES_MAX && Utf8.indexOfControl(value) < 0;
    }

    private static boolean isAlphanumeric(char character) {
        return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9');
    }
}
