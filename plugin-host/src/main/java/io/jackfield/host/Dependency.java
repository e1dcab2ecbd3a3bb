package io.jackfield.host;

import io.jackfield.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pf4j.DefaultVersionManager;
import org.pf4j.PluginDependency;

/**
 * Another plugin whose classes a plugin uses: one entry of {@code Plugin-Dependencies}, such as {@code prices@>=1.0 & <2.0}. Immutable.
 *
 * @param pluginId of the other plugin
 * @param range of its versions: an expression as node-semver has them; {@code *}: any; a version alone: that one exactly
 */
public record Dependency(String pluginId, String range) {

    private static final int COUNT_MAX = 100;
    private static final String SOME_VERSION = "1.0.0";

    /** Whether the other plugin may be of that version. */
    public boolean accepts(String version) {
        return new DefaultVersionManager().checkVersionConstraint(version, range);
    }

    @Override
    public String toString() {
        return pluginId + "@" + range;
    }

    /** Entries are parted by commas. One whose id ends with {@code ?} is optional to PF4J; this host does not give it. */
    static List<Dependency> parse(@Nullable String entries, String ownId, Pattern ids) throws PluginRefusedException {
        List<Dependency> all = new ArrayList<>();
        for (String entry : entries == null ? new String[0] : entries.split(",", -1)) {
            PluginDependency parsed = new PluginDependency(entry.trim());
            if (!entry.isBlank() && !parsed.isOptional()) {
                all.add(checked(parsed, entry.trim(), ids));
            }
        }
        if (all.size() > COUNT_MAX) {
            throw bad(all.size() + " entries (expected: at most " + COUNT_MAX + ")");
        }
        if (all.stream().anyMatch(one -> one.pluginId().equals(ownId))) {
            throw new PluginRefusedException(
                    ErrorCode.PLUGIN_DEPENDENCY,
                    "the plugin depends on itself: " + ownId + " -> " + ownId,
                    "take " + ownId + " out of Plugin-Dependencies");
        }
        return List.copyOf(all);
    }

    private static Dependency checked(PluginDependency parsed, String entry, Pattern ids)
            throws PluginRefusedException {
        String id = parsed.getPluginId().trim();
        Dependency one = new Dependency(id, parsed.getPluginVersionSupport().trim());
        boolean understood = ids.matcher(id).matches();
        try {
            one.accepts(SOME_VERSION);
        } catch (RuntimeException e) {
            understood = false;
        }
        if (!understood) {
            throw bad(Texts.cut(entry) + " (expected: a plugin's id, or id@range such as prices@>=1.0)");
        }
        return one;
    }

    private static PluginRefusedException bad(String complaint) {
        return new PluginRefusedException(
                ErrorCode.PLUGIN_BAD_MANIFEST, "Plugin-Dependencies: " + complaint, "change Plugin-Dependencies");
    }
}
