package io.jackfield.host;

import java.util.Optional;

/**
 * Whether a file in a plugin folder may be loaded, judged by two looks at it: people copy jars with whatever they have,
 * and half a jar must never be loaded.
 */
public enum JarReadiness {
    /** Not a jar, hidden, or the unfinished file of a copying program. */
    IGNORED,
    /** It changed between the looks, or they are too close to each other to tell. */
    UNSETTLED,
    /** It stayed the same; what is left to check is that it can be read. */
    SETTLED;

    private static final int EMPTY_FACTOR = 10;

    /**
     * Judges.
     *
     * @param fileName the name without the folder
     * @param earlier what was seen when the file was last seen to change
     * @param now what is seen now
     * @param settleNs how long it must have stayed the same
     */
    public static JarReadiness of(String fileName, Optional<JarLook> earlier, JarLook now, long settleNs) {
        if (!isJarName(fileName)) {
            return IGNORED;
        }
        // Copying programs begin with an empty file: one that stays empty is told of, but not at once.
        long neededNs = now.sizeBytes() == 0 ? EMPTY_FACTOR * settleNs : settleNs;
        boolean settled = earlier.filter(now::sameFileAs)
                .filter(look -> now.atNs() - look.atNs() >= neededNs)
                .isPresent();
        return settled ? SETTLED : UNSETTLED;
    }

    /** Whether a file of that name can be a plugin: {@code *.jar}, not hidden; {@code x.jar.part} and the like are not. */
    public static boolean isJarName(String fileName) {
        return fileName.endsWith(".jar") && !fileName.startsWith(".");
    }
}
