package io.jackfield.broker.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads the golden vectors of {@code protocol/data/vectors}, which its README describes. */
final class Vectors {
    private static final Path DIRECTORY = Path.of("../protocol/data/vectors");

    private Vectors() {}

    static List<Vector> read(String file) {
        List<Vector> vectors = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        for (String line : lines(file)) {
            if (line.equals("end")) {
                vectors.add(new Vector(List.copyOf(lines)));
                lines.clear();
            } else if (!line.isEmpty() && !line.startsWith("#")) {
                lines.add(line);
            }
        }
        return vectors;
    }

    private static List<String> lines(String file) {
        try {
            return Files.readAllLines(DIRECTORY.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    record Vector(List<String> lines) {
        String one(String key) {
            List<String> values = all(key);
            if (values.size() != 1) {
                throw new AssertionError(key + ": " + values.size() + " times (expected: 1)");
            }
            return values.get(0);
        }

        List<String> all(String key) {
            String start = key + " ";
            return lines.stream()
                    .filter(line -> line.startsWith(start))
                    .map(line -> line.substring(start.length()))
                    .map(value -> value.equals("-") ? "" : value)
                    .toList();
        }

        /** A text, in which control characters and backslashes are written as escapes. */
        String text(String key) {
            String value = one(key);
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < value.length(); i++) {
                if (value.charAt(i) != '\\') {
                    text.append(value.charAt(i));
                } else if (value.charAt(i + 1) == 'x') {
                    text.append((char) Integer.parseInt(value.substring(i + 2, i + 4), 16));
                    i += 3;
                } else {
                    text.append('\\');
                    i++;
                }
            }
            return text.toString();
        }

        /** The frames of that key as the test peers write bytes. */
        List<String> frames(String key) {
            return all(key).stream().map(hex -> "0x" + hex).toList();
        }

        @Override
        public String toString() {
            return one("vector");
        }
    }
}
