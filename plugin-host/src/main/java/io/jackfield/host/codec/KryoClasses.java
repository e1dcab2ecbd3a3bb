package io.jackfield.host.codec;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.type.TypeFactory;
import io.jackfield.api.KryoId;
import io.jackfield.protocol.kryo.ObjectTypes;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The author's classes that a type leads to, by its fields and type arguments: those that Kryo may make. Immutable. */
final class KryoClasses {

    static final KryoClasses NONE = new KryoClasses(Map.of(), Set.of());

    private final Map<Integer, Class<?>> numbered;
    private final Set<Class<?>> withoutNumber;

    private KryoClasses(Map<Integer, Class<?>> numbered, Set<Class<?>> withoutNumber) {
        this.numbered = numbered;
        this.withoutNumber = withoutNumber;
    }

    /** Classes of the author's that have no {@link KryoId}: where one of them is needed, only JSON is spoken. */
    Set<Class<?>> withoutNumber() {
        return withoutNumber;
    }

    void register(ObjectTypes types) {
        numbered.forEach((id, type) -> types.add(type, id));
    }

    /**
     * These and those that the type leads to.
     *
     * @throws IllegalArgumentException two of them have the same number
     */
    KryoClasses with(JavaType type, TypeFactory types) {
        Walk walk = new Walk(types);
        walk.numbered.putAll(numbered);
        walk.withoutNumber.addAll(withoutNumber);
        walk.visit(type);
        return new KryoClasses(walk.numbered, walk.withoutNumber);
    }

    boolean hasAllOf(KryoClasses other) {
        return numbered.values().containsAll(other.numbered.values()) && withoutNumber.containsAll(other.withoutNumber);
    }

    /** A class by name would let two generations' Kryo disagree, so the number comes first. */
    private static final class Walk {
        private final TypeFactory types;
        private final Map<Integer, Class<?>> numbered = new TreeMap<>();
        private final Set<Class<?>> withoutNumber = new LinkedHashSet<>();
        private final Map<JavaType, Boolean> visited = new LinkedHashMap<>();

        Walk(TypeFactory types) {
            this.types = types;
        }

        void visit(JavaType type) {
            if (visited.putIfAbsent(type, true) != null) {
                return;
            }
            for (int i = 0; i < type.containedTypeCount(); i++) {
                visit(type.containedType(i));
            }
            if (type.getContentType() != null) {
                visit(type.getContentType());
            }
            Class<?> raw = type.getRawClass();
            if (!raw.isPrimitive() && !raw.isArray() && !raw.getName().startsWith("java.")) {
                visitOwn(type, raw);
            }
        }

        private void visitOwn(JavaType type, Class<?> raw) {
            KryoId id = raw.getAnnotation(KryoId.class);
            boolean concrete = !raw.isInterface() && !Modifier.isAbstract(raw.getModifiers());
            if (id != null) {
                add(id.value(), raw);
            } else if (concrete || raw.isEnum()) {
                withoutNumber.add(raw);
            }
            if (raw.isSealed()) {
                for (Class<?> permitted : raw.getPermittedSubclasses()) {
                    visit(types.constructType(permitted));
                }
            }
            if (!raw.isEnum()) {
                visitFields(type, raw);
            }
        }

        private void visitFields(JavaType type, Class<?> raw) {
            for (Field field : raw.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && !Modifier.isTransient(field.getModifiers())) {
                    visit(types.resolveMemberType(field.getGenericType(), type.getBindings()));
                }
            }
            if (type.getSuperClass() != null) {
                visit(type.getSuperClass());
            }
        }

        private void add(int id, Class<?> type) {
            Class<?> other = numbered.putIfAbsent(id, type);
            if (other != null && other != type) {
                throw new IllegalArgumentException("@KryoId(" + id + ") of " + type.getName() + ": taken by "
                        + other.getName() + " (expected: a number of its own)");
            }
        }
    }
}
