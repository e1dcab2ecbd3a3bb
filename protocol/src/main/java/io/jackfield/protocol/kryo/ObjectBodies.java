package io.jackfield.protocol.kryo;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.util.Pool;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Bodies that are objects (flag OBJECT, PROTOCOL.md section 4.5): what {@code Kryo.writeClassAndObject} writes, with
 * registered classes only, no references, and limits on everything that bytes can ask for.
 *
 * <p>Safe for any number of threads: a Kryo is not, so each call borrows one. Objects of the author's classes are made by
 * their own constructors, which should check what they are given.
 */
public final class ObjectBodies {
    /** Objects within objects, the outermost included. */
    public static final int DEPTH_MAX = 64;

    private static final String CONTAINS = "an object of registered classes";

    private final ObjectTypes types = new ObjectTypes();
    private final int bytesMax;
    private final Pool<Kryo> pool;

    /**
     * Bodies with the JDK's classes and an author's own.
     *
     * @param bytesMax largest body to write or read, in bytes
     * @param registration adds the author's classes; called once, in this constructor
     * @throws IllegalArgumentException when a class cannot be registered
     */
    public ObjectBodies(int bytesMax, Consumer<ObjectTypes> registration) {
        this.bytesMax = bytesMax;
        registration.accept(types);
        // Softly held Kryos would come and go with memory pressure; a pool never holds more than were in use at a time.
        pool = new Pool<>(true, false) {
            @Override
            protected Kryo create() {
                return newKryo();
            }
        };
        pool.free(firstKryo());
    }

    /**
     * Writes an object.
     *
     * @param object to write, or null
     * @return the body, a buffer of the caller's own
     * @throws IllegalArgumentException when a class in it is not registered, it refers to itself, or is too large
     */
    public ByteBuffer encode(@Nullable Object object) {
        Kryo kryo = pool.obtain();
        BoundedOutput output = new BoundedOutput(bytesMax);
        try {
            kryo.writeClassAndObject(output, object);
        } catch (RuntimeException e) {
            pool.free(kryo);
            throw new IllegalArgumentException(
                    firstLine(e) + " (expected: " + CONTAINS + ", depth at most " + DEPTH_MAX + ", at most " + bytesMax
                            + " bytes)",
                    e);
        }
        pool.free(kryo);
        return ByteBuffer.wrap(output.getBuffer(), 0, output.position()).slice();
    }

    /**
     * Reads an object that must be of one type.
     *
     * @param body all of it; its position stays
     * @param type that the object must have
     * @param <T> that type
     * @return the object, which shares nothing with the body
     * @throws ProtocolException {@code BAD_MESSAGE}, or {@code TOO_LARGE}
     */
    public <T> T decode(ByteBuffer body, Class<T> type) throws ProtocolException {
        Object object = decode(body);
        if (!type.isInstance(object)) {
            String given = object == null ? "null" : object.getClass().getName();
            throw new ProtocolException(
                    ErrorCode.BAD_MESSAGE, "object: " + given + " (expected: " + type.getName() + ")");
        }
        return type.cast(object);
    }

    /**
     * Reads an object.
     *
     * @param body all of it; its position stays
     * @return the object, which shares nothing with the body, or null if that is what was written
     * @throws ProtocolException {@code BAD_MESSAGE}, or {@code TOO_LARGE}
     */
    public @Nullable Object decode(ByteBuffer body) throws ProtocolException {
        if (body.remaining() > bytesMax) {
            throw new ProtocolException(
                    ErrorCode.TOO_LARGE, "object: " + body.remaining() + " bytes (expected: at most " + bytesMax + ")");
        }
        BoundedInput input = BoundedInput.over(body);
        Kryo kryo = pool.obtain();
        Object object;
        try {
            object = kryo.readClassAndObject(input);
        } catch (RuntimeException e) {
            // Hostile bytes make Kryo, the JDK and constructors throw nearly anything. The Kryo has reset itself; were
            // it
            // thrown away, ten bad bytes would cost the half megabyte of a new one.
            pool.free(kryo);
            throw new ProtocolException(
                    ErrorCode.BAD_MESSAGE, "object: " + firstLine(e) + " (expected: " + CONTAINS + ")", e);
        }
        pool.free(kryo);
        if (input.remaining() > 0) {
            throw new ProtocolException(
                    ErrorCode.BAD_MESSAGE,
                    "after the object: " + input.remaining() + " bytes (expected: the end of the body)");
        }
        return object;
    }

    private Kryo firstKryo() {
        try {
            return newKryo();
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(firstLine(e) + " (expected: " + CONTAINS + ")", e);
        }
    }

    private Kryo newKryo() {
        Kryo kryo = new Kryo(new NumberedClassResolver(), null);
        kryo.setRegistrationRequired(true);
        kryo.setReferences(false);
        // The only state that would survive an exception: a stack of type variables, for which we have no use.
        kryo.setOptimizedGenerics(false);
        kryo.setMaxDepth(DEPTH_MAX);
        types.registerWith(kryo);
        return kryo;
    }

    /** Kryo appends a trace of fields, line by line. */
    private static String firstLine(RuntimeException e) {
        String message = e.getMessage() == null ? e.getClass().getName() : e.getMessage();
        return message.lines().findFirst().orElse(e.getClass().getName());
    }
}
