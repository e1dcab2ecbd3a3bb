package io.jackfield.host.config;

import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers with units, as everywhere in the broker's file: {@code 64KiB}, {@code 250ms}. */
final class Quantity {

    static final String TIME_FORM = "a time such as 250ms, 5s, 2m or 1h";

    private static final Pattern FORM = Pattern.compile("(-?[0-9]{1,18}) ?([A-Za-z]*)");
    private static final Map<String, Long> SIZES =
            Map.of("", 1L, "B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30);
    private static final Map<String, Long> TIMES = Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L);

    private Quantity() {}

    /** A whole number, or a size in bytes. */
    static OptionalLong whole(String text) {
        return read(text, SIZES);
    }

    /** A time in milliseconds. */
    static OptionalLong millis(String text) {
        return read(text, TIMES);
    }

    private static OptionalLong read(String text, Map<String, Long> units) {
        Matcher matcher = FORM.matcher(text.trim());
        Long unit = matcher.matches() ? units.get(matcher.group(2)) : null;
        if (unit == null) {
            return OptionalLong.empty();
        }
        long number = Long.parseLong(matcher.group(1));
        return Math.abs(number) > Long.MAX_VALUE / unit ? OptionalLong.empty() : OptionalLong.of(number * unit);
    }
}
