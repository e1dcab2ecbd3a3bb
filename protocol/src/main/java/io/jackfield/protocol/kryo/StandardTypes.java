package io.jackfield.protocol.kryo;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.serializers.DefaultSerializers;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's classes that every body of objects may contain, with their numbers. Append-only: a test compares the bytes of
 * each with what they were when it was added.
 */
final class StandardTypes {
    /** Elements of a fixed set or map of the JDK's own class. */
    private static final int FIXED_MAX = 256;

    private StandardTypes() {}

    static void addTo(ObjectTypes types) {
        addArrays(types);
        addContainers(types);
        addFixedContainers(types);
        addValues(types);
    }

    private static void addArrays(ObjectTypes types) {
        plain(types, byte[].class, 21);
        plain(types, boolean[].class, 22);
        plain(types, char[].class, 23);
        plain(types, short[].class, 24);
        plain(types, int[].class, 25);
        plain(types, long[].class, 26);
        plain(types, float[].class, 27);
        plain(types, double[].class, 28);
        plain(types, String[].class, 29);
        plain(types, Object[].class, 30);
    }

    private static void addContainers(ObjectTypes types) {
        plain(types, ArrayList.class, 31);
        plain(types, ArrayDeque.class, 32);
        plain(types, HashSet.class, 34);
        plain(types, LinkedHashSet.class, 35);
        plain(types, TreeSet.class, 36);
        plain(types, HashMap.class, 37);
        plain(types, LinkedHashMap.class, 38);
        plain(types, TreeMap.class, 39);
    }

    /** The classes behind List.of and the like have no names of their own; what is read back equals what was written. */
    private static void addFixedContainers(ObjectTypes types) {
        collection(types, List.of(), 40, elements -> elements.stream().toList());
        collection(types, List.of(1), 41, elements -> List.of(elements.toArray()));
        collection(types, Set.of(), 42, StandardTypes::fixedSet);
        collection(types, Set.of(1), 43, StandardTypes::fixedSet);
        map(types, Map.of(), 44, StandardTypes::fixedMap);
        map(types, Map.of(1, 1), 45, StandardTypes::fixedMap);
        collection(types, Arrays.asList(1), 46, elements -> Arrays.asList(elements.toArray()));
        collection(types, Collections.emptyList(), 47, elements -> Collections.emptyList());
        collection(types, Collections.emptySet(), 48, elements -> Collections.emptySet());
        map(types, Collections.emptyMap(), 49, entries -> Collections.emptyMap());
        collection(types, Collections.unmodifiableList(new ArrayList<>()), 50, Collections::unmodifiableList);
        collection(
                types,
                Collections.unmodifiableSet(new HashSet<>()),
                51,
                elements -> Collections.unmodifiableSet(new LinkedHashSet<>(elements)));
        map(types, Collections.unmodifiableMap(new HashMap<>()), 52, Collections::unmodifiableMap);
    }

    /**
     * The JDK's own look for a key from place to place, whatever its class: it takes few bytes to make that the whole way each time. So a large
     * one only equals what was written.
     */
    private static Set<Object> fixedSet(List<@Nullable Object> elements) {
        if (elements.size() <= FIXED_MAX) {
            return Set.copyOf(elements);
        }
        Set<Object> set = new LinkedHashSet<>();
        for (Object element : elements) {
            set.add(Objects.requireNonNull(element, "an element"));
        }
        return Collections.unmodifiableSet(set);
    }

    private static Map<Object, Object> fixedMap(Map<@Nullable Object, @Nullable Object> entries) {
        if (entries.size() <= FIXED_MAX) {
            return Map.copyOf(entries);
        }
        Map<Object, Object> map = new LinkedHashMap<>();
        entries.forEach((key, value) ->
                map.put(Objects.requireNonNull(key, "a key"), Objects.requireNonNull(value, "a value")));
        return Collections.unmodifiableMap(map);
    }

    private static void addValues(ObjectTypes types) {
        plain(types, BigInteger.class, 60);
        plain(types, BigDecimal.class, 61);
        types.addStandard(UUID.class, 62, kryo -> new DefaultSerializers.UUIDSerializer());
        plain(types, Optional.class, 63);
        plain(types, BitSet.class, 64);
        plain(types, Instant.class, 65);
        plain(types, Duration.class, 66);
        plain(types, LocalDate.class, 67);
        plain(types, LocalTime.class, 68);
        plain(types, LocalDateTime.class, 69);
        plain(types, OffsetDateTime.class, 70);
        plain(types, ZonedDateTime.class, 71);
    }

    private static void plain(ObjectTypes types, Class<?> type, int id) {
        types.addStandard(type, id, ObjectTypes.serializerFor(type));
    }

    private static void collection(
            ObjectTypes types, Object example, int id, Function<List<@Nullable Object>, Collection<?>> maker) {
        Class<?> type = example.getClass();
        types.addStandard(type, id, kryo -> new Containers.OfCollection(type, maker));
    }

    private static void map(
            ObjectTypes types,
            Object example,
            int id,
            Function<Map<@Nullable Object, @Nullable Object>, Map<?, ?>> maker) {
        Function<Kryo, Serializer<?>> serializer = kryo -> new Containers.OfMap(maker);
        types.addStandard(example.getClass(), id, serializer);
    }
}
