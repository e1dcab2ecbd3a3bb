package io.jackfield.broker.plugin;

import io.jackfield.broker.dispatch.RefusedException;
import io.jackfield.broker.plugin.PluginChange.Kind;
import io.jackfield.broker.plugin.Plugins.Surroundings;
import io.jackfield.host.Generation;
import io.jackfield.host.PluginHost;
import io.jackfield.host.PluginIdentity;
import io.jackfield.host.PluginRefusedException;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which file holds which plugin, and which generation of it serves. Owned by the plugin thread, on which no code of a plugin runs. A new
 * generation serves before the one it replaces is drained; a jar that is refused changes nothing else; one that another jar has displaced, or
 * kept out, gets its turn when that one goes.
 */
final class Roster {
    private static final Logger LOG = LoggerFactory.getLogger(Roster.class);

    private static final int ALL = 100;

    private final PluginHost host;
    private final Surroundings broker;
    private final LocalWorker.Surroundings workers;
    private final Executor thread;
    private final PluginRecords records;
    private final Loads loads;
    private final Departures departures;
    private final Ramps ramps;
    private final Map<Path, Slot> slots = new LinkedHashMap<>();
    private Set<String> disabled = Set.of();
    private long attempts;

    /** Written by the plugin thread, read by the broker loop. */
    private volatile List<Shown> shown = List.of();

    /**
     * @param workers what every handler's worker needs
     * @param thread the owner
     */
    Roster(
            PluginHost host,
            Surroundings broker,
            LocalWorker.Surroundings workers,
            PluginSettings settings,
            PluginRecords records,
            Executor thread) {
        this.host = host;
        this.broker = broker;
        this.workers = workers;
        this.thread = thread;
        this.records = records;
        this.loads = new Loads(host, settings.loadTimeoutMs(), thread);
        this.departures = new Departures(broker, settings, thread, this::publish);
        this.ramps = new Ramps(this, broker, settings, records, departures, thread);
    }

    /** Any thread. */
    List<PluginView> views() {
        return shown.stream().map(Shown::now).toList();
    }

    /** A whole jar is there that was not, or not with that content. */
    void appeared(Path jar, String sha256, Kind kind) {
        Slot slot = slots.computeIfAbsent(jar, Slot::new);
        if (slot.sha256.equals(sha256)) {
            slot.gone = false;
            return;
        }
        if (slot.tenant != null && slot.tenant.generation().sha256().equals(sha256)) {
            // Put back what serves.
            slot.begin(sha256, slot.attempt, kind, "");
            slot.identity = Optional.of(slot.tenant.generation().identity());
            slot.refusal = Optional.empty();
            slot.settle(Optional.empty());
            publish();
            return;
        }
        take(slot, sha256, kind, "");
    }

    /** The same jar once more, or another, for a reason that the history is to show. */
    void appeared(Path jar, String sha256, Kind kind, String why) {
        take(slots.computeIfAbsent(jar, Slot::new), sha256, kind, why);
    }

    void gone(Path jar) {
        Slot slot = slots.get(jar);
        if (slot == null) {
            return;
        }
        Tenant tenant = slot.tenant;
        if (tenant != null
                && slot.candidate == null
                && isLoadingElsewhere(slot, tenant.generation().pluginId())) {
            slot.gone = true;
        } else {
            remove(slot);
        }
        reconsider();
        publish();
    }

    void unreadable(Path jar, String reason) {
        Slot slot = slots.computeIfAbsent(jar, Slot::new);
        if (slot.tenant == null
                && slot.refusal
                        .filter(before -> before.code() == ErrorCode.PLUGIN_UNREADABLE)
                        .isPresent()) {
            return;
        }
        refuse(slot, Failure.of(ErrorCode.PLUGIN_UNREADABLE, reason, "copy the jar again"));
        publish();
    }

    /** These plugins, and no others, are turned off. */
    void disabled(Set<String> pluginIds) {
        Set<String> before = disabled;
        disabled = Set.copyOf(pluginIds);
        for (Slot slot : List.copyOf(slots.values())) {
            String id = slot.identity.map(PluginIdentity::id).orElse("");
            if (disabled.contains(id) && !slot.disabled) {
                turnOff(slot);
            }
        }
        slots.values().stream()
                .filter(slot -> slot.disabled)
                .filter(slot -> slot.identity
                        .filter(known -> before.contains(known.id()) && !disabled.contains(known.id()))
                        .isPresent())
                .sorted((a, b) -> a.outranks(b) ? -1 : 1)
                .toList()
                .forEach(slot -> take(slot, slot.sha256, Kind.ENABLED, ""));
        reconsider();
        publish();
    }

    /** The files that hold the plugin, the one that serves first. */
    List<Slot> holding(String pluginId) {
        return slots.values().stream()
                .filter(slot -> slot.holds(pluginId))
                .sorted(Comparator.comparing(slot -> slot.tenant == null))
                .toList();
    }

    Optional<Slot> slot(Path jar) {
        return Optional.ofNullable(slots.get(jar));
    }

    /** Runs once nothing is being loaded, perhaps at once. */
    void whenQuiet(Runnable action) {
        Optional<Slot> busy =
                slots.values().stream().filter(slot -> slot.loading).findFirst();
        busy.ifPresentOrElse(slot -> slot.whenSettled(any -> thread.execute(() -> whenQuiet(action))), action);
    }

    /** What is still being loaded will serve these: requests for them wait from now on, and do not fail. */
    void openServices() {
        for (Slot slot : slots.values()) {
            if (slot.loading) {
                slot.services.forEach(this::open);
            }
        }
    }

    /** Begins to unload everything, and waits so long for it. */
    void unloadAll(long timeMs) {
        loads.interruptAll();
        slots.values().forEach(slot -> ramps.giveUp(slot, "the broker ends"));
        slots.values().stream()
                .flatMap(slot -> Optional.ofNullable(slot.tenant).stream())
                .forEach(departures::unload);
        departures.unloadAll(timeMs);
        loads.joinAll(timeMs);
        slots.clear();
        publish();
    }

    private void open(String service) {
        broker.mailbox().post(() -> {
            try {
                broker.dispatcher().open(service);
            } catch (RefusedException e) {
                LOG.warn("service {} of a plugin: {}", service, e.failure().cause());
            }
        });
    }

    private void remove(Slot slot) {
        slots.remove(slot.file);
        slot.attempt = 0;
        ramps.giveUp(slot, "its jar was removed");
        slot.settle(Optional.of(Failure.of(ErrorCode.PLUGIN_UNREADABLE, "the jar was removed", "")));
        Tenant tenant = slot.tenant;
        if (tenant != null) {
            LOG.info("{} was removed: {} is drained", slot.file.getFileName(), tenant.generation());
            records.stopped(tenant, Kind.REMOVED, "");
            departures.begin(tenant);
        }
        ramps.formerIsGone(slot, slots.values());
    }

    private boolean isLoadingElsewhere(Slot slot, String pluginId) {
        return slots.values().stream()
                .anyMatch(other -> other != slot
                        && other.loading
                        && other.identity
                                .filter(known -> known.id().equals(pluginId))
                                .isPresent());
    }

    private void take(Slot slot, String sha256, Kind kind, String why) {
        if (slot.loading) {
            slot.settle(Optional.of(
                    Failure.of(ErrorCode.PLUGIN_UNREADABLE, "other content came while the jar was loaded", "")));
        }
        ramps.giveUp(slot, "other content came");
        slot.begin(sha256, ++attempts, kind, why);
        try {
            slot.identity = Optional.of(host.identify(slot.file));
        } catch (PluginRefusedException e) {
            refuse(slot, e.failure());
            publish();
            return;
        }
        Optional<Slot> better = outranking(slot);
        if (disabled.contains(slot.identity.get().id())) {
            turnOff(slot);
        } else if (better.isPresent()) {
            standBack(slot, better.get());
        } else {
            slot.loading = true;
            long attempt = slot.attempt;
            loads.begin(slot, declared -> declared(slot, attempt, declared), loaded -> loaded(slot, attempt, loaded));
        }
        publish();
    }

    private void declared(Slot slot, long attempt, List<String> services) {
        if (slot.attempt == attempt) {
            slot.services = services;
        }
    }

    private void loaded(Slot slot, long attempt, Loads.Loaded loaded) {
        if (slot.attempt != attempt || !slot.loading) {
            loaded.generation().ifPresent(departures::discard);
            return;
        }
        slot.loading = false;
        loaded.generation()
                .ifPresentOrElse(generation -> admit(slot, generation), () -> refuse(slot, loaded.failure()));
        slots.values().stream()
                .filter(other -> other.gone
                        && (other.tenant == null
                                || !isLoadingElsewhere(
                                        other, other.tenant.generation().pluginId())))
                .toList()
                .forEach(this::remove);
        reconsider();
        publish();
        slot.settle(slot.refusal);
    }

    private void admit(Slot slot, Generation generation) {
        LocalGeneration local = new LocalGeneration(generation.toString(), generation.handlers(), workers);
        Tenant tenant = new Tenant(slot.file, generation, local);
        slot.services = tenant.services();
        Optional<Slot> better = outranking(slot);
        if (better.isPresent()) {
            departures.discard(generation);
            standBack(slot, better.get());
            return;
        }
        List<Slot> before = replacedBy(slot, generation);
        Optional<RampPlan> plan = ramps.plan(tenant, before);
        Optional<Failure> taken = serviceTaken(tenant, before);
        Optional<Failure> refusal = taken.isPresent() ? taken : serve(tenant, plan);
        if (refusal.isPresent()) {
            departures.discard(generation);
            refuse(slot, refusal.get());
            slot.standsBack = taken.map(Failure::cause);
            return;
        }
        slots.values().stream()
                .filter(other -> other != slot && other.holds(generation.pluginId()))
                .forEach(other -> ramps.giveUp(other, "a later one came"));
        if (plan.isPresent()) {
            slot.refusal = Optional.empty();
            ramps.begin(slot, tenant, before, plan.get());
        } else {
            replace(slot, tenant, before);
        }
    }

    /** The former generations are drained, and the new one has their place. */
    void replace(Slot slot, Tenant tenant, List<Slot> before) {
        List<Tenant> leaving = new ArrayList<>();
        for (Slot other : before) {
            Tenant former = other.tenant;
            if (former != null) {
                leaving.add(former);
                other.tenant = null;
                other.standsBack = Optional.of(reasonToStandBack(slot));
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

    /** What the same file held, whatever plugin that is, and what other files hold of the same plugin. */
    private List<Slot> replacedBy(Slot slot, Generation generation) {
        return slots.values().stream()
                .filter(other -> other.tenant != null
                        && (other == slot
                                || other.tenant.generation().pluginId().equals(generation.pluginId())))
                .toList();
    }

    /** Another file that holds the plugin in a later version, or came later with the same one. */
    private Optional<Slot> outranking(Slot slot) {
        String id = slot.identity.orElseThrow().id();
        return slots.values().stream()
                .filter(other -> other != slot && !other.gone && (other.loading || other.tenant != null))
                .filter(other ->
                        other.identity.filter(known -> known.id().equals(id)).isPresent())
                .filter(other -> other.outranks(slot))
                .findFirst();
    }

    private void standBack(Slot slot, Slot better) {
        slot.standsBack = Optional.of(reasonToStandBack(better));
        slot.refusal = Optional.empty();
        LOG.info("{} stands back: {}", slot.file.getFileName(), slot.standsBack.get());
        leave(slot, Kind.REPLACED, slot.standsBack.get());
        slot.settle(Optional.empty());
    }

    private static String reasonToStandBack(Slot better) {
        return better.file.getFileName() + " holds version "
                + better.identity.map(PluginIdentity::version).orElse("?") + " of the plugin";
    }

    private void turnOff(Slot slot) {
        slot.disabled = true;
        slot.refusal = Optional.empty();
        slot.attempt = ++attempts;
        ramps.giveUp(slot, "it was disabled");
        leave(slot, Kind.DISABLED, "");
        slot.settle(Optional.empty());
    }

    /** What the slot serves is drained: nothing takes its place there. */
    private void leave(Slot slot, Kind kind, String why) {
        Tenant tenant = slot.tenant;
        if (tenant != null) {
            slot.tenant = null;
            LOG.info("{} is drained: {}", tenant.generation(), why.isEmpty() ? kind.word() : why);
            records.stopped(tenant, kind, why);
            departures.begin(tenant);
        }
    }

    private Optional<Failure> serviceTaken(Tenant tenant, List<Slot> before) {
        Map<String, Slot> served = servedServices();
        for (String service : tenant.services()) {
            Slot owner = served.get(service);
            if (owner != null && owner.tenant != null && !before.contains(owner)) {
                return Optional.of(Failure.of(
                        ErrorCode.PLUGIN_SERVICE_TAKEN,
                        "service " + service + " is served by " + owner.tenant.generation(),
                        "remove one of the two, or rename the service"));
            }
        }
        return Optional.empty();
    }

    private Map<String, Slot> servedServices() {
        Map<String, Slot> served = new HashMap<>();
        for (Slot slot : slots.values()) {
            Tenant tenant = slot.tenant;
            if (tenant != null) {
                tenant.services().forEach(service -> served.put(service, slot));
            }
        }
        return served;
    }

    /** What lies in the folder serves: a jar that had to stand back takes its place when that is free again, the latest first. */
    private void reconsider() {
        slots.values().stream()
                .filter(slot -> slot.tenant == null && !slot.loading && !slot.disabled && slot.standsBack.isPresent())
                .sorted((a, b) -> Long.compare(b.attempt, a.attempt))
                .toList()
                .forEach(slot -> {
                    if (outranking(slot).isEmpty() && isFree(slot)) {
                        take(slot, slot.sha256, slot.kind, "what it stood back for is gone");
                    }
                });
    }

    private boolean isFree(Slot slot) {
        String id = slot.identity.orElseThrow().id();
        boolean pluginServes = slots.values().stream()
                .anyMatch(other -> other != slot && (other.loading || other.tenant != null) && other.holds(id));
        return !pluginServes && slot.services.stream().noneMatch(servedServices()::containsKey);
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

    void refuse(Slot slot, Failure failure) {
        slot.refusal = Optional.of(failure);
        LOG.warn("plugin {} is refused: {}", slot.file.getFileName(), failure.summary());
        records.refused(slot, failure.summary());
        slot.settle(slot.refusal);
    }

    void publish() {
        List<Shown> now = new ArrayList<>();
        slots.values().forEach(slot -> now.addAll(slot.views()));
        now.addAll(departures.views());
        shown = List.copyOf(now);
    }
}
