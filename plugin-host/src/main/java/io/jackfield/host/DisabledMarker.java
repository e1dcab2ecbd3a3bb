package io.jackfield.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The file {@code ID.disabled} in a plugin folder: the plugin of that id lies there and does not serve. Any thread. */
public final class DisabledMarker {

    private static final String SUFFIX = ".disabled";

    private DisabledMarker() {}

    /** The plugin that a file of that name turns off; empty if it is no such file. */
    public static Optional<String> pluginOf(String fileName) {
        boolean marker = fileName.endsWith(SUFFIX) && fileName.length() > SUFFIX.length() && !fileName.startsWith(".");
        return marker ? Optional.of(fileName.substring(0, fileName.length() - SUFFIX.length())) : Optional.empty();
    }

    /** The plugins that are turned off now. */
    public static Set<String> in(Path folder) throws IOException {
        Set<String> ids = new TreeSet<>();
        try (Stream<Path> files = Files.list(folder)) {
            files.forEach(file -> pluginOf(String.valueOf(file.getFileName())).ifPresent(ids::add));
        }
        return ids;
    }

    /** Turns the plugin off, or on again. */
    public static void set(Path folder, String pluginId, boolean disabled) throws IOException {
        Path marker = folder.resolve(pluginId + SUFFIX);
        if (disabled) {
            Files.writeString(
                    marker,
                    "Plugin " + pluginId + " does not serve while this file is here.\n",
                    StandardOpenOption.CREATE);
        } else {
            Files.deleteIfExists(marker);
        }
    }
}
