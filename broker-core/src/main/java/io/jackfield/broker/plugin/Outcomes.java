package io.jackfield.broker.plugin;

import io.jackfield.broker.plugin.JarSlot.Candidate;
import io.jackfield.broker.plugin.PluginChange.Kind;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of a file's content: it serves, stands back, waits, is refused or stops. Each is logged, goes into the history and is told to
 * whoever waits for it. No generation serves longer than those that it is built on. Owned by the plugin thread.
 */
final class Outcomes {
    private static final Logger LOG = LoggerFactory.getLogger(Outcomes.class);

    private final JarSlots slots;
    private final PluginRecords records;
    private final Departures departures;

    Outcomes(JarSlots slots, PluginRecords records, Departures departures) {
        this.slots = slots;
        this.records = records;
        this.departures = departures;
    }

    /**
     * A generation that serves already.
     *
     * @param again of what served before: the file's present content may be another
     */
    record Newcomer(JarSlot slot, Tenant tenant, boolean again) {}

    /** The former generations are drained, and the new ones have their places. */
    void serve(List<Newcomer> newcomers, Collection<JarSlot> before) {
        List<Tenant> leaving = new ArrayList<>();
        for (JarSlot other : before) {
            Tenant former = other.tenant;
            if (former != null) {
                leaving.add(former);
                other.tenant = null;
                other.standsBack = Optional.of(JarSlots.reasonToStandBack(successor(former, other, newcomers)));
            }
        }
        for (Newcomer newcomer : newcomers) {
            newcomer.slot().tenant = newcomer.tenant();
        }
        strand(leaving, "was replaced");
        for (Newcomer newcomer : newcomers) {
            serves(newcomer, newcomers.get(0), leaving);
        }
        leaving.sort(Comparator.comparing(tenant -> -tenant.generation().number()));
        leaving.forEach(departures::begin);
    }

    private static JarSlot successor(Tenant former, JarSlot place, List<Newcomer> newcomers) {
        return newcomers.stream()
                .filter(newcomer -> former.isOf(newcomer.tenant().generation().pluginId()))
                .findFirst()
                .map(Newcomer::slot)
                .orElse(place);
    }

    private void serves(Newcomer newcomer, Newcomer leader, List<Tenant> leaving) {
        JarSlot slot = newcomer.slot();
        Tenant tenant = newcomer.tenant();
        slot.standsBack = Optional.empty();
        if (!newcomer.again()) {
            slot.refusal = Optional.empty();
            slot.waitsFor = Optional.empty();
            slot.keptOut = false;
        }
        LOG.info("{} serves {}", tenant.generation(), tenant.services());
        boolean follows = !newcomer.equals(leader);
        String why = follows ? "with " + leader.tenant().generation().identity() : slot.why;
        records.serving(tenant, follows ? Kind.REPLACED : kind(slot, leaving), why);
        if (follows) {
            slot.settle(slot.refusal);
        }
    }

    private static Kind kind(JarSlot slot, List<Tenant> leaving) {
        return slot.kind == Kind.ADDED && !leaving.isEmpty() ? Kind.REPLACED : slot.kind;
    }

    /** The slot's content is not loaded, or what was loaded of it goes again: another file goes before it. */
    void standsBack(JarSlot slot, JarSlot better) {
        slot.standsBack = Optional.of(JarSlots.reasonToStandBack(better));
        slot.refusal = Optional.empty();
        LOG.info("{} stands back: {}", slot.file.getFileName(), slot.standsBack.get());
        stops(slot, Kind.REPLACED, slot.standsBack.get());
        slot.settle(Optional.empty());
    }

    /** The slot's content is not loaded before plugins that it depends on serve. What serves goes on. */
    void waits(JarSlot slot, String reason) {
        if (!slot.keptOut) {
            LOG.info("plugin {} {}", slot.file.getFileName(), reason);
        }
        slot.keptOut = true;
        slot.waitsFor = Optional.of(reason);
        slot.refusal = Optional.empty();
        slot.settle(Optional.empty());
    }

    /** The slot's content does not fit other plugins; it is looked at again when these change. What serves goes on. */
    void doesNotFit(JarSlot slot, Failure failure) {
        boolean told = slot.keptOut && slot.refusal.equals(Optional.of(failure));
        slot.keptOut = true;
        slot.waitsFor = Optional.empty();
        if (!told) {
            refused(slot, failure);
        }
    }

    /** What serves goes on. */
    void refused(JarSlot slot, Failure failure) {
        slot.refusal = Optional.of(failure);
        LOG.warn("plugin {} is refused: {}", slot.file.getFileName(), failure.summary());
        records.refused(slot, failure.summary());
        slot.settle(slot.refusal);
    }

    /** What was to take over from what the slot serves, if anything, is drained; what serves goes on. */
    void giveUp(JarSlot slot, String why) {
        Candidate candidate = slot.candidate;
        if (candidate != null) {
            slot.candidate = null;
            candidate.replacement().stop();
            LOG.info("{} does not take over: {}", candidate.tenant().generation(), why);
            records.stopped(candidate.tenant(), slot.kind, why);
            departures.begin(candidate.tenant());
        }
    }

    /** What was to take over from what the slot serves does worse. */
    void rolledBack(JarSlot slot, Tenant candidate, String fault) {
        departures.begin(candidate);
        refused(
                slot,
                Failure.of(
                        ErrorCode.PLUGIN_ROLLED_BACK,
                        candidate.generation() + " is rolled back: " + fault,
                        "mend it and replace the jar again"));
    }

    /** What the slot serves, if anything, is drained: nothing takes its place there. */
    void stops(JarSlot slot, Kind kind, String why) {
        Tenant tenant = slot.tenant;
        if (tenant != null) {
            slot.tenant = null;
            strand(List.of(tenant), went(kind));
            LOG.info("{} is drained: {}", tenant.generation(), why.isEmpty() ? kind.word() : why);
            records.stopped(tenant, kind, why);
            departures.begin(tenant);
        }
    }

    private static String went(Kind kind) {
        return switch (kind) {
            case DISABLED -> "was disabled";
            case REPLACED -> "stands back";
            default -> "was removed";
        };
    }

    /** What is built on those that go is drained before them, and waits. */
    private void strand(List<Tenant> going, String what) {
        for (JarSlot slot : slots.all()) {
            Candidate candidate = slot.candidate;
            Optional<Tenant> gone =
                    candidate == null ? Optional.empty() : candidate.tenant().among(going);
            if (gone.isPresent()) {
                giveUp(slot, gone.get().generation().identity() + ", which it depends on, " + what);
                waitsAgain(slot, gone.get(), what);
            }
        }
        List<JarSlot> stranded = new ArrayList<>(slots.builtOn(going));
        Collections.reverse(stranded);
        for (JarSlot slot : stranded) {
            Tenant tenant = slot.tenant;
            if (tenant != null) {
                slot.tenant = null;
                Tenant gone = tenant.among(going).orElse(going.get(0));
                String why = gone.generation().identity() + ", which it depends on, " + what;
                LOG.info("{} is drained: {}", tenant.generation(), why);
                records.stopped(tenant, Kind.WAITING, why);
                if (slot.sha256.equals(tenant.generation().sha256())) {
                    waitsAgain(slot, gone, what);
                }
                departures.begin(tenant);
            }
        }
    }

    private static void waitsAgain(JarSlot slot, Tenant gone, String what) {
        slot.keptOut = true;
        slot.refusal = Optional.empty();
        slot.waitsFor = Optional.of("waits for " + gone.generation().pluginId() + ", which " + what);
    }
}
