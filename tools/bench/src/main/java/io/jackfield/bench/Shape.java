package io.jackfield.bench;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the clients do together.
 *
 * @param clients connections
 * @param outstanding requests that each has without a reply at any time; 1: lock-step
 * @param bytes of a body
 */
record Shape(int clients, int outstanding, int bytes) {

    static final String FORM =
            "CLIENTSxOUTSTANDINGxBYTES, for example 8x64x32 or 1x256x1KiB; at most 1000, 10000 and 16MiB,"
                    + " bodies of 8 bytes at least";

    private static final Pattern TEXT =
            Pattern.compile("([1-9][0-9]{0,8})x([1-9][0-9]{0,8})x([1-9][0-9]{0,8})(KiB|MiB)?");
    private static final int CLIENTS_MAX = 1000;
    private static final int OUTSTANDING_MAX = 10_000;
    private static final int BYTES_MAX = 16 << 20;

    /** A body carries the time at which it was sent. */
    private static final int BYTES_MIN = 8;

    private static final int KIB = 1024;

    static final List<Shape> REQUEST_REPLY = List.of(
            new Shape(1, 1, 32),
            new Shape(8, 1, 32),
            new Shape(1, 256, 32),
            new Shape(8, 64, 32),
            new Shape(1, 256, KIB),
            new Shape(1, 64, 64 * KIB));

    static final List<Shape> HANDLER = List.of(new Shape(1, 1, 32), new Shape(8, 1, 32), new Shape(1, 256, 32));

    /** The last one pipelines. */
    static final List<Shape> HTTP = List.of(new Shape(1, 1, 32), new Shape(8, 1, 32), new Shape(8, 16, 32));

    /** Throws {@link IllegalArgumentException} with one line for a person. */
    static Shape parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(text + " (expected: " + FORM + ")");
        }
        long clients = Long.parseLong(matcher.group(1));
        long outstanding = Long.parseLong(matcher.group(2));
        long bytes = Long.parseLong(matcher.group(3)) * unit(matcher.group(4));
        if (clients > CLIENTS_MAX || outstanding > OUTSTANDING_MAX || bytes < BYTES_MIN || bytes > BYTES_MAX) {
            throw new IllegalArgumentException(text + " (expected: " + FORM + ")");
        }
        return new Shape((int) clients, (int) outstanding, (int) bytes);
    }

    String load() {
        return clients + " x " + outstanding;
    }

    String body() {
        return bytes >= KIB && bytes % KIB == 0 ? bytes / KIB + " KiB" : bytes + " B";
    }

    private static int unit(@org.jspecify.annotations.Nullable String unit) {
        if (unit == null) {
            return 1;
        }
        return unit.equals("KiB") ? KIB : KIB * KIB;
    }
}
