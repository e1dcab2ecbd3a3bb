package io.jackfield.broker.plugin;

import io.jackfield.broker.plugin.Plugins.Surroundings;
import io.jackfield.broker.plugin.Slot.Candidate;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** New generations that take over step by step, and the way back where one does worse. Owned by the plugin thread. */
final class Ramps {
    private static final Logger LOG = LoggerFactory.getLogger(Ramps.class);

    private final Roster roster;
    private final Surroundings broker;
    private final PluginSettings settings;
    private final PluginRecords records;
    private final Departures departures;
    private final Executor thread;

    Ramps(
            Roster roster,
            Surroundings broker,
            PluginSettings settings,
            PluginRecords records,
            Departures departures,
            Executor thread) {
        this.roster = roster;
        this.broker = broker;
        this.settings = settings;
        this.records = records;
        this.departures = departures;
        this.thread = thread;
    }

    /** How the generation is to take over; empty: at once. */
    Optional<RampPlan> plan(Tenant tenant, List<Slot> before) {
        String id = tenant.generation().pluginId();
        boolean replaces = before.stream().anyMatch(slot -> slot.tenant != null && slot.tenant.isOf(id));
        return replaces ? Optional.ofNullable(settings.ramps().get(id)) : Optional.empty();
    }

    /** The generation serves with its first share. */
    void begin(Slot slot, Tenant tenant, List<Slot> formers, RampPlan plan) {
        List<LocalGeneration> serving = formers.stream()
                .flatMap(former -> Optional.ofNullable(former.tenant).stream())
                .map(Tenant::workers)
                .toList();
        Replacement replacement = new Replacement(plan, tenant.workers(), serving, broker);
        Candidate candidate = new Candidate(tenant, replacement, List.copyOf(formers));
        slot.candidate = candidate;
        LOG.info(
                "{} serves {} with {} % of the requests",
                tenant.generation(), tenant.services(), replacement.percent());
        replacement.begin(
                () -> thread.execute(() -> stepped(candidate)),
                fault -> thread.execute(() -> ended(slot, candidate, fault)));
    }

    /** What was to take over from the slot is drained; what serves goes on. */
    void giveUp(Slot slot, String why) {
        Candidate candidate = slot.candidate;
        if (candidate != null) {
            slot.candidate = null;
            candidate.replacement().stop();
            LOG.info("{} does not take over: {}", candidate.tenant().generation(), why);
            records.stopped(candidate.tenant(), slot.kind, why);
            departures.begin(candidate.tenant());
        }
    }

    /** Who was to take over from it does so now. */
    void formerIsGone(Slot former, Collection<Slot> slots) {
        for (Slot slot : List.copyOf(slots)) {
            Candidate candidate = slot.candidate;
            if (candidate != null && candidate.formers().contains(former)) {
                candidate.replacement().stop();
                takeOver(slot, candidate);
            }
        }
    }

    private void stepped(Candidate candidate) {
        LOG.info(
                "{} now gets {} % of the requests",
                candidate.tenant().generation(), candidate.replacement().percent());
        roster.publish();
    }

    private void ended(Slot slot, Candidate candidate, Optional<String> fault) {
        if (!candidate.equals(slot.candidate)) {
            return;
        }
        if (fault.isPresent()) {
            rollBack(slot, candidate, fault.get());
        } else {
            takeOver(slot, candidate);
        }
        roster.publish();
    }

    private void takeOver(Slot slot, Candidate candidate) {
        slot.candidate = null;
        LocalGeneration workers = candidate.tenant().workers();
        broker.mailbox().post(() -> workers.share(100));
        List<Slot> formers = candidate.formers().stream()
                .filter(former -> former.tenant != null)
                .toList();
        roster.replace(slot, candidate.tenant(), formers);
    }

    private void rollBack(Slot slot, Candidate candidate, String fault) {
        slot.candidate = null;
        departures.begin(candidate.tenant());
        roster.refuse(
                slot,
                Failure.of(
                        ErrorCode.PLUGIN_ROLLED_BACK,
                        candidate.tenant().generation() + " is rolled back: " + fault,
                        "mend it and replace the jar again"));
        for (Slot former : candidate.formers()) {
            Tenant serving = former.tenant;
            if (serving != null) {
                LOG.warn("{} serves alone again", serving.generation());
                records.rolledBack(serving, fault);
                putBack(slot, former, serving);
            }
        }
    }

    /** The folder is the truth: after a restart the bad jar must not serve. */
    private void putBack(Slot slot, Slot former, Tenant serving) {
        try {
            records.jars.keep(slot.sha256, slot.file);
            if (former != slot) {
                Files.deleteIfExists(slot.file);
            } else if (!records.jars.putBack(serving.generation(), slot.file)) {
                LOG.warn("{} still holds the jar that was rolled back: replace it", slot.file.getFileName());
                return;
            }
            slot.sha256 = former == slot ? serving.generation().sha256() : slot.sha256;
            slot.identity = Optional.of(serving.generation().identity());
        } catch (IOException e) {
            LOG.warn("{} cannot be put back: {}", slot.file.getFileName(), e.toString());
        }
    }
}
