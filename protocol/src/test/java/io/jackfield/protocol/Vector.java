package io.jackfield.protocol;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A golden vector: what each of its keys says, in order (data/vectors/README.md). */
public final class Vector {
    private static final Path FOLDER = Path.of("data", "vectors");

    private final Map<String, List<String>> values = new LinkedHashMap<>();

    /** All vectors of a file. */
    public static List<Vector> read(String file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(FOLDER.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<Vector> vectors = new ArrayList<>();
        Vector current = new Vector();
        for (String line : lines) {
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            if (line.equals("end")) {
                vectors.add(current);
                current = new Vector();
                continue;
            }
            int space = line.indexOf(' ');
            current.values
                    .computeIfAbsent(line.substring(0, space), key -> new ArrayList<>())
                    .add(line.substring(space + 1));
        }
        if (!current.values.isEmpty() || vectors.isEmpty()) {
            throw new IllegalStateException(
                    file + ": " + vectors.size() + " vectors, the last one without end: " + current.values);
        }
        return vectors;
    }

    /** Whether the key is there. */
    public boolean has(String key) {
        return values.containsKey(key);
    }

    /** All values of a key. */
    public List<String> all(String key) {
        return values.getOrDefault(key, List.of());
    }

    /** The one value of a key, {@code -} standing for the empty text. */
    public String text(String key) {
        List<String> all = all(key);
        if (all.size() != 1) {
            throw new IllegalStateException(key + ": " + all.size() + " times (expected: 1)");
        }
        return textOf(all.get(0));
    }

    /** A text with its escapes resolved. */
    public String escapedText(String key) {
        return unescape(text(key));
    }

    /** The one number of a key, unsigned. */
    public long number(String key) {
        return Long.parseUnsignedLong(text(key));
    }

    /** All values of a key, as bytes. */
    public List<ByteBuffer> bytes(String key) {
        return all(key).stream()
                .map(hex -> ByteBuffer.wrap(HexFormat.of().parseHex(textOf(hex))))
                .toList();
    }

    /** Name and framing. */
    @Override
    public String toString() {
        return text("vector") + (has("framing") ? " " + text("framing") : "");
    }

    /** The message that the fields describe. */
    public Jf1Message message() {
        FixedHeader header = new FixedHeader(
                Command.valueOf(text("command")),
                (int) number("flags"),
                (int) number("code"),
                number("id"),
                number("time-ms"),
                (int) number("count"));
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line : all("header")) {
            int space = line.indexOf(' ');
            headers.put(line.substring(0, space), textOf(line.substring(space + 1)));
        }
        return Jf1Message.of(header, text("service"), Headers.of(headers), bytes("body"));
    }

    /** Decodes the frames with the framing that the vector names. */
    public Jf1Message decode(List<ByteBuffer> frames) throws ProtocolException {
        return text("framing").equals("raw") ? RawFraming.decode(frames) : KryoFraming.decode(frames);
    }

    /** Encodes with the framing that the vector names. */
    public List<ByteBuffer> encode(Jf1Message message) {
        return text("framing").equals("raw") ? RawFraming.encode(message) : List.of(KryoFraming.encode(message));
    }

    static String unescape(String text) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character != '\\') {
                plain.append(character);
            } else if (text.charAt(i + 1) == '\\') {
                plain.append('\\');
                i++;
            } else {
                plain.append((char) HexFormat.fromHexDigits(text, i + 2, i + 4));
                i += 3;
            }
        }
        return plain.toString();
    }

    private static String textOf(String value) {
        return value.equals("-") ? "" : value;
    }
}
