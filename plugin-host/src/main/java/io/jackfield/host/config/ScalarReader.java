package io.jackfield.host.config;

import io.jackfield.api.Setting;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** From one text of the file to a value of a component's type. */
final class ScalarReader {

    private static final Set<Class<?>> TYPES = Set.of(
            String.class,
            boolean.class,
            Boolean.class,
            int.class,
            Integer.class,
            long.class,
            Long.class,
            double.class,
            Double.class,
            Duration.class);

    private ScalarReader() {}

    static boolean reads(Class<?> type) {
        return TYPES.contains(type) || type.isEnum();
    }

    /** Empty if the text is none that is allowed; {@link #expected} says what is. */
    static Optional<Object> read(String text, Class<?> type, @Nullable Setting setting) {
        Optional<Object> value = read(text, type);
        return value.filter(any -> within(any, type, setting));
    }

    static String expected(Class<?> type, @Nullable Setting setting) {
        String min = setting == null ? "" : setting.min();
        String max = setting == null ? "" : setting.max();
        String range = (min.isEmpty() ? "" : " from " + min) + (max.isEmpty() ? "" : " to " + max);
        return kind(type) + range;
    }

    private static String kind(Class<?> type) {
        if (type.isEnum()) {
            return "one of "
                    + Arrays.stream(type.getEnumConstants())
                            .map(ScalarReader::word)
                            .collect(Collectors.joining(", "));
        }
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        if (type == double.class || type == Double.class) {
            return "a number";
        }
        if (type == Duration.class) {
            return Quantity.TIME_FORM;
        }
        return type == String.class ? "text" : "a whole number, or a size such as 64KiB,";
    }

    private static Optional<Object> read(String text, Class<?> type) {
        if (type == String.class) {
            return Optional.of(text);
        }
        if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants())
                    .filter(constant -> word(constant).equals(text))
                    .map(constant -> (Object) constant)
                    .findFirst();
        }
        if (type == boolean.class || type == Boolean.class) {
            return text.equals("true") || text.equals("false") ? Optional.of(text.equals("true")) : Optional.empty();
        }
        if (type == double.class || type == Double.class) {
            return number(text);
        }
        if (type == Duration.class) {
            return boxed(Quantity.millis(text), millis -> millis >= 0, Duration::ofMillis);
        }
        if (type == long.class || type == Long.class) {
            return boxed(Quantity.whole(text), any -> true, value -> value);
        }
        return boxed(Quantity.whole(text), value -> value == (int) value.longValue(), Long::intValue);
    }

    private static Optional<Object> number(String text) {
        try {
            double number = Double.parseDouble(text);
            return Double.isFinite(number) ? Optional.of(number) : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static Optional<Object> boxed(
            OptionalLong value, Function<Long, Boolean> fits, Function<Long, Object> boxing) {
        return value.isPresent() && fits.apply(value.getAsLong())
                ? Optional.of(boxing.apply(value.getAsLong()))
                : Optional.empty();
    }

    private static boolean within(Object value, Class<?> type, @Nullable Setting setting) {
        return setting == null
                || (compared(value, setting.min(), type) >= 0 && compared(value, setting.max(), type) <= 0);
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // both were read as the same type
    private static int compared(Object value, String bound, Class<?> type) {
        return bound.isEmpty() || !(value instanceof Comparable comparable)
                ? 0
                : read(bound, type).map(comparable::compareTo).orElse(0);
    }

    /** As keys are written: NOT_NOW is not-now. */
    static String word(Object constant) {
        return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
