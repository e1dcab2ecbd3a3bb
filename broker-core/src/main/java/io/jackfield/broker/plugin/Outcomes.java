package io.jackfield.broker.plugin;

import io.jackfield.broker.plugin.PluginChange.Kind;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of a file's content: it serves, stands back, is refused or stops. Each is logged, goes into the history and is told to
 * whoever waits for it. Owned by the plugin thread.
 */
final class Outcomes {
    private static final Logger LOG = LoggerFactory.getLogger(Outcomes.class);

    private final PluginRecords records;
    private final Departures departures;

    Outcomes(PluginRecords records, Departures departures) {
        this.records = records;
        this.departures = departures;
    }

    /** The former generations are drained, and the new one, which serves already, has their place. */
    void serves(Slot slot, Tenant tenant, List<Slot> before) {
        List<Tenant> leaving = new ArrayList<>();
        for (Slot other : before) {
            Tenant former = other.tenant;
            if (former != null) {
                leaving.add(former);
                other.tenant = null;
                other.standsBack = Optional.of(Slots.reasonToStandBack(slot));
            }
        }
        slot.tenant = tenant;
        slot.standsBack = Optional.empty();
        slot.refusal = Optional.empty();
        LOG.info("{} serves {}", tenant.generation(), tenant.services());
        records.serving(tenant, kind(slot, leaving), slot.why);
        leaving.forEach(departures::begin);
    }

    private static Kind kind(Slot slot, List<Tenant> leaving) {
        return slot.kind == Kind.ADDED && !leaving.isEmpty() ? Kind.REPLACED : slot.kind;
    }

    /** The slot's content is not loaded, or what was loaded of it goes again: another file goes before it. */
    void standsBack(Slot slot, Slot better) {
        slot.standsBack = Optional.of(Slots.reasonToStandBack(better));
        slot.refusal = Optional.empty();
        LOG.info("{} stands back: {}", slot.file.getFileName(), slot.standsBack.get());
        stops(slot, Kind.REPLACED, slot.standsBack.get());
        slot.settle(Optional.empty());
    }

    /** What serves goes on. */
    void refused(Slot slot, Failure failure) {
        slot.refusal = Optional.of(failure);
        LOG.warn("plugin {} is refused: {}", slot.file.getFileName(), failure.summary());
        records.refused(slot, failure.summary());
        slot.settle(slot.refusal);
    }

    /** What was to take over from what the slot serves is drained. */
    void doesNotTakeOver(Slot slot, Tenant candidate, String why) {
        LOG.info("{} does not take over: {}", candidate.generation(), why);
        records.stopped(candidate, slot.kind, why);
        departures.begin(candidate);
    }

    /** What was to take over does worse than what serves. */
    void rolledBack(Slot slot, Tenant candidate, String fault) {
        departures.begin(candidate);
        refused(
                slot,
                Failure.of(
                        ErrorCode.PLUGIN_ROLLED_BACK,
                        candidate.generation() + " is rolled back: " + fault,
                        "mend it and replace the jar again"));
    }

    /** What the slot serves, if anything, is drained: nothing takes its place there. */
    void stops(Slot slot, Kind kind, String why) {
        Tenant tenant = slot.tenant;
        if (tenant != null) {
            slot.tenant = null;
            LOG.info("{} is drained: {}", tenant.generation(), why.isEmpty() ? kind.word() : why);
            records.stopped(tenant, kind, why);
            departures.begin(tenant);
        }
    }
}
