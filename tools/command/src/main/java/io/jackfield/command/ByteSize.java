package io.jackfield.command;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads an option's size as the broker's configuration has sizes, from 1 byte to 1 GiB. */
final class ByteSize implements ITypeConverter<Integer> {

    private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,9})(B|KiB|MiB|GiB)");
    private static final Map<String, Long> UNITS = Map.of("B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30);
    private static final int MAX = 1 << 30;

    @Override
    public Integer convert(String text) {
        Matcher size = FORM.matcher(text);
        long bytes = size.matches() ? Long.parseLong(size.group(1)) * UNITS.getOrDefault(size.group(2), 0L) : 0;
        if (bytes < 1 || bytes > MAX) {
            throw new TypeConversionException(text + " (expected: a size such as 64MiB, at most 1GiB)");
        }
        return (int) bytes;
    }
}
