package io.jackfield.protocol.kryo;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Serializers of arrays, collections and maps: a varint number of elements, then each with its class. Kryo's own allocate
 * what a hostile number says; these ask the {@link BoundedInput} first.
 */
final class Containers {
    /** The class id. */
    private static final int ELEMENT_BYTES_MIN = 1;
    /** The class ids of key and value. */
    private static final int ENTRY_BYTES_MIN = 2;

    private Containers() {}

    /** Kryo's own serializer of this one array allocates by itself, past any guard of the input. */
    static final class OfBooleans extends Serializer<boolean[]> {
        @Override
        public void write(Kryo kryo, Output output, boolean[] array) {
            output.writeVarInt(array.length, true);
            output.writeBooleans(array, 0, array.length);
        }

        @Override
        public boolean[] read(Kryo kryo, Input input, Class<? extends boolean[]> type) {
            return input.readBooleans(input.readVarInt(true));
        }
    }

    /** An array of objects. */
    static final class OfArray extends Serializer<Object[]> {
        private final Class<?> component;

        OfArray(Class<?> component) {
            this.component = component;
        }

        @Override
        public void write(Kryo kryo, Output output, Object[] array) {
            writeCount(output, array.length);
            for (Object element : array) {
                kryo.writeClassAndObject(output, element);
            }
        }

        @Override
        public Object[] read(Kryo kryo, Input input, Class<? extends Object[]> type) {
            Object[] array = (Object[]) Array.newInstance(component, readCount(input, ELEMENT_BYTES_MIN));
            for (int i = 0; i < array.length; i++) {
                array[i] = kryo.readClassAndObject(input);
            }
            return array;
        }
    }

    /** A collection, put together from the list of its elements. */
    static final class OfCollection extends Serializer<Collection<?>> {
        private final boolean hashes;
        private final Function<List<@Nullable Object>, Collection<?>> maker;

        /** Of a class of collections: a set hashes its elements, or compares them. */
        OfCollection(Class<?> type, Function<List<@Nullable Object>, Collection<?>> maker) {
            this.hashes = Set.class.isAssignableFrom(type);
            this.maker = maker;
        }

        @Override
        public void write(Kryo kryo, Output output, Collection<?> collection) {
            refuseComparator(comparatorOf(collection));
            writeCount(output, collection.size());
            for (Object element : collection) {
                kryo.writeClassAndObject(output, element);
            }
        }

        @Override
        public Collection<?> read(Kryo kryo, Input input, Class<? extends Collection<?>> type) {
            int count = readCount(input, ELEMENT_BYTES_MIN);
            if (hashes) {
                HashedKeys keys = new HashedKeys((BoundedInput) input, count);
                for (int i = 0; i < count; i++) {
                    keys.readNext(kryo);
                }
                return maker.apply(keys.checked());
            }
            List<@Nullable Object> elements = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                elements.add(kryo.readClassAndObject(input));
            }
            return maker.apply(elements);
        }
    }

    /** A map, put together from its entries in their order. */
    static final class OfMap extends Serializer<Map<?, ?>> {
        private final Function<Map<@Nullable Object, @Nullable Object>, Map<?, ?>> maker;

        OfMap(Function<Map<@Nullable Object, @Nullable Object>, Map<?, ?>> maker) {
            this.maker = maker;
        }

        @Override
        public void write(Kryo kryo, Output output, Map<?, ?> map) {
            refuseComparator(map instanceof SortedMap<?, ?> sorted ? sorted.comparator() : null);
            writeCount(output, map.size());
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                kryo.writeClassAndObject(output, entry.getKey());
                kryo.writeClassAndObject(output, entry.getValue());
            }
        }

        @Override
        public Map<?, ?> read(Kryo kryo, Input input, Class<? extends Map<?, ?>> type) {
            int count = readCount(input, ENTRY_BYTES_MIN);
            HashedKeys keys = new HashedKeys((BoundedInput) input, count);
            List<@Nullable Object> values = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                keys.readNext(kryo);
                values.add(kryo.readClassAndObject(input));
            }
            Map<@Nullable Object, @Nullable Object> entries = new LinkedHashMap<>();
            Iterator<@Nullable Object> value = values.iterator();
            for (Object key : keys.checked()) {
                entries.put(key, value.next());
            }
            return maker.apply(entries);
        }
    }

    private static void writeCount(Output output, int count) {
        if (output instanceof BoundedOutput bounded) {
            bounded.claimElements(count);
        }
        output.writeVarInt(count, true);
    }

    private static int readCount(Input input, int bytesEach) {
        if (!(input instanceof BoundedInput bounded)) {
            throw new KryoException("input: " + input.getClass().getName() + " (expected: BoundedInput)");
        }
        return bounded.claimElements(bounded.readVarInt(true), bytesEach);
    }

    private static @Nullable Comparator<?> comparatorOf(Collection<?> collection) {
        if (collection instanceof SortedSet<?> sorted) {
            return sorted.comparator();
        }
        return collection instanceof PriorityQueue<?> queue ? queue.comparator() : null;
    }

    /** An order of the author's own would be lost without a word. */
    private static void refuseComparator(@Nullable Comparator<?> comparator) {
        if (comparator != null) {
            throw new KryoException("comparator: " + comparator.getClass().getName() + " (expected: natural order)");
        }
    }
}
