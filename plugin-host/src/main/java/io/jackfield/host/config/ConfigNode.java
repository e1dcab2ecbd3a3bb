package io.jackfield.host.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A value of a configuration file and where it stands, whatever the file's format. Immutable.
 *
 * @param place for people: file and line
 * @param value a {@code String}, a {@code List<ConfigNode>} or a {@code Map<String, ConfigNode>}
 */
public record ConfigNode(String place, Object value) {

    /** One value. */
    public static ConfigNode text(String place, String text) {
        return new ConfigNode(place, text);
    }

    /** Values in their order. */
    public static ConfigNode list(String place, List<ConfigNode> items) {
        return new ConfigNode(place, List.copyOf(items));
    }

    /** Nothing is said, at that place. */
    public static ConfigNode empty(String place) {
        return map(place, Map.of());
    }

    /** Values by key, in their order. */
    public static ConfigNode map(String place, Map<String, ConfigNode> entries) {
        return new ConfigNode(place, Collections.unmodifiableMap(new LinkedHashMap<>(entries)));
    }

    Optional<String> text() {
        return value instanceof String text ? Optional.of(text) : Optional.empty();
    }

    @SuppressWarnings("unchecked") // list() and map() are the only makers
    Optional<List<ConfigNode>> items() {
        return value instanceof List<?> list ? Optional.of((List<ConfigNode>) list) : Optional.empty();
    }

    @SuppressWarnings("unchecked")
    Optional<Map<String, ConfigNode>> entries() {
        return value instanceof Map<?, ?> map ? Optional.of((Map<String, ConfigNode>) map) : Optional.empty();
    }

    /** What this is, for people. */
    String kind() {
        return text().orElse(items().isPresent() ? "a list" : "keys and values");
    }

    /** All texts below this, by their path. */
    Map<String, String> flat() {
        Map<String, String> flat = new LinkedHashMap<>();
        flatten("", flat);
        return flat;
    }

    private void flatten(String path, Map<String, String> into) {
        text().ifPresent(text -> into.put(path, text));
        entries().orElse(Map.of()).forEach((key, node) -> node.flatten(dotted(path, key), into));
        List<ConfigNode> list = new ArrayList<>(items().orElse(List.of()));
        for (int i = 0; i < list.size(); i++) {
            list.get(i).flatten(dotted(path, String.valueOf(i)), into);
        }
    }

    private static String dotted(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
