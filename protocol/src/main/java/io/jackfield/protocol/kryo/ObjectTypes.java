package io.jackfield.protocol.kryo;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.serializers.FieldSerializer;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The classes that bodies of objects may contain, each with a number that both ends agree on. Numbers are append-only, like
 * everything on the wire.
 *
 * <p>Known already: the primitives and String (0 to 8, by Kryo), and the JDK's values, arrays and containers of
 * {@link StandardTypes} (21 to 99). An author adds his own from {@value #ID_MIN} on. Filled by one thread, before the first
 * body is read.
 */
public final class ObjectTypes {
    /** The first number for an author's own classes. */
    public static final int ID_MIN = 100;
    /** The last number for an author's own classes. */
    public static final int ID_MAX = 65535;

    private final List<Entry> entries = new ArrayList<>();
    private final Set<Integer> ids = new HashSet<>();
    private final Set<Class<?>> types = new HashSet<>();

    ObjectTypes() {
        StandardTypes.addTo(this);
    }

    /**
     * Adds a record, an enum, a class with a constructor without arguments, an array or a container of the author's own.
     *
     * @param type the class
     * @param id 100 to 65535, the same at both ends for ever
     * @return this
     * @throws IllegalArgumentException when the id or the class is taken, or such a class cannot be read back
     */
    public ObjectTypes add(Class<?> type, int id) {
        Function<Kryo, Serializer<?>> serializer = serializerFor(type);
        return addOwn(type, id, serializer);
    }

    /**
     * Adds a class with a serializer of the author's own, which must ask {@link BoundedInput#claimElements} before it
     * allocates what bytes tell it to.
     *
     * @param type the class
     * @param id 100 to 65535, the same at both ends for ever
     * @param serializer makes one for each Kryo, for serializers need not be safe for threads
     * @return this
     * @throws IllegalArgumentException when the id or the class is taken
     */
    public ObjectTypes add(Class<?> type, int id, Function<Kryo, Serializer<?>> serializer) {
        return addOwn(type, id, serializer);
    }

    /**
     * Adds a record whose components may grow in number: new ones come at the end, and the two ends need not learn of them at
     * the same time. One that the reader does not know is skipped; one that the writer did not know is 0, false or null. On the
     * wire it is not what {@link #add(Class, int)} writes, so a class is added one way or the other for ever.
     *
     * @param type the record
     * @param id 100 to 65535, the same at both ends for ever
     * @return this
     * @throws IllegalArgumentException when the id or the class is taken, or it is no record
     */
    public ObjectTypes addEvolving(Class<? extends Record> type, int id) {
        EvolvingRecord serializer = new EvolvingRecord(type);
        return addOwn(type, id, kryo -> serializer);
    }

    void addStandard(Class<?> type, int id, Function<Kryo, Serializer<?>> serializer) {
        if (!ids.add(id) || !types.add(type)) {
            throw new IllegalArgumentException(
                    "id " + id + " and class " + type.getName() + ": taken (expected: each once)");
        }
        entries.add(new Entry(type, id, serializer));
    }

    void registerWith(Kryo kryo) {
        for (Entry entry : entries) {
            kryo.register(entry.type, entry.serializer.apply(kryo), entry.id);
        }
    }

    static Function<Kryo, Serializer<?>> serializerFor(Class<?> type) {
        if (type == boolean[].class) {
            return kryo -> new Containers.OfBooleans();
        }
        if (type.isArray() && !type.getComponentType().isPrimitive()) {
            return kryo -> new Containers.OfArray(type.getComponentType());
        }
        if (Collection.class.isAssignableFrom(type)) {
            requireConstructor(type);
            return kryo -> new Containers.OfCollection(type, elements -> collection(kryo, type, elements));
        }
        if (Map.class.isAssignableFrom(type)) {
            requireConstructor(type);
            return kryo -> new Containers.OfMap(read -> map(kryo, type, read));
        }
        if (type.getName().startsWith("java.")) {
            return kryo -> serializerOfJdkClass(kryo, type);
        }
        if (!type.isRecord() && !type.isEnum() && !type.isArray()) {
            requireConstructor(type);
        }
        return kryo -> kryo.getDefaultSerializer(type);
    }

    /** The fields of the JDK's classes are closed to reflection, and another JDK may have others. */
    private static Serializer<?> serializerOfJdkClass(Kryo kryo, Class<?> type) {
        Serializer<?> serializer = kryo.getDefaultSerializer(type);
        if (serializer instanceof FieldSerializer) {
            throw new KryoException("class " + type.getName() + ": Kryo has no serializer for it");
        }
        return serializer;
    }

    private ObjectTypes addOwn(Class<?> type, int id, Function<Kryo, Serializer<?>> serializer) {
        if (id < ID_MIN || id > ID_MAX) {
            throw new IllegalArgumentException(
                    "id of class " + type.getName() + ": " + id + " (expected: " + ID_MIN + " to " + ID_MAX + ")");
        }
        addStandard(type, id, serializer);
        return this;
    }

    private static void requireConstructor(Class<?> type) {
        boolean concrete = !type.isInterface() && !Modifier.isAbstract(type.getModifiers());
        boolean constructor =
                Arrays.stream(type.getDeclaredConstructors()).anyMatch(each -> each.getParameterCount() == 0);
        if (!concrete || !constructor) {
            throw new IllegalArgumentException("class " + type.getName() + ": cannot be read back (expected: a record, "
                    + "an enum, an array, or a class with a constructor without arguments)");
        }
    }

    @SuppressWarnings("unchecked") // the class is a Collection: serializerFor has looked
    private static Collection<?> collection(Kryo kryo, Class<?> type, List<@Nullable Object> elements) {
        Collection<@Nullable Object> collection = (Collection<@Nullable Object>) kryo.newInstance(type);
        collection.addAll(elements);
        return collection;
    }

    @SuppressWarnings("unchecked") // the class is a Map: serializerFor has looked
    private static Map<?, ?> map(Kryo kryo, Class<?> type, Map<@Nullable Object, @Nullable Object> entries) {
        Map<@Nullable Object, @Nullable Object> map = (Map<@Nullable Object, @Nullable Object>) kryo.newInstance(type);
        map.putAll(entries);
        return map;
    }

    private record Entry(Class<?> type, int id, Function<Kryo, Serializer<?>> serializer) {}
}
