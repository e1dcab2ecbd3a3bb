package io.jackfield.broker.supervise.os;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Files whose size and time are compared with those of the last look. One thread at a time. */
final class WatchedFiles {
    private static final Logger LOG = LoggerFactory.getLogger(WatchedFiles.class);
    private static final int FILES_MAX = 10_000;

    private final List<Path> paths;
    private Map<Path, String> told;
    private Map<Path, String> seen;

    WatchedFiles(List<Path> paths) {
        this.paths = List.copyOf(paths);
        this.seen = look();
        this.told = seen;
    }

    /** True once for each change, as soon as two looks in a row agree: a file that is being written is waited for. */
    boolean haveChanged() {
        Map<Path, String> now = look();
        boolean quiet = now.equals(seen);
        seen = now;
        if (!quiet || now.equals(told)) {
            return false;
        }
        told = now;
        return true;
    }

    private Map<Path, String> look() {
        Map<Path, String> marks = new TreeMap<>();
        for (Path path : paths) {
            try (Stream<Path> files = Files.isDirectory(path) ? Files.list(path) : Stream.of(path)) {
                files.filter(Files::isRegularFile).limit(FILES_MAX).forEach(file -> marks.put(file, mark(file)));
            } catch (IOException | UncheckedIOException e) {
                LOG.debug("{} cannot be looked at: {}", path, e.getMessage());
            }
        }
        return marks;
    }

    private static String mark(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.lastModifiedTime() + " " + attributes.size() + " " + attributes.fileKey();
        } catch (IOException gone) {
            return "gone";
        }
    }
}
