package io.jackfield.broker.server.config;

import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads sizes such as {@code 64KiB} and times such as {@code 250ms}. */
final class Units {
    static final String SIZE_FORM = "a size such as 64KiB, 16MiB or 512B";
    static final String TIME_FORM = "a time such as 250ms, 5s or 2m";

    private static final Pattern NUMBER_AND_UNIT = Pattern.compile("([0-9]{1,18}) ?([A-Za-z]+)");
    private static final Map<String, Long> SIZES = Map.of("B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30);
    private static final Map<String, Long> TIMES = Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L);

    private Units() {}

    /** Bytes; empty if the text is no size. */
    static OptionalLong bytes(String text) {
        return read(text, SIZES);
    }

    /** Milliseconds; empty if the text is no time. */
    static OptionalLong millis(String text) {
        return read(text, TIMES);
    }

    /** The largest unit that divides it, for messages. */
    static String sizeText(long bytes) {
        for (String unit : new String[] {"GiB", "MiB", "KiB"}) {
            long one = SIZES.getOrDefault(unit, 1L);
            if (bytes >= one && bytes % one == 0) {
                return bytes / one + unit;
            }
        }
        return bytes + "B";
    }

    /** As {@link #sizeText}. */
    static String timeText(long millis) {
        if (millis >= 1000 && millis % 1000 == 0) {
            return String.format(Locale.ROOT, "%ds", millis / 1000);
        }
        return millis + "ms";
    }

    private static OptionalLong read(String text, Map<String, Long> units) {
        Matcher matcher = NUMBER_AND_UNIT.matcher(text.trim());
        if (!matcher.matches() || !units.containsKey(matcher.group(2))) {
            return OptionalLong.empty();
        }
        long number = Long.parseLong(matcher.group(1));
        long unit = units.getOrDefault(matcher.group(2), 1L);
        return number > Long.MAX_VALUE / unit ? OptionalLong.empty() : OptionalLong.of(number * unit);
    }
}
