package io.jackfield.broker.plugin;

import io.jackfield.broker.dispatch.RefusedException;
import io.jackfield.broker.loop.Timers.Timer;
import io.jackfield.broker.plugin.Plugins.Surroundings;
import io.jackfield.host.Generation;
import io.jackfield.host.HostedHandler;
import io.jackfield.host.PluginHost;
import io.jackfield.host.PluginRefusedException;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which file holds which plugin, and which generation of it serves. Owned by the plugin thread. A new generation serves before the one it
 * replaces is drained; a jar that is refused changes nothing else; one that another jar has displaced, or kept out, gets its turn when that
 * one goes.
 */
final class Roster {
    private static final Logger LOG = LoggerFactory.getLogger(Roster.class);

    private final PluginHost host;
    private final Surroundings broker;
    private final LocalWorker.Surroundings workers;
    private final long drainTimeoutMs;
    private final Executor thread;
    private final Map<Path, Slot> slots = new LinkedHashMap<>();
    private final Map<Tenant, Timer> leaving = new LinkedHashMap<>();

    /** Written by the plugin thread, read by the broker loop. */
    private volatile List<PluginView> views = List.of();

    /** A file in the folder: what it serves now, and why its present content was refused, if it was. */
    private static final class Slot {
        private @Nullable Tenant tenant;
        private String sha256 = "";
        private boolean loading;
        private Optional<Failure> refusal = Optional.empty();

        /** Set while another jar has what this one wants. */
        private Optional<Claim> claim = Optional.empty();
    }

    /** A loaded generation and its workers. */
    private record Tenant(Path file, Generation generation, LocalGeneration workers) {}

    /** What a jar that does not serve would serve. */
    private record Claim(String pluginId, long generation, List<String> services) {
        static Claim of(Generation generation) {
            return new Claim(generation.pluginId(), generation.number(), Roster.services(generation));
        }
    }

    /**
     * @param workers what every handler's worker needs
     * @param thread the owner
     */
    Roster(
            PluginHost host,
            Surroundings broker,
            LocalWorker.Surroundings workers,
            long drainTimeoutMs,
            Executor thread) {
        this.host = host;
        this.broker = broker;
        this.workers = workers;
        this.drainTimeoutMs = drainTimeoutMs;
        this.thread = thread;
    }

    /** Any thread. */
    List<PluginView> views() {
        return views;
    }

    /** A whole jar is there that was not, or not with that content. */
    void appeared(Path jar, String sha256) {
        Slot slot = slots.get(jar);
        if (slot == null || !slot.sha256.equals(sha256)) {
            take(jar, sha256);
            reconsider();
        }
    }

    void gone(Path jar) {
        Slot slot = slots.remove(jar);
        if (slot != null && slot.tenant != null) {
            LOG.info("{} was removed: {} is drained", jar.getFileName(), slot.tenant.generation);
            retire(slot.tenant);
        }
        reconsider();
        publish();
    }

    void unreadable(Path jar, String reason) {
        Slot slot = slots.computeIfAbsent(jar, any -> new Slot());
        if (slot.tenant == null
                && slot.refusal
                        .filter(before -> before.code() == ErrorCode.PLUGIN_UNREADABLE)
                        .isPresent()) {
            return;
        }
        refuse(jar, slot, Failure.of(ErrorCode.PLUGIN_UNREADABLE, reason, "copy the jar again"));
        publish();
    }

    void unloadAll() {
        for (Slot slot : slots.values()) {
            if (slot.tenant != null) {
                slot.tenant.generation.unload();
            }
        }
        leaving.forEach((tenant, timer) -> {
            timer.close();
            tenant.generation.unload();
        });
        slots.clear();
        leaving.clear();
        publish();
    }

    private void take(Path jar, String sha256) {
        Slot slot = slots.computeIfAbsent(jar, any -> new Slot());
        slot.sha256 = sha256;
        slot.claim = Optional.empty();
        slot.loading = true;
        publish();
        try {
            admit(jar, slot, host.load(jar, Optional.of(sha256)));
        } catch (PluginRefusedException e) {
            refuse(jar, slot, e.failure());
        } catch (IOException e) {
            refuse(jar, slot, Failure.of(ErrorCode.PLUGIN_UNREADABLE, String.valueOf(e.getMessage()), "see the log"));
        } catch (RuntimeException | Error e) {
            // Plugin code: whatever it throws, the other jars go on.
            LOG.error("plugin {} failed while it was loaded", jar.getFileName(), e);
            refuse(jar, slot, Failure.of(ErrorCode.PLUGIN_START_FAILED, "loading it threw " + e, "see the log"));
        }
        slot.loading = false;
        publish();
    }

    private void admit(Path jar, Slot slot, Generation generation) {
        LocalGeneration local = new LocalGeneration(generation.toString(), generation.handlers(), workers);
        Tenant tenant = new Tenant(jar, generation, local);
        List<Tenant> before = replacedBy(slot, generation);
        Optional<Failure> refusal = serviceTaken(generation, before);
        if (refusal.isPresent()) {
            slot.claim = Optional.of(Claim.of(generation));
        } else {
            refusal = serve(tenant);
        }
        if (refusal.isPresent()) {
            generation.unload();
            refuse(jar, slot, refusal.get());
            return;
        }
        for (Slot other : slots.values()) {
            if (other.tenant != null && before.contains(other.tenant)) {
                other.claim = Optional.of(Claim.of(other.tenant.generation));
                other.tenant = null;
            }
        }
        slot.tenant = tenant;
        slot.claim = Optional.empty();
        slot.refusal = Optional.empty();
        LOG.info("{} serves {}", generation, services(generation));
        before.forEach(this::retire);
    }

    /** What the same file held, whatever plugin that is, and what other files hold of the same plugin. */
    private List<Tenant> replacedBy(Slot slot, Generation generation) {
        List<Tenant> tenants = new ArrayList<>();
        for (Slot other : slots.values()) {
            if (other.tenant != null
                    && (other == slot || other.tenant.generation.pluginId().equals(generation.pluginId()))) {
                tenants.add(other.tenant);
            }
        }
        return tenants;
    }

    private Optional<Failure> serviceTaken(Generation generation, List<Tenant> before) {
        for (String service : services(generation)) {
            Tenant owner = servedServices().get(service);
            if (owner != null && !before.contains(owner)) {
                return Optional.of(Failure.of(
                        ErrorCode.PLUGIN_SERVICE_TAKEN,
                        "service " + service + " is served by " + owner.generation,
                        "remove one of the two, or rename the service"));
            }
        }
        return Optional.empty();
    }

    private Map<String, Tenant> servedServices() {
        Map<String, Tenant> served = new HashMap<>();
        for (Slot slot : slots.values()) {
            Tenant tenant = slot.tenant;
            if (tenant != null) {
                services(tenant.generation).forEach(service -> served.put(service, tenant));
            }
        }
        return served;
    }

    /** What lies in the folder serves: a jar that had to stand back takes its place when that is free again, the latest first. */
    private void reconsider() {
        List<Map.Entry<Path, Slot>> waiting = new ArrayList<>();
        for (Map.Entry<Path, Slot> entry : slots.entrySet()) {
            if (entry.getValue().tenant == null && entry.getValue().claim.isPresent()) {
                waiting.add(entry);
            }
        }
        waiting.sort(Comparator.comparingLong(entry -> -generationOf(entry.getValue())));
        for (Map.Entry<Path, Slot> entry : waiting) {
            if (entry.getValue().claim.filter(this::isFree).isPresent()) {
                take(entry.getKey(), entry.getValue().sha256);
            }
        }
    }

    private static long generationOf(Slot slot) {
        return slot.claim.map(Claim::generation).orElse(0L);
    }

    private boolean isFree(Claim claim) {
        boolean pluginServes = slots.values().stream()
                .anyMatch(slot ->
                        slot.tenant != null && slot.tenant.generation.pluginId().equals(claim.pluginId));
        return !pluginServes && claim.services.stream().noneMatch(servedServices()::containsKey);
    }

    /** Waits for the loop: only what serves may replace what served. */
    private Optional<Failure> serve(Tenant tenant) {
        CompletableFuture<Optional<Failure>> answer = new CompletableFuture<>();
        boolean posted = broker.mailbox().post(() -> {
            try {
                tenant.workers.serve(broker.dispatcher());
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
            LOG.error("{} could not be put into service", tenant.generation, e.getCause());
            return Optional.of(Failure.of(ErrorCode.INTERNAL_ERROR, String.valueOf(e.getCause()), "see the log"));
        }
    }

    private void retire(Tenant tenant) {
        Timer timeout = broker.timers().after(drainTimeoutMs, () -> {
            tenant.workers.abandon("its plugin was removed, and " + drainTimeoutMs + " ms were not enough to finish");
            thread.execute(() -> unload(tenant));
        });
        leaving.put(tenant, timeout);
        broker.mailbox().post(() -> tenant.workers.drain(() -> thread.execute(() -> unload(tenant))));
    }

    private void unload(Tenant tenant) {
        Timer timeout = leaving.remove(tenant);
        if (timeout != null) {
            timeout.close();
            tenant.generation.unload();
            LOG.info("{} is unloaded", tenant.generation);
            publish();
        }
    }

    private void refuse(Path jar, Slot slot, Failure failure) {
        slot.refusal = Optional.of(failure);
        LOG.warn("plugin {} is refused: {}", jar.getFileName(), failure.summary());
    }

    private void publish() {
        List<PluginView> now = new ArrayList<>();
        slots.forEach((file, slot) -> now.add(view(file, slot)));
        leaving.keySet().forEach(tenant -> now.add(view(tenant, "draining", "")));
        views = List.copyOf(now);
    }

    private static PluginView view(Path file, Slot slot) {
        String reason = slot.refusal.map(Failure::summary).orElse("");
        if (slot.tenant != null) {
            return view(slot.tenant, "serving", reason);
        }
        String name = String.valueOf(file.getFileName());
        String id = slot.claim.map(Claim::pluginId).orElse(name);
        if (slot.loading) {
            return new PluginView(id, "", "loading", 0, List.of(), slot.sha256, name, "");
        }
        String state = slot.refusal.isPresent() ? "refused" : "replaced";
        return new PluginView(id, "", state, 0, List.of(), slot.sha256, name, reason);
    }

    private static PluginView view(Tenant tenant, String state, String reason) {
        Generation generation = tenant.generation;
        return new PluginView(
                generation.pluginId(),
                generation.version(),
                state,
                generation.number(),
                services(generation),
                generation.sha256(),
                String.valueOf(tenant.file.getFileName()),
                reason);
    }

    private static List<String> services(Generation generation) {
        return generation.handlers().stream()
                .map(HostedHandler::declared)
                .map(declared -> declared.service())
                .toList();
    }
}
