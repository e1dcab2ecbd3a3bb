package io.jackfield.host.codec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.databind.type.TypeFactory;
import com.fasterxml.jackson.databind.util.LRUMap;
import com.fasterxml.jackson.databind.util.LookupCache;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.jackfield.protocol.kryo.ObjectBodies;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * JSON of one generation's classes. Jackson caches what it knows of classes, so each generation has a mapper of its own,
 * which goes with it. Safe for any thread.
 */
final class JsonBodies {

    /** Of braces, names, values: a million numbers are twenty times as large in memory as in the body. */
    private static final long TOKENS_MAX = 4L << 20;

    private static final int NUMBER_DIGITS_MAX = 1000;
    private static final int CACHED_TYPES_MAX = 500;

    private final JsonMapper mapper;

    JsonBodies(ClassLoader loader) {
        JsonFactory factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(ObjectBodies.DEPTH_MAX)
                        .maxNumberLength(NUMBER_DIGITS_MAX)
                        .maxStringLength(Integer.MAX_VALUE)
                        .maxTokenCount(TOKENS_MAX)
                        .build())
                .streamWriteConstraints(StreamWriteConstraints.builder()
                        .maxNestingDepth(ObjectBodies.DEPTH_MAX)
                        .build())
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();
        // The default factory of types is static, and its cache remembers every class that it has seen.
        LookupCache<Object, JavaType> cache = new LRUMap<>(16, CACHED_TYPES_MAX);
        JsonMapper.Builder builder = JsonMapper.builder(factory)
                // First: the modules add to the factory.
                .typeFactory(TypeFactory.defaultInstance().withCache(cache).withClassLoader(loader))
                .addModule(new Jdk8Module())
                .addModule(new JavaTimeModule());
        beStrict(builder);
        mapper = builder.build();
    }

    private static void beStrict(JsonMapper.Builder builder) {
        builder.disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .disable(DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
                .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS);
        for (CoercionInputShape shape :
                List.of(CoercionInputShape.Integer, CoercionInputShape.Float, CoercionInputShape.Boolean)) {
            builder.withCoercionConfig(LogicalType.Textual, config -> config.setCoercion(shape, CoercionAction.Fail));
        }
        builder.withCoercionConfigDefaults(
                config -> config.setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail)
                        .setAcceptBlankAsEmpty(false));
        builder.withCoercionConfig(
                LogicalType.Textual,
                config -> config.setCoercion(CoercionInputShape.EmptyString, CoercionAction.TryConvert));
    }

    TypeFactory types() {
        return mapper.getTypeFactory();
    }

    /**
     * Finds out now whether a type can be read.
     *
     * @throws IllegalArgumentException it cannot
     */
    void check(JavaType type) {
        boolean own = !type.isContainerType() && !type.getRawClass().getName().startsWith("java.");
        if (own && type.isAbstract() && !type.getRawClass().isSealed()) {
            throw new IllegalArgumentException(type.getRawClass().getName()
                    + " is abstract: a body does not say which class is meant (expected: a record or another class)");
        }
        try {
            mapper.readerFor(type).readValue("null");
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e.getOriginalMessage(), e);
        }
    }

    Object read(byte[] body, JavaType type) {
        JsonComplaint complaint = new JsonComplaint(types(), type);
        if (body.length == 0) {
            throw complaint.ofNothing("nothing");
        }
        try (JsonParser parser = mapper.createParser(body)) {
            return read(parser, type, complaint);
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory cannot be read", e);
        }
    }

    private Object read(JsonParser parser, JavaType type, JsonComplaint complaint) {
        @Nullable Object value;
        try {
            value = mapper.readerFor(type).readValue(parser);
        } catch (IOException e) {
            throw complaint.of(e, parser);
        }
        if (value == null) {
            throw complaint.ofNothing("null");
        }
        return value;
    }

    byte[] write(@Nullable Object value) {
        try {
            return mapper.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the reply cannot be written as JSON: " + e.getOriginalMessage(), e);
        }
    }
}
