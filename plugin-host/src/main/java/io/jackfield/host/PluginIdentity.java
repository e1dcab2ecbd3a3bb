package io.jackfield.host;

import java.util.List;
import org.pf4j.DefaultVersionManager;

/**
 * Which plugin a jar is, by its manifest. Immutable.
 *
 * @param id what all its versions have in common
 * @param version a semantic version
 * @param dependencies the plugins that it cannot be without
 */
public record PluginIdentity(String id, String version, List<Dependency> dependencies) {

    public PluginIdentity {
        dependencies = List.copyOf(dependencies);
    }

    /** Below 0 if this version is the earlier one, by Semantic Versioning; the ids are not looked at. */
    public int compareVersion(PluginIdentity other) {
        return new DefaultVersionManager().compareVersions(version, other.version);
    }

    /** Id and version, for people. */
    @Override
    public String toString() {
        return id + " " + version;
    }
}
