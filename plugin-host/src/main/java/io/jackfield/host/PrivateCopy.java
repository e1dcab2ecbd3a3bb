package io.jackfield.host;

import io.jackfield.protocol.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * A jar of this host's own, which nobody overwrites while classes are still to be read from it.
 *
 * @param file where it is
 * @param sha256 what it holds
 */
record PrivateCopy(Path file, String sha256) {

    /**
     * Copies a jar and reads the copy back.
     *
     * @param expected what it must hold, where that is known
     * @throws IOException if the copy cannot be written: nothing is wrong with the jar
     */
    static PrivateCopy take(Path jar, Path folder, Optional<String> expected, long bytesMax)
            throws PluginRefusedException, IOException {
        checkSource(jar, bytesMax);
        Path file = Files.createTempFile(folder, "incoming-", ".jar");
        try {
            String copied = Sha256.copy(jar, file);
            boolean same = copied.equals(expected.orElse(copied));
            if (!same || !copied.equals(Sha256.of(file))) {
                throw unreadable("the jar changed while it was read", "copy it again, whole");
            }
            return new PrivateCopy(file, copied);
        } catch (IOException | PluginRefusedException e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }

    /** The same under its lasting name, {@code <id>/<generation>-<sha8>.jar}. */
    PrivateCopy named(Path workDir, String pluginId, long generation) throws IOException {
        Path folder = Files.createDirectories(workDir.resolve(pluginId));
        Path target = folder.resolve(generation + "-" + sha256.substring(0, 8) + ".jar");
        return new PrivateCopy(Files.move(file, target, StandardCopyOption.ATOMIC_MOVE), sha256);
    }

    private static void checkSource(Path jar, long bytesMax) throws PluginRefusedException {
        try {
            if (!Files.isRegularFile(jar) || !Files.isReadable(jar)) {
                throw unreadable("the jar is not a file that can be read", "check its path and its permissions");
            }
            if (Files.size(jar) > bytesMax) {
                throw unreadable(
                        "the jar has " + Files.size(jar) + " bytes (expected: <= " + bytesMax + ")",
                        "leave out what the plugin does not need");
            }
        } catch (IOException e) {
            throw new PluginRefusedException(
                    ErrorCode.PLUGIN_UNREADABLE, "the jar cannot be read: " + Texts.of(e), "copy it again", e);
        }
    }

    private static PluginRefusedException unreadable(String cause, String hint) {
        return new PluginRefusedException(ErrorCode.PLUGIN_UNREADABLE, cause, hint);
    }
}
