package io.jackfield.broker.plugin;

/**
 * Something that happened to a plugin, for people and programs. Immutable.
 *
 * @param at when, in the form of ISO 8601
 * @param plugin its id; of a refused jar whose id is not known, the file's name
 * @param version empty where it is not known
 * @param generation 0 where nothing was loaded
 * @param sha256 of the jar
 * @param file name in the watched folder
 * @param change what was done, see {@link Kind}
 * @param outcome {@code serving}, {@code stopped} or {@code refused}; of what was unloaded {@code unloaded}, then {@code collected} or {@code
 *     pinned}
 * @param reason why: code, cause and hint of a refusal, else plain words; empty where there is nothing to say
 */
public record PluginChange(
        String at,
        String plugin,
        String version,
        long generation,
        String sha256,
        String file,
        String change,
        String outcome,
        String reason) {

    static final String SERVING = "serving";
    static final String STOPPED = "stopped";
    static final String REFUSED = "refused";
    static final String UNLOADED = "unloaded";
    static final String COLLECTED = "collected";
    static final String PINNED = "pinned";

    /** What was done to a plugin. */
    enum Kind {
        /** It lay in the folder when the broker started. */
        STARTED,
        /** A jar of a plugin came that was not there. */
        ADDED,
        /** Another jar of the same plugin came. */
        REPLACED,
        /** Its jar went. */
        REMOVED,
        /** Its marker came. */
        DISABLED,
        /** Its marker went. */
        ENABLED,
        /** Its former jar was brought back. */
        ROLLED_BACK,
        /** It has been stopped, and its classes are to leave memory. */
        UNLOADED,
        /** A plugin that it depends on went: it waits for that one. */
        WAITING;

        String word() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }
}
