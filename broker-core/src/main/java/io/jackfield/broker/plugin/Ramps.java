package io.jackfield.broker.plugin;

import io.jackfield.broker.plugin.JarSlot.Candidate;
import io.jackfield.broker.plugin.Outcomes.Newcomer;
import io.jackfield.broker.plugin.Plugins.BrokerLoop;
import io.jackfield.host.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** New generations that take over step by step, and the way back where one does worse. Owned by the plugin thread. */
final class Ramps {
    private static final Logger LOG = LoggerFactory.getLogger(Ramps.class);

    private final Outcomes outcomes;
    private final BrokerLoop loop;
    private final PluginRecords records;
    private final Executor thread;
    private final Runnable changed;
    private Map<String, RampPlan> plans;

    /**
     * @param plans how new generations take over, by plugin id
     * @param changed runs on the plugin thread when the views have changed
     */
    Ramps(
            Outcomes outcomes,
            BrokerLoop loop,
            Map<String, RampPlan> plans,
            PluginRecords records,
            Executor thread,
            Runnable changed) {
        this.outcomes = outcomes;
        this.loop = loop;
        this.plans = Map.copyOf(plans);
        this.records = records;
        this.thread = thread;
        this.changed = changed;
    }

    /** How generations take over that come from now on. */
    void plans(Map<String, RampPlan> newPlans) {
        plans = Map.copyOf(newPlans);
    }

    /** How the generation is to take over; empty: at once. */
    Optional<RampPlan> plan(Tenant tenant, List<JarSlot> before) {
        String id = tenant.generation().pluginId();
        boolean replaces = before.stream().anyMatch(slot -> slot.tenant != null && slot.tenant.isOf(id));
        return replaces ? Optional.ofNullable(plans.get(id)) : Optional.empty();
    }

    /** The generation serves with its first share. */
    void begin(JarSlot slot, Tenant tenant, List<JarSlot> formers, RampPlan plan) {
        List<Tenant> leaving = formers.stream()
                .flatMap(former -> Optional.ofNullable(former.tenant).stream())
                .toList();
        List<LocalGeneration> serving = leaving.stream().map(Tenant::workers).toList();
        Replacement replacement = new Replacement(plan, tenant.workers(), serving, loop);
        Candidate candidate = new Candidate(tenant, replacement, List.copyOf(formers), leaving);
        slot.candidate = candidate;
        LOG.info(
                "{} serves {} with {} % of the requests",
                tenant.generation(), tenant.services(), replacement.percent());
        replacement.begin(
                () -> thread.execute(() -> stepped(candidate)),
                fault -> thread.execute(() -> ended(slot, candidate, fault)));
    }

    /** Who was to take over from it does so now. */
    void formerIsGone(JarSlot former, Collection<JarSlot> slots) {
        for (JarSlot slot : List.copyOf(slots)) {
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
        changed.run();
    }

    private void ended(JarSlot slot, Candidate candidate, Optional<String> fault) {
        if (!candidate.equals(slot.candidate)) {
            return;
        }
        if (fault.isPresent()) {
            rollBack(slot, candidate, fault.get());
        } else {
            takeOver(slot, candidate);
        }
        changed.run();
    }

    private void takeOver(JarSlot slot, Candidate candidate) {
        slot.candidate = null;
        LocalGeneration workers = candidate.tenant().workers();
        loop.mailbox().post(() -> workers.share(100));
        List<JarSlot> before =
                candidate.formers().stream().filter(candidate::replaces).toList();
        outcomes.serve(List.of(new Newcomer(slot, candidate.tenant(), false)), before);
    }

    private void rollBack(JarSlot slot, Candidate candidate, String fault) {
        slot.candidate = null;
        outcomes.rolledBack(slot, candidate.tenant(), fault);
        boolean anyServes = false;
        for (JarSlot former : candidate.formers()) {
            Tenant serving = former.tenant;
            if (serving != null && candidate.replaces(former)) {
                anyServes = true;
                LOG.warn("{} serves alone again", serving.generation());
                records.rolledBack(serving, fault);
            }
        }
        if (anyServes) {
            putBack(slot);
        }
    }

    /** The folder is the truth: after a restart the bad jar must not serve. What has come in its place meanwhile is left alone. */
    private void putBack(JarSlot slot) {
        Tenant serving = slot.tenant;
        try {
            if (!Files.exists(slot.file) || !Sha256.of(slot.file).equals(slot.sha256)) {
                LOG.info("{} holds the jar that was rolled back no more", slot.file.getFileName());
                return;
            }
            records.jars.keep(slot.sha256, slot.file);
            if (serving == null) {
                Files.delete(slot.file);
            } else if (records.jars.putBack(serving.generation(), slot.file)) {
                slot.sha256 = serving.generation().sha256();
                slot.identity = Optional.of(serving.generation().identity());
            } else {
                LOG.warn("{} still holds the jar that was rolled back: replace it", slot.file.getFileName());
            }
        } catch (IOException e) {
            LOG.warn("{} cannot be put back: {}", slot.file.getFileName(), e.toString());
        }
    }
}
