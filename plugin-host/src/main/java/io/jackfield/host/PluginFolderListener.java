package io.jackfield.host;

import java.nio.file.Path;
import java.util.Set;

/**
 * Is told what happens to the jars of a {@link PluginFolder}, on the folder's thread, one event at a time. May take its
 * time, for example to load the jar: what happens meanwhile is found afterwards.
 */
public interface PluginFolderListener {

    /** A whole jar is there that was not. */
    void appeared(Path jar, String sha256);

    /** A jar has other content than when it was last reported. */
    void changed(Path jar, String sha256);

    /** A jar that was reported, be it as unreadable, is not there any more. */
    void gone(Path jar);

    /** A jar, or the folder, has stayed the same and yet cannot be read. Told once for each state of it. */
    void unreadable(Path path, String reason);

    /** The set of plugins that a file {@code ID.disabled} beside the jars turns off is another one now. */
    void disabled(Set<String> pluginIds);
}
