package io.jackfield.host;

import io.jackfield.protocol.ErrorCode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which jars may be loaded: all, or those whose SHA-256 stands in a file. The file has the form that {@code sha256sum}
 * writes, one jar a line, and comments that begin with {@code #}; it is read anew each time it is asked. One that cannot be
 * read, or has a line that cannot be understood, trusts nothing. Safe for any thread; who changes it from two processes at
 * once may lose one of the changes.
 */
public final class TrustedJars {

    private static final long FILE_BYTES_MAX = 1 << 20;
    private static final Pattern LINE = Pattern.compile("([0-9A-Fa-f]{64})(?:[ \\t]+\\*?(.*))?");
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
    private static final String HEAD = "# Plugin jars that may be loaded: SHA-256, two spaces, a name for people.\n";

    private final Optional<Path> file;

    private TrustedJars(Optional<Path> file) {
        this.file = file;
    }

    /**
     * One line.
     *
     * @param sha256 of the jar, in lower case
     * @param name what the jar was called, for people alone; may be empty
     */
    public record Entry(String sha256, String name) {
        /** Whether a text is a SHA-256 as the file has it. */
        public static boolean isSha256(String text) {
            return SHA256.matcher(text).matches();
        }
    }

    /** Every jar may be loaded. */
    public static TrustedJars every() {
        return new TrustedJars(Optional.empty());
    }

    /** Those that stand in the file, which need not be there yet. */
    public static TrustedJars listedIn(Path file) {
        return new TrustedJars(Optional.of(file));
    }

    /** The file, if there is a list at all. */
    public Optional<Path> file() {
        return file;
    }

    /**
     * All lines, in their order; none where there is no list, or no file yet.
     *
     * @throws IOException if the file cannot be read or understood; the message says where
     */
    public List<Entry> entries() throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (String line : lines()) {
            entry(line).ifPresent(entries::add);
        }
        return List.copyOf(entries);
    }

    /** Whether a jar of that content may be loaded now. */
    public boolean trusts(String sha256) {
        return now().test(sha256);
    }

    /** Which contents may be loaded, by their SHA-256, as the file says now: it is read once. */
    public Predicate<String> now() {
        if (file.isEmpty()) {
            return any -> true;
        }
        try {
            return entries().stream().map(Entry::sha256).collect(Collectors.toSet())::contains;
        } catch (IOException e) {
            return any -> false;
        }
    }

    /** Refuses a jar of that content unless it may be loaded. */
    void require(String sha256) throws PluginRefusedException {
        if (file.isEmpty()) {
            return;
        }
        String hint = "if you trust it: jackfield plugins trust JAR";
        try {
            if (entries().stream().noneMatch(entry -> entry.sha256().equals(sha256))) {
                throw refused("the jar's SHA-256 " + sha256 + " is not in " + file.get(), hint);
            }
        } catch (IOException e) {
            throw refused("no jar can be trusted: " + e.getMessage(), "mend that file");
        }
    }

    /**
     * Adds a jar, if it is not there.
     *
     * @throws IllegalArgumentException if that is no SHA-256
     * @throws IOException if the file cannot be read, understood or written
     */
    public void add(Entry entry) throws IOException {
        if (!Entry.isSha256(entry.sha256)) {
            throw new IllegalArgumentException("SHA-256: " + entry.sha256 + " (expected: 64 digits 0-9 and a-f)");
        }
        if (entries().stream().noneMatch(there -> there.sha256.equals(entry.sha256))) {
            List<String> lines = new ArrayList<>(lines());
            // One line, whatever the jar is called.
            lines.add(entry.sha256 + "  " + entry.name.replaceAll("\\p{Cntrl}", " "));
            write(lines);
        }
    }

    /**
     * Takes a jar out.
     *
     * @return whether it was there
     * @throws IOException if the file cannot be read, understood or written
     */
    public boolean remove(String sha256) throws IOException {
        List<String> kept = new ArrayList<>();
        Predicate<Entry> isIt = entry -> entry.sha256.equals(sha256);
        for (String line : lines()) {
            if (entry(line).filter(isIt).isEmpty()) {
                kept.add(line);
            }
        }
        boolean was = kept.size() < lines().size();
        if (was) {
            write(kept);
        }
        return was;
    }

    private List<String> lines() throws IOException {
        if (file.isEmpty()) {
            return List.of();
        }
        Path path = file.get();
        try {
            if (Files.size(path) > FILE_BYTES_MAX) {
                throw new IOException(path + " has more than " + FILE_BYTES_MAX + " bytes");
            }
            List<String> lines = Files.readAllLines(path);
            check(path, lines);
            return lines;
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (java.nio.charset.CharacterCodingException e) {
            throw new IOException(path + " is not UTF-8", e);
        }
    }

    private static void check(Path path, List<String> lines) throws IOException {
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#") && entry(line).isEmpty()) {
                throw new IOException(
                        path + ":" + (i + 1) + ": " + line + " (expected: a SHA-256, two spaces, a name)");
            }
        }
    }

    private static Optional<Entry> entry(String line) {
        Matcher matcher = LINE.matcher(line.strip());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String name = matcher.group(2);
        return Optional.of(new Entry(matcher.group(1).toLowerCase(Locale.ROOT), name == null ? "" : name));
    }

    /** Whole or not at all: whoever reads it meanwhile reads the one before. */
    private void write(List<String> lines) throws IOException {
        Path path = file.orElseThrow().toAbsolutePath();
        Path unfinished = path.resolveSibling(
                "." + path.getFileName() + "-" + ProcessHandle.current().pid() + ".tmp");
        String head = Files.exists(path) ? "" : HEAD;
        byte[] text =
                (head + String.join("\n", lines) + (lines.isEmpty() ? "" : "\n")).getBytes(StandardCharsets.UTF_8);
        try {
            Files.write(unfinished, text);
            keepPermissions(path, unfinished);
            try (FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(unfinished, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }

    private static void keepPermissions(Path of, Path on) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(on, PosixFileAttributeView.class);
        if (view != null && Files.exists(of)) {
            view.setPermissions(Files.getPosixFilePermissions(of));
        }
    }

    private static PluginRefusedException refused(String cause, String hint) {
        return new PluginRefusedException(ErrorCode.PLUGIN_NOT_TRUSTED, cause, hint);
    }
}
