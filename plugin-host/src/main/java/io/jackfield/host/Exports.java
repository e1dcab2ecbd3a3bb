package io.jackfield.host;

import io.jackfield.protocol.ErrorCode;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which of its classes a plugin lets those see that depend on it. Immutable.
 *
 * @param packages empty: those of every package
 */
record Exports(Optional<Set<String>> packages) {

    private static final Pattern PACKAGE =
            Pattern.compile("[\\p{L}_$][\\p{L}\\p{N}_$]*(\\.[\\p{L}_$][\\p{L}\\p{N}_$]*)*");

    /** Names of packages, parted by commas; without the entry all are exported. */
    static Exports parse(@Nullable String entry) throws PluginRefusedException {
        if (entry == null || entry.isBlank()) {
            return new Exports(Optional.empty());
        }
        Set<String> packages = new TreeSet<>();
        for (String one : entry.split(",", -1)) {
            if (!PACKAGE.matcher(one.trim()).matches()) {
                throw new PluginRefusedException(
                        ErrorCode.PLUGIN_BAD_MANIFEST,
                        "Plugin-Exports: " + Texts.cut(one.trim()) + " (expected: names of packages, parted by commas)",
                        "change Plugin-Exports");
            }
            packages.add(one.trim());
        }
        return new Exports(Optional.of(Set.copyOf(packages)));
    }

    boolean covers(String className) {
        return packages.isEmpty()
                || packages.get().contains(className.substring(0, Math.max(0, className.lastIndexOf('.'))));
    }
}
