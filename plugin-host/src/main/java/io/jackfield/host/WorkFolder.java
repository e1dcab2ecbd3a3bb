package io.jackfield.host;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserPrincipal;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folders for private copies of jars, in {@code java.io.tmpdir}, which nobody but this user may look into. Their names have
 * the number of the process, so that those of processes that were killed can be told and deleted.
 */
public final class WorkFolder {

    private static final Logger LOG = LoggerFactory.getLogger(WorkFolder.class);
    private static final String PREFIX = "jackfield-plugins-";
    private static final Pattern NAME = Pattern.compile(Pattern.quote(PREFIX) + "([0-9]{1,18})-[0-9]+");

    private WorkFolder() {}

    /**
     * Makes one for this process, and deletes what processes left behind that do not run any more.
     *
     * @throws IOException if it cannot be made
     */
    public static Path make() throws IOException {
        return makeIn(Path.of(System.getProperty("java.io.tmpdir")));
    }

    static Path makeIn(Path parent) throws IOException {
        Path made = Files.createTempDirectory(
                parent, PREFIX + ProcessHandle.current().pid() + "-");
        try {
            deleteLeftBehind(parent, made);
        } catch (IOException | RuntimeException e) {
            LOG.warn("what killed processes left beside {} could not be looked at: {}", made, Texts.of(e));
        }
        return made;
    }

    /** Deletes one with all that is in it. */
    public static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static void deleteLeftBehind(Path parent, Path made) throws IOException {
        UserPrincipal self = Files.getOwner(made, LinkOption.NOFOLLOW_LINKS);
        try (DirectoryStream<Path> others = Files.newDirectoryStream(parent, PREFIX + "*")) {
            for (Path other : others) {
                if (isLeftBehind(other, self)) {
                    LOG.info("deleting {}: the process that made it does not run any more", other);
                    attemptDelete(other);
                }
            }
        }
    }

    /** Of a process that does not run; and its lock is free, should its number be that of a process somewhere else. */
    private static boolean isLeftBehind(Path folder, UserPrincipal self) {
        Matcher name = NAME.matcher(String.valueOf(folder.getFileName()));
        if (!name.matches() || ProcessHandle.of(Long.parseLong(name.group(1))).isPresent()) {
            return false;
        }
        try {
            return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                    && Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(self)
                    && isUnlocked(folder.resolve(PluginHost.LOCK));
        } catch (IOException | java.nio.channels.OverlappingFileLockException e) {
            return false;
        }
    }

    private static boolean isUnlocked(Path lock) throws IOException {
        if (!Files.exists(lock, LinkOption.NOFOLLOW_LINKS)) {
            return true;
        }
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE)) {
            return channel.tryLock() != null;
        }
    }

    private static void attemptDelete(Path folder) {
        try {
            delete(folder);
        } catch (IOException | java.io.UncheckedIOException e) {
            // Another process that starts now may be at it, too.
            LOG.debug("{} stays: {}", folder, Texts.of(e));
        }
    }
}
