package io.jackfield.host.config;

import io.jackfield.api.Setting;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes an author's record of what the file says, and collects every problem on the way. Used once, by one thread. */
final class RecordBinder {

    private static final int DEPTH_MAX = 16;

    private final List<String> problems = new ArrayList<>();

    private RecordBinder() {}

    /**
     * Binds.
     *
     * @param path of the node in the file, for messages
     * @throws ConfigRefusedException with all that is wrong
     * @throws IllegalArgumentException the record itself cannot be bound to: its author's error
     */
    static Object bind(ConfigNode node, String path, Class<?> type) throws ConfigRefusedException {
        if (!type.isRecord()) {
            throw new IllegalArgumentException(type.getName() + " is no record");
        }
        RecordBinder binder = new RecordBinder();
        Optional<Object> bound = binder.record(node, path, type, 0);
        if (bound.isEmpty() || !binder.problems.isEmpty()) {
            throw new ConfigRefusedException(binder.problems);
        }
        return bound.get();
    }

    private Optional<Object> record(ConfigNode node, String path, Class<?> type, int depth) {
        Optional<Map<String, ConfigNode>> entries = entries(node, path);
        if (entries.isEmpty() || depth > DEPTH_MAX) {
            return Optional.empty();
        }
        RecordComponent[] components = type.getRecordComponents();
        nameUnknownKeys(entries.get(), path, components);
        Object[] values = new Object[components.length];
        boolean whole = true;
        for (int i = 0; i < components.length; i++) {
            String key = key(components[i].getName());
            Optional<Object> value = component(
                    Optional.ofNullable(entries.get().get(key)), node, path + "." + key, components[i], depth);
            whole &= value.isPresent();
            values[i] = value.orElse(null);
        }
        return whole ? construct(type, values, node, path) : Optional.empty();
    }

    private Optional<Map<String, ConfigNode>> entries(ConfigNode node, String path) {
        if (node.text().filter(String::isEmpty).isPresent()) {
            return Optional.of(Map.of());
        }
        if (node.entries().isEmpty()) {
            problem(node, path, node.kind(), "keys and values");
        }
        return node.entries();
    }

    private void nameUnknownKeys(Map<String, ConfigNode> entries, String path, RecordComponent[] components) {
        List<String> known = Arrays.stream(components)
                .map(component -> key(component.getName()))
                .toList();
        entries.forEach((key, node) -> {
            if (!known.contains(key)) {
                problem(node, path + "." + key, "unknown key", "one of " + String.join(", ", known));
            }
        });
    }

    private Optional<Object> component(
            Optional<ConfigNode> given, ConfigNode parent, String path, RecordComponent component, int depth) {
        Setting setting = component.getAnnotation(Setting.class);
        Type type = component.getGenericType();
        if (given.isPresent()) {
            return value(given.get(), path, type, setting, depth);
        }
        if (setting != null && !setting.value().isEmpty()) {
            return value(ConfigNode.text("@Setting of " + component, setting.value()), path, type, setting, depth);
        }
        Class<?> raw = raw(type);
        if (raw.isRecord()) {
            // Whether its own components have defaults is its own affair.
            return record(ConfigNode.empty(parent.place()), path, raw, depth + 1);
        }
        if (raw == Optional.class || raw == List.class || raw == Map.class) {
            return Optional.of(raw == Optional.class ? Optional.empty() : raw == List.class ? List.of() : Map.of());
        }
        problem(parent, path, "missing", expected(type, setting));
        return Optional.empty();
    }

    private Optional<Object> value(ConfigNode node, String path, Type type, @Nullable Setting setting, int depth) {
        Class<?> raw = raw(type);
        if (raw.isRecord()) {
            return record(node, path, raw, depth + 1);
        }
        if (raw == Optional.class) {
            return value(node, path, argument(type, 0), setting, depth).map(Optional::of);
        }
        if (raw == List.class) {
            return list(node, path, argument(type, 0), setting, depth);
        }
        if (raw == Map.class && argument(type, 0) == String.class) {
            return map(node, path, argument(type, 1), setting, depth);
        }
        if (!ScalarReader.reads(raw)) {
            throw new IllegalArgumentException(
                    path + ": configuration cannot be bound to " + type.getTypeName() + " (expected: text, a number,"
                            + " true or false, an enum, Duration, a record, or a List, Map<String, ?> or Optional of these)");
        }
        Optional<Object> value = node.text().flatMap(text -> ScalarReader.read(text, raw, setting));
        if (value.isEmpty()) {
            problem(node, path, node.kind(), expected(type, setting));
        }
        return value;
    }

    private Optional<Object> list(ConfigNode node, String path, Type type, @Nullable Setting setting, int depth) {
        if (node.items().isEmpty()) {
            problem(node, path, node.kind(), "a list");
            return Optional.empty();
        }
        List<Object> values = new ArrayList<>();
        int index = 0;
        for (ConfigNode item : node.items().get()) {
            value(item, path + "[" + index++ + "]", type, setting, depth + 1).ifPresent(values::add);
        }
        return Optional.of(List.copyOf(values));
    }

    private Optional<Object> map(ConfigNode node, String path, Type type, @Nullable Setting setting, int depth) {
        Map<String, Object> values = new LinkedHashMap<>();
        entries(node, path).orElse(Map.of()).forEach((key, one) -> value(
                        one, path + "." + key, type, setting, depth + 1)
                .ifPresent(value -> values.put(key, value)));
        return Optional.of(Collections.unmodifiableMap(values));
    }

    private Optional<Object> construct(Class<?> type, Object[] values, ConfigNode node, String path) {
        Class<?>[] parameters = Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getType)
                .toArray(Class<?>[]::new);
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(parameters);
            constructor.setAccessible(true);
            return Optional.of(constructor.newInstance(values));
        } catch (InvocationTargetException e) {
            // The author's own rule; by custom its message names the component and what was expected.
            problems.add(node.place() + ": " + path + ": " + message(e.getTargetException()));
            return Optional.empty();
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(type.getName() + " cannot be made: " + e, e);
        }
    }

    private static String message(Throwable thrown) {
        String message = thrown.getMessage();
        return message == null ? thrown.getClass().getName() : message.lines().collect(Collectors.joining(" "));
    }

    private void problem(ConfigNode node, String path, String given, String expected) {
        problems.add(node.place() + ": " + path + ": " + given + " (expected: " + expected + ")");
    }

    private static String expected(Type type, @Nullable Setting setting) {
        return ScalarReader.expected(raw(type), setting);
    }

    private static Class<?> raw(Type type) {
        if (type instanceof ParameterizedType parameterized) {
            return raw(parameterized.getRawType());
        }
        return type instanceof Class<?> raw ? raw : Object.class;
    }

    private static Type argument(Type type, int index) {
        return type instanceof ParameterizedType parameterized
                ? parameterized.getActualTypeArguments()[index]
                : Object.class;
    }

    /** The author's maxRetries is max-retries in the file, like every key there. */
    static String key(String component) {
        return component.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
    }
}
