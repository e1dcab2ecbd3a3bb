package io.jackfield.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipFile;

/**
 * What one look at a file in a folder saw. Immutable.
 *
 * @param sizeBytes its length
 * @param modifiedNs its time of change, nanoseconds since 1970
 * @param identity which file it is: another one under the same name has another, where the file system can tell
 * @param atNs when this was, on the host's nano clock
 */
public record JarLook(long sizeBytes, long modifiedNs, String identity, long atNs) {

    /** Empty: there is no such file, or it is a folder or something else that cannot be a jar. */
    public static Optional<JarLook> at(Path file, long nowNs) throws IOException {
        try {
            BasicFileAttributes seen = Files.readAttributes(file, BasicFileAttributes.class);
            if (!seen.isRegularFile()) {
                return Optional.empty();
            }
            long modifiedNs = seen.lastModifiedTime().to(TimeUnit.NANOSECONDS);
            return Optional.of(new JarLook(seen.size(), modifiedNs, String.valueOf(seen.fileKey()), nowNs));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** True if nothing tells that the file changed between the two looks. */
    boolean sameFileAs(JarLook other) {
        return sizeBytes == other.sizeBytes && modifiedNs == other.modifiedNs && identity.equals(other.identity);
    }

    /** Why the file is not a whole jar; empty if its central directory, which is written last, can be read. */
    static Optional<String> complaint(Path file) {
        try (ZipFile jar = new ZipFile(file.toFile())) {
            return jar.size() == 0 ? Optional.of("it is empty") : Optional.empty();
        } catch (IOException | SecurityException e) {
            return Optional.of(Texts.of(e));
        }
    }
}
