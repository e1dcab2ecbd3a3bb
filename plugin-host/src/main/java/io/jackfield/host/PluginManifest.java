package io.jackfield.host;

import io.jackfield.protocol.ErrorCode;
import java.util.List;
import java.util.jar.Attributes;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pf4j.DefaultVersionManager;

/**
 * The manifest entries that a plugin is known by: PF4J's names, checked more strictly than PF4J does. Immutable.
 *
 * @param id {@code Plugin-Id}: also a folder's name
 * @param version {@code Plugin-Version}: a semantic version
 * @param dependencies {@code Plugin-Dependencies}
 * @param exports {@code Plugin-Exports}: what plugins that depend on it see
 */
record PluginManifest(String id, String version, List<Dependency> dependencies, Exports exports) {

    /** The version of plugin-api that this host offers: what {@code Plugin-Requires} is compared with. */
    static final String API_VERSION = "0.1.0";

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
    // Semantic Versioning 2.0.0, sections 2, 9 and 10.
    private static final Pattern VERSION = Pattern.compile("(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)"
            + "(-(0|[1-9]\\d*|\\d*[A-Za-z-][0-9A-Za-z-]*)(\\.(0|[1-9]\\d*|\\d*[A-Za-z-][0-9A-Za-z-]*))*)?"
            + "(\\+[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*)?");
    private static final Pattern EXACT_VERSION = Pattern.compile("\\d+\\.\\d+\\.\\d+");

    PluginIdentity identity() {
        return new PluginIdentity(id, version, dependencies);
    }

    static PluginManifest parse(Attributes entries) throws PluginRefusedException {
        String id = required(entries, "Plugin-Id", ID, "letters, digits, ., _ and -, at most 100");
        String version = required(entries, "Plugin-Version", VERSION, "a semantic version, such as 1.0.0");
        checkRequires(entries.getValue("Plugin-Requires"));
        return new PluginManifest(
                id,
                version,
                Dependency.parse(entries.getValue("Plugin-Dependencies"), id, ID),
                Exports.parse(entries.getValue("Plugin-Exports")));
    }

    private static String required(Attributes entries, String name, Pattern form, String expected)
            throws PluginRefusedException {
        String value = entries.getValue(name);
        if (value == null) {
            throw bad("the manifest has no " + name, "add " + name + " (" + expected + ") to META-INF/MANIFEST.MF");
        }
        if (!form.matcher(value).matches()) {
            throw bad(name + ": " + Texts.cut(value) + " (expected: " + expected + ")", "change " + name);
        }
        return value;
    }

    private static void checkRequires(@Nullable String requires) throws PluginRefusedException {
        if (requires == null || requires.isBlank()) {
            return;
        }
        String range = EXACT_VERSION.matcher(requires.trim()).matches() ? ">=" + requires.trim() : requires.trim();
        boolean met;
        try {
            met = new DefaultVersionManager().checkVersionConstraint(API_VERSION, range);
        } catch (RuntimeException e) {
            throw bad(
                    "Plugin-Requires: " + Texts.cut(requires) + " (expected: a range of versions, such as >=0.1.0)",
                    "change Plugin-Requires: " + Texts.of(e));
        }
        if (!met) {
            throw new PluginRefusedException(
                    ErrorCode.PLUGIN_INCOMPATIBLE,
                    "the plugin requires plugin-api " + Texts.cut(requires) + ", and this host has " + API_VERSION,
                    "use a host of that version, or build the plugin against plugin-api " + API_VERSION);
        }
    }

    private static PluginRefusedException bad(String cause, String hint) {
        return new PluginRefusedException(ErrorCode.PLUGIN_BAD_MANIFEST, cause, hint);
    }
}
