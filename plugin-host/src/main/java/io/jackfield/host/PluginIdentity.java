package io.jackfield.host;

import org.pf4j.DefaultVersionManager;

/**
 * Which plugin a jar is, by its manifest. Immutable.
 *
 * @param id what all its versions have in common
 * @param version a semantic version
 */
public record PluginIdentity(String id, String version) {

    /** Below 0 if this version is the earlier one, by Semantic Versioning; the ids are not looked at. */
    public int compareVersion(PluginIdentity other) {
        return new DefaultVersionManager().compareVersions(version, other.version);
    }
}
