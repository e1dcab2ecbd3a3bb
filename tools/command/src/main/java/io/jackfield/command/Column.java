package io.jackfield.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongBinaryOperator;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** One column of a listing: its heading, the field of the broker's JSON that it shows, and how. */
record Column(Table.Heading heading, String field, Function<JsonNode, String> shown) {

    private static final int SHA_LENGTH = 12;

    static Column text(String heading, String field) {
        return new Column(new Table.Heading(heading, false), field, Column::text);
    }

    /** A field with fields of its own: {@code zone=eu,gpu=2}. */
    static Column pairs(String heading, String field) {
        return new Column(new Table.Heading(heading, false), field, Column::pairs);
    }

    static Column count(String heading, String field) {
        return new Column(new Table.Heading(heading, true), field, JsonNode::asText);
    }

    static Column bytes(String heading, String field) {
        return new Column(new Table.Heading(heading, true), field, node -> bytes(node.asLong()));
    }

    static Column yesNo(String heading, String field) {
        return new Column(new Table.Heading(heading, false), field, node -> node.asBoolean() ? "yes" : "no");
    }

    static Column millis(String heading, String field) {
        return new Column(new Table.Heading(heading, true), field, node -> node.asLong() + " ms");
    }

    static Column sha256(String heading, String field) {
        return new Column(new Table.Heading(heading, false), field, node -> {
            String hex = node.asText();
            return hex.substring(0, Math.min(SHA_LENGTH, hex.length()));
        });
    }

    static Column micros(String heading, String field) {
        return new Column(new Table.Heading(heading, true), field, node -> micros(node.asLong()));
    }

    /** The sum of a count over the entries of the field, which is a list. */
    static Column sum(String heading, String field, String count) {
        return overEntries(heading, field, count, (sum, next) -> sum + next, Long::toString);
    }

    /** The longest of a time over the entries of the field, which is a list. */
    static Column longest(String heading, String field, String micros) {
        return overEntries(heading, field, micros, Math::max, Column::micros);
    }

    private static Column overEntries(
            String heading, String field, String number, LongBinaryOperator fold, LongFunction<String> shown) {
        return new Column(
                new Table.Heading(heading, true),
                field,
                node -> node.isEmpty()
                        ? "-"
                        : shown.apply(StreamSupport.stream(node.spliterator(), false)
                                .mapToLong(entry -> entry.path(number).asLong())
                                .reduce(0, fold)));
    }

    static String micros(long micros) {
        if (micros < 1_000) {
            return micros + " us";
        }
        return micros < 1_000_000
                ? String.format(Locale.ROOT, "%.1f ms", micros / 1e3)
                : String.format(Locale.ROOT, "%.1f s", micros / 1e6);
    }

    String cell(JsonNode row) {
        JsonNode node = row.path(field);
        return node.isMissingNode() || node.isNull() ? "-" : shown.apply(node);
    }

    private static String text(JsonNode node) {
        String text = node.isArray()
                ? StreamSupport.stream(node.spliterator(), false)
                        .map(JsonNode::asText)
                        .collect(Collectors.joining(","))
                : node.asText();
        return text.isEmpty() ? "-" : text;
    }

    private static String pairs(JsonNode node) {
        List<String> pairs = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            pairs.add(entry.getKey() + "=" + entry.getValue().asText());
        }
        return pairs.isEmpty() ? "-" : String.join(",", pairs);
    }

    static String bytes(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        return bytes < 1024 * 1024
                ? String.format(Locale.ROOT, "%.1f KiB", bytes / 1024.0)
                : String.format(Locale.ROOT, "%.1f MiB", bytes / (1024.0 * 1024.0));
    }
}
