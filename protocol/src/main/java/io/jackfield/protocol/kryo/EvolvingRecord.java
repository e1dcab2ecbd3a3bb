package io.jackfield.protocol.kryo;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A record to which components are added at the end, at one side first:
 *
 * <pre>
 * +-------+--------+-----------------------------+ ...
 * | u16 n | u32 b  | writeClassAndObject, b bytes|  n times
 * +-------+--------+-----------------------------+ ...
 * </pre>
 *
 * <p>Components that the reader does not know are skipped; those that the writer did not know are 0, false or null.
 */
final class EvolvingRecord extends Serializer<Record> {
    private static final int LENGTH_BYTES = 4;
    /** A length, and a null. */
    private static final int COMPONENT_BYTES_MIN = LENGTH_BYTES + 1;

    private static final Map<Class<?>, Object> ZEROES = Map.of(
            boolean.class,
            false,
            byte.class,
            (byte) 0,
            short.class,
            (short) 0,
            char.class,
            (char) 0,
            int.class,
            0,
            long.class,
            0L,
            float.class,
            0f,
            double.class,
            0d);

    private final RecordComponent[] components;
    private final Constructor<?> constructor;

    EvolvingRecord(Class<?> type) {
        super(false, true);
        this.components = type.getRecordComponents();
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            this.constructor = type.getDeclaredConstructor(types);
            this.constructor.setAccessible(true);
            for (RecordComponent component : components) {
                component.getAccessor().setAccessible(true);
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new IllegalArgumentException("record " + type.getName() + ": cannot be read back: " + e, e);
        }
    }

    @Override
    public void write(Kryo kryo, Output output, Record object) {
        output.writeByte(components.length >> 8);
        output.writeByte(components.length);
        for (RecordComponent component : components) {
            int lengthAt = output.position();
            output.writeBytes(new byte[LENGTH_BYTES]);
            kryo.writeClassAndObject(output, valueOf(component, object));
            writeLength(output, lengthAt, output.position() - lengthAt - LENGTH_BYTES);
        }
    }

    private static @Nullable Object valueOf(RecordComponent component, Record object) {
        try {
            return component.getAccessor().invoke(object);
        } catch (ReflectiveOperationException e) {
            throw new KryoException("component " + component.getName() + " cannot be read", e);
        }
    }

    private static void writeLength(Output output, int at, int length) {
        byte[] bytes = output.getBuffer();
        for (int i = 0; i < LENGTH_BYTES; i++) {
            bytes[at + i] = (byte) (length >>> (8 * (LENGTH_BYTES - 1 - i)));
        }
    }

    @Override
    public Record read(Kryo kryo, Input input, Class<? extends Record> type) {
        BoundedInput bounded = (BoundedInput) input;
        int count = bounded.claimElements(
                bounded.readByteUnsigned() << 8 | bounded.readByteUnsigned(), COMPONENT_BYTES_MIN);
        @Nullable Object[] values = new @Nullable Object[components.length];
        for (int i = 0; i < components.length; i++) {
            values[i] = ZEROES.get(components[i].getType());
        }
        for (int i = 0; i < count; i++) {
            int length = readLength(bounded);
            int end = bounded.position() + length;
            if (i < values.length) {
                values[i] = kryo.readClassAndObject(bounded);
                requireEnd(bounded, end, i);
            } else {
                bounded.setPosition(end);
            }
        }
        return make(values);
    }

    private static int readLength(BoundedInput input) {
        long length = 0;
        for (int i = 0; i < LENGTH_BYTES; i++) {
            length = length << 8 | input.readByteUnsigned();
        }
        if (length < 1 || length > input.remaining()) {
            throw new KryoException("a component of " + length + " bytes (expected: 1 to " + input.remaining() + ")");
        }
        return (int) length;
    }

    private static void requireEnd(BoundedInput input, int end, int component) {
        if (input.position() != end) {
            throw new KryoException(
                    "component " + component + " ends at byte " + input.position() + " (expected: " + end + ")");
        }
    }

    private Record make(@Nullable Object[] values) {
        try {
            return (Record) constructor.newInstance(values);
        } catch (ReflectiveOperationException | IllegalArgumentException | NullPointerException e) {
            throw new KryoException(constructor.getDeclaringClass().getName() + " cannot be made: " + e, e);
        }
    }
}
