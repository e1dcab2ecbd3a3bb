package io.jackfield.host.codec;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.type.TypeFactory;
import io.jackfield.api.HandlerException;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.ProtocolException;
import io.jackfield.protocol.kryo.ObjectBodies;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Kryo bodies of one generation's classes: those that its handlers' types lead to, and the JDK's. Safe for any thread: the
 * classes are only ever added to, by whoever finds one first.
 */
final class KryoBodies {

    private static final int BYTES_MAX = 1 << 30;

    private final TypeFactory types;
    private final TypeCheck check;
    // Each request asks: the walk through a type's fields is made once for each type.
    private final Set<JavaType> added = ConcurrentHashMap.newKeySet();
    private final AtomicReference<Known> known =
            new AtomicReference<>(new Known(KryoClasses.NONE, new ObjectBodies(BYTES_MAX, any -> {})));

    private record Known(KryoClasses classes, ObjectBodies bodies) {}

    KryoBodies(TypeFactory types) {
        this.types = types;
        this.check = new TypeCheck(types);
    }

    /**
     * Lets bodies contain what the type leads to.
     *
     * @throws IllegalArgumentException a class of it cannot be registered
     */
    void add(JavaType type) {
        if (added.contains(type)) {
            return;
        }
        Known before;
        KryoClasses after;
        do {
            before = known();
            after = before.classes.with(type, types);
        } while (!before.classes.hasAllOf(after)
                && !known.compareAndSet(before, new Known(after, new ObjectBodies(BYTES_MAX, after::register))));
        added.add(type);
    }

    Object read(ByteBuffer body, JavaType type) {
        requireNumbered(type);
        Object value;
        try {
            value = known().bodies.decode(body);
        } catch (ProtocolException e) {
            throw refused(e);
        }
        if (value == null) {
            throw HandlerException.badRequest(
                    JsonComplaint.BODY + ": expected " + type.getRawClass().getSimpleName() + ", found null",
                    "send an object");
        }
        check.check(value, type, "");
        return value;
    }

    ByteBuffer write(@Nullable Object value) {
        return known().bodies.encode(value);
    }

    private Known known() {
        return Objects.requireNonNull(known.get());
    }

    private void requireNumbered(JavaType type) {
        if (known().classes.withoutNumber().contains(type.getRawClass())) {
            String names = known().classes.withoutNumber().stream()
                    .map(Class::getSimpleName)
                    .collect(Collectors.joining(", "));
            throw new HandlerException(
                    "UNSUPPORTED_BODY",
                    "the service reads no Kryo: its classes have no @KryoId: " + Words.cut(names),
                    "send JSON with content-type " + ContentTypes.JSON);
        }
    }

    private static HandlerException refused(ProtocolException e) {
        String code = e.code() == ErrorCode.TOO_LARGE ? "TOO_LARGE" : "BAD_REQUEST";
        HandlerException refusal = new HandlerException(
                code, JsonComplaint.BODY + ": " + e.message(), "register the same classes under the same numbers");
        refusal.initCause(e);
        return refusal;
    }
}
