package io.jackfield.host.codec;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.type.TypeFactory;
import io.jackfield.api.HandlerException;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether an object that Kryo made is what a type says, type arguments included: Kryo puts whatever the bytes name into a
 * list, and the handler would find out by a ClassCastException in the middle of its work.
 */
final class TypeCheck {

    private final TypeFactory types;

    TypeCheck(TypeFactory types) {
        this.types = types;
    }

    /** The depth is Kryo's own, at most 64. */
    void check(@Nullable Object value, JavaType type, String path) {
        if (value == null) {
            return;
        }
        if (!boxed(type).isInstance(value)) {
            throw HandlerException.badRequest(
                    (path.isEmpty() ? JsonComplaint.BODY : path) + ": expected "
                            + type.getRawClass().getSimpleName() + ", found "
                            + value.getClass().getSimpleName(),
                    "change the request to what the service expects");
        }
        JavaType content = type.getContentType();
        if (value instanceof Collection<?> collection && content != null) {
            int index = 0;
            for (Object element : collection) {
                check(element, content, path + "[" + index++ + "]");
            }
        } else if (value instanceof Map<?, ?> map && content != null) {
            map.forEach((key, one) -> {
                check(key, type.getKeyType(), dotted(path, "key"));
                check(one, content, dotted(path, Words.cut(String.valueOf(key))));
            });
        } else if (value instanceof Optional<?> optional && content != null) {
            check(optional.orElse(null), content, path);
        } else if (value.getClass().isRecord()) {
            checkComponents(
                    value, value.getClass() == type.getRawClass() ? type : types.constructType(value.getClass()), path);
        }
    }

    private void checkComponents(Object value, JavaType type, String path) {
        for (RecordComponent component : value.getClass().getRecordComponents()) {
            JavaType declared = types.resolveMemberType(component.getGenericType(), type.getBindings());
            if (declared.isContainerType() || declared.isReferenceType() || isOwn(declared)) {
                check(component(value, component), declared, dotted(path, component.getName()));
            }
        }
    }

    private static boolean isOwn(JavaType type) {
        return !type.isPrimitive() && !type.getRawClass().getName().startsWith("java.");
    }

    private static @Nullable Object component(Object value, RecordComponent component) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(value);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("component " + component.getName() + " cannot be read", e);
        }
    }

    private static Class<?> boxed(JavaType type) {
        return type.isPrimitive()
                ? java.lang.invoke.MethodType.methodType(type.getRawClass())
                        .wrap()
                        .returnType()
                : type.getRawClass();
    }

    private static String dotted(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }
}
