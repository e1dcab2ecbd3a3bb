package io.jackfield.host.codec;

import com.fasterxml.jackson.databind.JavaType;
import java.math.BigInteger;
import java.time.Duration;
import java.time.temporal.Temporal;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** What a type and a value are called in front of people. */
final class Words {

    private static final int LENGTH_MAX = 60;
    private static final Set<Class<?>> WHOLE = Set.of(
            byte.class,
            Byte.class,
            short.class,
            Short.class,
            int.class,
            Integer.class,
            long.class,
            Long.class,
            BigInteger.class);
    private static final Map<Class<?>, String> RANGES = Map.of(
            byte.class, range(Byte.MIN_VALUE, Byte.MAX_VALUE),
            short.class, range(Short.MIN_VALUE, Short.MAX_VALUE),
            int.class, range(Integer.MIN_VALUE, Integer.MAX_VALUE),
            long.class, range(Long.MIN_VALUE, Long.MAX_VALUE));

    private Words() {}

    static String expected(JavaType type) {
        if (type.isReferenceType()) {
            return expected(type.getContentType());
        }
        if (type.isArrayType() && type.getContentType().hasRawClass(byte.class)) {
            return "bytes as text in Base64";
        }
        return type.isArrayType() || type.isCollectionLikeType() ? "an array" : expected(type.getRawClass());
    }

    private static String expected(Class<?> type) {
        if (WHOLE.contains(type)) {
            return "a whole number";
        }
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        if (Number.class.isAssignableFrom(type) || type == double.class || type == float.class) {
            return "a number";
        }
        if (type == char.class || type == Character.class) {
            return "one character";
        }
        if (CharSequence.class.isAssignableFrom(type)) {
            return "text";
        }
        if (type.isEnum()) {
            return "one of "
                    + Arrays.stream(type.getEnumConstants())
                            .map(String::valueOf)
                            .collect(Collectors.joining(", "));
        }
        return ofJdk(type);
    }

    private static String ofJdk(Class<?> type) {
        if (Temporal.class.isAssignableFrom(type)) {
            return "text such as " + sample(type);
        }
        if (type == Duration.class) {
            return "text such as PT2.5S";
        }
        if (type == UUID.class) {
            return "a UUID";
        }
        boolean other = type.getName().startsWith("java.") && !Map.class.isAssignableFrom(type) && type != Object.class;
        return other ? type.getSimpleName() : "an object";
    }

    private static String sample(Class<?> type) {
        return switch (type.getSimpleName()) {
            case "LocalDate" -> "2026-01-31";
            case "LocalTime" -> "12:30:00";
            case "LocalDateTime" -> "2026-01-31T12:30:00";
            case "Year" -> "2026";
            case "YearMonth" -> "2026-01";
            case "OffsetDateTime", "ZonedDateTime" -> "2026-01-31T12:30:00+01:00";
            default -> "2026-01-31T12:30:00Z";
        };
    }

    /** For a number that is one, but too large. */
    static String range(Class<?> type) {
        return RANGES.getOrDefault(type, expected(type));
    }

    private static String range(long min, long max) {
        return "a whole number from " + min + " to " + max;
    }

    static String quoted(String text) {
        return '"' + cut(text) + '"';
    }

    static String cut(String text) {
        String line = text.replaceAll("\\s*[\\r\\n]+\\s*", " ");
        return line.length() <= LENGTH_MAX ? line : line.substring(0, LENGTH_MAX) + "...";
    }
}
