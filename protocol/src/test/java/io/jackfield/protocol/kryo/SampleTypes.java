package io.jackfield.protocol.kryo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/** Objects such as authors send, at least one of each class that needs no registration. */
final class SampleTypes {
    private SampleTypes() {}

    record Point(int x, int y) {}

    record Order(UUID id, String customer, List<Line> lines, Map<String, BigDecimal> totals, Colour colour) {}

    record Line(String article, long pieces, Instant wanted) {}

    enum Colour {
        RED,
        GREEN {
            @Override
            public String toString() {
                return "green, with a body of its own";
            }
        }
    }

    /** A class of the old kind: fields and a constructor without arguments. */
    static final class Bean {
        private String name = "";
        private int[] numbers = {};
        private Point[] points = {};
        private final Map<String, Object> more = new HashMap<>();

        static Bean filled() {
            Bean bean = new Bean();
            bean.name = "naïve 日本";
            bean.numbers = new int[] {1, -1, Integer.MAX_VALUE};
            bean.points = new Point[] {new Point(1, 2), new Point(-3, 4)};
            bean.more.put("nested", new ArrayList<>(List.of(1L, "two", 3.0)));
            return bean;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Bean bean
                    && name.equals(bean.name)
                    && Arrays.equals(numbers, bean.numbers)
                    && Arrays.equals(points, bean.points)
                    && more.equals(bean.more);
        }

        @Override
        public int hashCode() {
            return name.hashCode();
        }
    }

    static ObjectBodies bodies(int bytesMax) {
        return new ObjectBodies(bytesMax, types -> types.add(Point.class, 100)
                .add(Order.class, 101)
                .add(Line.class, 102)
                .add(Colour.class, 103)
                .add(Bean.class, 104)
                .add(Point[].class, 105)
                .add(int[][].class, 106));
    }

    static List<Object> samples() {
        List<Object> samples = new ArrayList<>();
        samples.addAll(List.of(
                1, "text", "naïve 日本 \uD83D\uDD0C", "", 1.5f, true, (byte) -1, 'ß', (short) 300, 1L << 40, 2.5));
        samples.addAll(arrays());
        samples.addAll(containers());
        samples.addAll(fixedContainers());
        samples.addAll(values());
        samples.addAll(own());
        return samples;
    }

    /** What the samples were written as when their classes were added: a change breaks every peer. */
    static List<String> bytesOfSamples() {
        try {
            return Files.readAllLines(Path.of("src", "test", "resources", "object-bodies.txt")).stream()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<String> written(ObjectBodies bodies) {
        List<String> written = new ArrayList<>();
        for (Object sample : samples()) {
            ByteBuffer body = bodies.encode(sample);
            byte[] bytes = new byte[body.remaining()];
            body.get(bytes);
            written.add(HexFormat.of().formatHex(bytes));
        }
        return written;
    }

    static boolean same(Object one, Object other) {
        if (one instanceof ArrayDeque<?> deque && other instanceof ArrayDeque<?> copy) {
            return List.copyOf(deque).equals(List.copyOf(copy));
        }
        return Objects.deepEquals(one, other);
    }

    private static List<Object> arrays() {
        return List.of(
                new byte[] {1, 2, 3},
                new boolean[] {true, false},
                new char[] {'a', 'ß'},
                new short[] {-1, 300},
                new int[] {0, -1, 1 << 30},
                new long[] {0, Long.MIN_VALUE},
                new float[] {1.5f},
                new double[] {2.5, Double.NaN},
                new String[] {"a", null, "日"},
                new Object[] {1, "two", null, new Object[] {3L}},
                new int[][] {{1}, {}, {2, 3}},
                new Point[0]);
    }

    private static List<Object> containers() {
        return List.of(
                new ArrayList<>(Arrays.asList(1, null, "a")),
                new ArrayDeque<>(List.of("a", "b")),
                new HashSet<>(List.of("one")),
                new LinkedHashSet<>(List.of("b", "a")),
                new TreeSet<>(List.of("b", "a")),
                new HashMap<>(Map.of("k", "v")),
                new LinkedHashMap<>(Map.of("k", 1)),
                new TreeMap<>(Map.of("b", 1, "a", 2)));
    }

    private static List<Object> fixedContainers() {
        return List.of(
                List.of(),
                List.of(1),
                List.of(1, 2),
                List.of(1, 2, 3),
                Arrays.asList(1, null, 3).stream().toList(),
                Set.of(),
                Set.of(1),
                Map.of(),
                Map.of(1, "one"),
                Arrays.asList("a", null),
                Collections.emptyList(),
                Collections.emptySet(),
                Collections.emptyMap(),
                Collections.unmodifiableList(new ArrayList<>(List.of(1))),
                Collections.unmodifiableSet(new HashSet<>(List.of(1))),
                Collections.unmodifiableMap(new HashMap<>(Map.of(1, 2))));
    }

    private static List<Object> values() {
        return List.of(
                new BigInteger("-123456789012345678901234567890"),
                new BigDecimal("-1234567890.123456789"),
                new UUID(1, -1),
                Optional.of("x"),
                Optional.empty(),
                BitSet.valueOf(new long[] {5, 1}),
                Instant.ofEpochSecond(1_700_000_000, 123_456_789),
                Duration.ofMillis(-1500),
                LocalDate.of(2024, 2, 29),
                LocalTime.of(23, 59, 59, 999_999_999),
                LocalDateTime.of(2024, 2, 29, 12, 0),
                OffsetDateTime.parse("2024-02-29T12:00:00+05:30"),
                ZonedDateTime.parse("2024-02-29T12:00:00+01:00[Europe/Berlin]"));
    }

    private static List<Object> own() {
        Line line = new Line("socket", 1L << 33, Instant.ofEpochSecond(1));
        return List.of(
                new Point(1, -2),
                Colour.RED,
                Colour.GREEN,
                new Order(new UUID(3, 4), "C", List.of(line, line), Map.of("net", BigDecimal.TEN), Colour.RED),
                Bean.filled(),
                new Point[] {new Point(0, 0), null});
    }
}
