package io.jackfield.broker.plugin;

import io.jackfield.broker.dispatch.RefusedException;
import io.jackfield.broker.plugin.Plugins.Surroundings;
import io.jackfield.host.Generation;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A loaded generation takes its place: at once, or step by step beside the one before it; or it is refused, and goes again. Owned by the
 * plugin thread.
 */
final class Takeover {
    private static final Logger LOG = LoggerFactory.getLogger(Takeover.class);

    private static final int ALL = 100;

    private final Slots slots;
    private final Surroundings broker;
    private final LocalWorker.Surroundings workers;
    private final Ramps ramps;
    private final Departures departures;
    private final Outcomes outcomes;

    /** @param workers what every handler's worker needs */
    Takeover(
            Slots slots,
            Surroundings broker,
            LocalWorker.Surroundings workers,
            Ramps ramps,
            Departures departures,
            Outcomes outcomes) {
        this.slots = slots;
        this.broker = broker;
        this.workers = workers;
        this.ramps = ramps;
        this.departures = departures;
        this.outcomes = outcomes;
    }

    /** The new generation serves before the one it replaces is drained; one that is refused changes nothing else. */
    void begin(Slot slot, Generation generation) {
        LocalGeneration local = new LocalGeneration(generation.toString(), generation.handlers(), workers);
        Tenant tenant = new Tenant(slot.file, generation, local);
        slot.services = tenant.services();
        Optional<Slot> better = slots.outranking(slot);
        if (better.isPresent()) {
            departures.discard(generation);
            outcomes.standsBack(slot, better.get());
            return;
        }
        List<Slot> before = slots.replacedBy(slot, generation);
        Optional<RampPlan> plan = ramps.plan(tenant, before);
        Optional<Failure> taken = slots.serviceTaken(tenant, before);
        Optional<Failure> refusal = taken.isPresent() ? taken : serve(tenant, plan);
        if (refusal.isPresent()) {
            departures.discard(generation);
            outcomes.refused(slot, refusal.get());
            slot.standsBack = taken.map(Failure::cause);
            return;
        }
        slots.all().stream()
                .filter(other -> other != slot && other.holds(generation.pluginId()))
                .forEach(other -> ramps.giveUp(other, "a later one came"));
        if (plan.isPresent()) {
            slot.refusal = Optional.empty();
            ramps.begin(slot, tenant, before, plan.get());
        } else {
            outcomes.serves(slot, tenant, before);
        }
    }

    /** Waits for the loop: only what serves may replace what served. */
    private Optional<Failure> serve(Tenant tenant, Optional<RampPlan> plan) {
        int percent = plan.map(ramp -> ramp.percents().get(0)).orElse(ALL);
        CompletableFuture<Optional<Failure>> answer = new CompletableFuture<>();
        boolean posted = broker.mailbox().post(() -> {
            try {
                tenant.workers().serve(broker.dispatcher(), percent);
                answer.complete(Optional.empty());
            } catch (RefusedException e) {
                answer.complete(Optional.of(e.failure()));
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
            LOG.error("{} could not be put into service", tenant.generation(), e.getCause());
            return Optional.of(Failure.of(ErrorCode.INTERNAL_ERROR, String.valueOf(e.getCause()), "see the log"));
        }
    }
}
