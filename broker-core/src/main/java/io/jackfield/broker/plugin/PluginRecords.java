package io.jackfield.broker.plugin;

import io.jackfield.broker.plugin.PluginChange.Kind;
import io.jackfield.host.PluginIdentity;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/** What is kept of plugins beyond what serves: what happened, and the jars to go back to. Owned by the plugin thread. */
final class PluginRecords {
    final PluginHistory history;
    final KeptJars jars;
    private final InstantSource time;

    PluginRecords(PluginHistory history, KeptJars jars, InstantSource time) {
        this.history = history;
        this.jars = jars;
        this.time = time;
    }

    void serving(Tenant tenant, Kind kind, String why) {
        jars.keep(tenant.generation());
        history.add(change(tenant, kind, PluginChange.SERVING, why));
    }

    void stopped(Tenant tenant, Kind kind, String why) {
        history.add(change(tenant, kind, PluginChange.STOPPED, why));
    }

    /** It serves alone again: what was to take over did worse. */
    void rolledBack(Tenant tenant, String why) {
        history.add(change(tenant, Kind.ROLLED_BACK, PluginChange.SERVING, why));
    }

    /** What became of its classes. */
    void left(Unloads.Gone gone, String outcome, String why) {
        history.add(new PluginChange(
                now(),
                gone.plugin(),
                gone.version(),
                gone.number(),
                gone.sha256(),
                gone.file(),
                Kind.UNLOADED.word(),
                outcome,
                why));
    }

    void refused(JarSlot slot, String why) {
        String file = String.valueOf(slot.file.getFileName());
        Kind kind = slot.kind == Kind.ADDED && slot.tenant != null ? Kind.REPLACED : slot.kind;
        history.add(new PluginChange(
                now(),
                slot.identity.map(PluginIdentity::id).orElse(file),
                slot.identity.map(PluginIdentity::version).orElse(""),
                0,
                slot.sha256,
                file,
                kind.word(),
                PluginChange.REFUSED,
                why));
    }

    private PluginChange change(Tenant tenant, Kind kind, String outcome, String why) {
        return new PluginChange(
                now(),
                tenant.generation().pluginId(),
                tenant.generation().version(),
                tenant.generation().number(),
                tenant.generation().sha256(),
                String.valueOf(tenant.file().getFileName()),
                kind.word(),
                outcome,
                why);
    }

    private String now() {
        return time.instant().truncatedTo(ChronoUnit.MILLIS).toString();
    }
}
