package io.jackfield.broker.server.config;

import io.jackfield.host.config.ConfigNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * One mapping of the file, read key by key. Every problem is noted with file, line and what was expected, and reading goes on with the
 * default, so that a person sees all problems at once. Each key is asked for once; {@link #end} names those that nobody asked for.
 */
final class YamlMap {
    private final String file;
    private final int line;
    private final String path;
    private final List<String> problems;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final List<String> asked = new ArrayList<>();

    private record Entry(int line, Node value) {}

    private YamlMap(String file, int line, String path, List<String> problems) {
        this.file = file;
        this.line = line;
        this.path = path;
        this.problems = problems;
    }

    /** A mapping without entries: everything has its default. */
    static YamlMap empty(String file, List<String> problems) {
        return new YamlMap(file, 1, "", problems);
    }

    /** The top of the file. */
    static YamlMap of(String file, Node node, List<String> problems) {
        YamlMap top = new YamlMap(file, lineOf(node), "", problems);
        top.fill(node);
        return top;
    }

    /** All keys there are: for mappings whose keys are names. */
    List<String> keys() {
        return List.copyOf(entries.keySet());
    }

    String text(String key, String byDefault) {
        return scalar(key, "text", Optional::of).orElse(byDefault);
    }

    String choice(String key, String byDefault, List<String> choices) {
        String expected = "one of " + String.join(", ", choices);
        return scalar(key, expected, text -> choices.contains(text) ? Optional.of(text) : Optional.empty())
                .orElse(byDefault);
    }

    Optional<Boolean> flag(String key) {
        return scalar(key, "true or false", text -> switch (text) {
            case "true" -> Optional.of(true);
            case "false" -> Optional.of(false);
            default -> Optional.empty();
        });
    }

    int count(String key, int byDefault, int max) {
        return scalar(key, "a number from 1 to " + max, text -> between(number(text), 1, max)
                        .map(Math::toIntExact))
                .orElse(byDefault);
    }

    long bytes(String key, long byDefault, long max) {
        return bytes(key, byDefault, 1, max);
    }

    long bytes(String key, long byDefault, long min, long max) {
        String expected = Units.SIZE_FORM + ", from " + Units.sizeText(min) + " to " + Units.sizeText(max);
        return scalar(key, expected, text -> between(Units.bytes(text), min, max))
                .orElse(byDefault);
    }

    Optional<Long> millis(String key, long max) {
        String expected = Units.TIME_FORM + ", from 1ms to " + Units.timeText(max);
        return scalar(key, expected, text -> between(Units.millis(text), 1, max));
    }

    <T> Optional<T> scalar(String key, String expected, Function<String, Optional<T>> reading) {
        Entry entry = take(key);
        if (entry == null) {
            return Optional.empty();
        }
        if (!(entry.value instanceof ScalarNode scalar)) {
            problem(entry.line, key, kind(entry.value), expected);
            return Optional.empty();
        }
        Optional<T> value = reading.apply(scalar.getValue());
        if (value.isEmpty()) {
            problem(entry.line, key, scalar.getValue(), expected);
        }
        return value;
    }

    /** The mapping under the key; empty where there is none. */
    YamlMap map(String key) {
        Entry entry = take(key);
        YamlMap map = new YamlMap(file, entry == null ? line : entry.line, path + key + ".", problems);
        if (entry != null) {
            map.fill(entry.value);
        }
        return map;
    }

    /** The mappings in the list under the key; empty where there is no such key. */
    Optional<List<YamlMap>> maps(String key) {
        Entry entry = take(key);
        if (entry == null) {
            return Optional.empty();
        }
        if (!(entry.value instanceof SequenceNode list)) {
            problem(entry.line, key, kind(entry.value), "a list");
            return Optional.empty();
        }
        List<YamlMap> maps = new ArrayList<>();
        for (Node node : list.getValue()) {
            YamlMap map = new YamlMap(file, lineOf(node), path + key + "[" + maps.size() + "].", problems);
            map.fill(node);
            maps.add(map);
        }
        return Optional.of(maps);
    }

    /** Whatever stands under the key, to be read by somebody else. */
    Optional<ConfigNode> node(String key) {
        Entry entry = take(key);
        return entry == null ? Optional.empty() : Optional.of(node(entry.line, entry.value));
    }

    private ConfigNode node(int at, Node value) {
        String place = file + ":" + at;
        if (value instanceof ScalarNode scalar) {
            return ConfigNode.text(place, scalar.getValue());
        }
        if (value instanceof SequenceNode list) {
            return ConfigNode.list(
                    place,
                    list.getValue().stream()
                            .map(item -> node(lineOf(item), item))
                            .toList());
        }
        YamlMap map = new YamlMap(file, at, path, problems);
        map.fill(value);
        Map<String, ConfigNode> nodes = new LinkedHashMap<>();
        map.entries.forEach((name, entry) -> nodes.put(name, node(entry.line, entry.value)));
        return ConfigNode.map(place, nodes);
    }

    /** The texts in the list under the key; empty where there is no such key. */
    Optional<List<String>> texts(String key) {
        Entry entry = take(key);
        if (entry == null) {
            return Optional.empty();
        }
        if (!(entry.value instanceof SequenceNode list)) {
            problem(entry.line, key, kind(entry.value), "a list of texts");
            return Optional.empty();
        }
        List<String> texts = new ArrayList<>();
        for (Node node : list.getValue()) {
            if (node instanceof ScalarNode scalar) {
                texts.add(scalar.getValue());
            } else {
                problem(lineOf(node), key, kind(node), "a list of texts");
            }
        }
        return Optional.of(texts);
    }

    /** Notes a problem with the value of a key that was read before. */
    void wrong(String key, String given, String expected) {
        Entry entry = entries.get(key);
        problem(entry == null ? line : entry.line, key, given, expected);
    }

    /** Names every key that nobody asked for. */
    void end() {
        for (Map.Entry<String, Entry> entry : entries.entrySet()) {
            if (!asked.contains(entry.getKey())) {
                String known = asked.stream().sorted().collect(Collectors.joining(", "));
                note(entry.getValue().line, path + entry.getKey() + ": unknown key (expected: one of " + known + ")");
            }
        }
    }

    private void fill(Node node) {
        if (node instanceof ScalarNode scalar && scalar.getValue().isEmpty()) {
            return;
        }
        if (!(node instanceof MappingNode mapping)) {
            String place = path.isEmpty() ? "the file" : path.substring(0, path.length() - 1);
            note(lineOf(node), place + ": " + kind(node) + " (expected: keys and values)");
            return;
        }
        for (NodeTuple tuple : mapping.getValue()) {
            put(tuple);
        }
    }

    private void put(NodeTuple tuple) {
        int at = lineOf(tuple.getKeyNode());
        if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
            note(at, path + ": a key that is " + kind(tuple.getKeyNode()) + " (expected: text)");
            return;
        }
        Entry before = entries.putIfAbsent(key.getValue(), new Entry(at, tuple.getValueNode()));
        if (before != null) {
            note(at, path + key.getValue() + ": given twice (expected: once; first in line " + before.line + ")");
        }
    }

    private @org.jspecify.annotations.Nullable Entry take(String key) {
        asked.add(key);
        return entries.get(key);
    }

    private void problem(int at, String key, String given, String expected) {
        note(at, path + key + ": " + given + " (expected: " + expected + ")");
    }

    private void note(int at, String text) {
        problems.add(file + ":" + at + ": " + text);
    }

    private static OptionalLong number(String text) {
        return text.matches("[0-9]{1,18}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
    }

    private static Optional<Long> between(OptionalLong value, long min, long max) {
        return value.isPresent() && value.getAsLong() >= min && value.getAsLong() <= max
                ? Optional.of(value.getAsLong())
                : Optional.empty();
    }

    private static String kind(Node node) {
        return switch (node.getNodeType()) {
            case MAPPING -> "keys and values";
            case SEQUENCE -> "a list";
            default -> "a value";
        };
    }

    private static int lineOf(Node node) {
        return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
    }
}
