package io.jackfield.broker.plugin;

import io.jackfield.broker.dispatch.RefusedException;
import io.jackfield.broker.plugin.Outcomes.Newcomer;
import io.jackfield.broker.plugin.Plugins.BrokerLoop;
import io.jackfield.host.Generation;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loaded generations take their places: at once and together, or one alone step by step beside the one before it; or they are refused, and go
 * again. Owned by the plugin thread.
 */
final class Takeover {
    private static final Logger LOG = LoggerFactory.getLogger(Takeover.class);

    private static final int ALL = 100;

    private final JarSlots slots;
    private final BrokerLoop loop;
    private final LocalWorker.Surroundings surroundings;
    private final Ramps ramps;
    private final Departures departures;
    private final Outcomes outcomes;

    /** @param surroundings what every handler's worker needs */
    Takeover(
            JarSlots slots,
            BrokerLoop loop,
            LocalWorker.Surroundings surroundings,
            Ramps ramps,
            Departures departures,
            Outcomes outcomes) {
        this.slots = slots;
        this.loop = loop;
        this.surroundings = surroundings;
        this.ramps = ramps;
        this.departures = departures;
        this.outcomes = outcomes;
    }

    /**
     * New generations serve before those that they replace are drained; where one is refused all are, and nothing else changes.
     *
     * @param loaded one of each member of the group
     */
    void begin(Group group, List<Generation> loaded) {
        JarSlot leader = group.leader();
        List<Newcomer> newcomers = newcomers(group, loaded);
        leader.services = newcomers.get(0).tenant().services();
        Optional<JarSlot> better = slots.outranking(leader);
        if (better.isPresent()) {
            loaded.forEach(departures::discard);
            outcomes.standsBack(leader, better.get());
            return;
        }
        Set<JarSlot> before = new LinkedHashSet<>();
        newcomers.forEach(newcomer -> before.addAll(
                slots.replacedBy(newcomer.slot(), newcomer.tenant().generation())));
        List<Tenant> leaving = before.stream()
                .flatMap(slot -> Optional.ofNullable(slot.tenant).stream())
                .toList();
        List<JarSlot> stranded = slots.builtOn(leaving);
        Optional<RampPlan> plan =
                stranded.isEmpty() ? ramps.plan(newcomers.get(0).tenant(), List.copyOf(before)) : Optional.empty();
        Set<JarSlot> making = new LinkedHashSet<>(before);
        making.addAll(stranded);
        List<Tenant> tenants = newcomers.stream().map(Newcomer::tenant).toList();
        Optional<Failure> taken = slots.serviceTaken(tenants, making);
        Optional<Failure> refusal = taken.isPresent() ? taken : serve(tenants, plan);
        if (refusal.isPresent()) {
            loaded.forEach(departures::discard);
            outcomes.refused(leader, refusal.get());
            leader.standsBack = taken.map(Failure::cause);
            return;
        }
        newcomers.forEach(newcomer -> giveUpOthers(newcomer, group));
        if (plan.isPresent()) {
            leader.refusal = Optional.empty();
            ramps.begin(leader, tenants.get(0), List.copyOf(before), plan.get());
        } else {
            outcomes.serve(newcomers, before);
        }
    }

    private List<Newcomer> newcomers(Group group, List<Generation> loaded) {
        List<Newcomer> newcomers = new ArrayList<>();
        for (int i = 0; i < loaded.size(); i++) {
            Generation generation = loaded.get(i);
            Group.Member member = group.members().get(i);
            LocalGeneration local = new LocalGeneration(generation.toString(), generation.handlers(), surroundings);
            newcomers.add(
                    new Newcomer(member.slot(), new Tenant(member.slot().file, generation, local), member.again()));
        }
        return newcomers;
    }

    /** What was to take over from the former generation has nobody to take over from; that of a follower begins anew. */
    private void giveUpOthers(Newcomer newcomer, Group group) {
        JarSlot leader = group.leader();
        for (JarSlot other : slots.all()) {
            if (other.candidate == null
                    || !other.holds(newcomer.tenant().generation().pluginId())) {
                continue;
            }
            if (newcomer.slot() == leader) {
                outcomes.giveUp(other, "a later one came");
                if (other.tenant == null) {
                    other.standsBack = Optional.of(JarSlots.reasonToStandBack(leader));
                }
            } else {
                String what = leader.identity.orElseThrow() + ", which it depends on, came";
                outcomes.giveUp(other, what);
                other.keptOut = true;
                other.waitsFor = Optional.of(what + ": it begins anew");
            }
        }
    }

    /** Waits for the loop: only what serves may replace what served. All begin in one turn, or none. */
    private Optional<Failure> serve(List<Tenant> tenants, Optional<RampPlan> plan) {
        int percent = plan.map(ramp -> ramp.percents().get(0)).orElse(ALL);
        CompletableFuture<Optional<Failure>> answer = new CompletableFuture<>();
        boolean posted = loop.mailbox().post(() -> {
            try {
                Optional<Failure> refused = registered(tenants);
                if (refused.isEmpty()) {
                    tenants.forEach(tenant -> tenant.workers().start(percent));
                }
                answer.complete(refused);
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        if (!posted) {
            return Optional.of(Failure.of(ErrorCode.DRAINING, "the broker has ended", "start it again"));
        }
        try {
            return answer.join();
        } catch (CompletionException e) {
            LOG.error("{} could not be put into service", tenants.get(0).generation(), e.getCause());
            return Optional.of(Failure.of(ErrorCode.INTERNAL_ERROR, String.valueOf(e.getCause()), "see the log"));
        }
    }

    /** On the loop. */
    private Optional<Failure> registered(List<Tenant> tenants) {
        List<Tenant> done = new ArrayList<>();
        try {
            for (Tenant tenant : tenants) {
                tenant.workers().register(loop.dispatcher());
                done.add(tenant);
            }
            return Optional.empty();
        } catch (RefusedException e) {
            done.forEach(tenant -> tenant.workers().abandon("another plugin of its group was refused"));
            return Optional.of(e.failure());
        }
    }
}
