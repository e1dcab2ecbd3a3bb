package io.jackfield.broker.plugin;

import io.jackfield.broker.loop.Timers.Timer;
import io.jackfield.broker.plugin.Plugins.BrokerLoop;
import io.jackfield.broker.plugin.Unloads.Gone;
import io.jackfield.host.Generation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Generations that no longer serve: drained, then unloaded on a thread of their own, for their {@code stop()} may hang; then it is proved that
 * nothing of them is left. Owned by the plugin thread.
 */
final class Departures {
    private static final Logger LOG = LoggerFactory.getLogger(Departures.class);

    private final BrokerLoop loop;
    private final PluginSettings settings;
    private final PluginRecords records;
    private final Executor thread;
    private final Runnable changed;
    private final Map<Tenant, Leaving> leaving = new LinkedHashMap<>();
    private final Map<Gone, String> pinned = new LinkedHashMap<>();
    private final Unloads unloads;

    /** Written by the plugin thread, read by any. */
    private volatile UnloadCounts counts = UnloadCounts.NONE;

    /** One that goes. */
    private static final class Leaving {
        private final Timer drainTimeout;
        private boolean drained;
        private Optional<TimedTask<Boolean>> unload = Optional.empty();

        /** No other generation is built on it any more. Written by any thread. */
        private volatile boolean unused;

        private String hangsIn = "";

        Leaving(Timer drainTimeout) {
            this.drainTimeout = drainTimeout;
        }
    }

    /** @param changed runs on the plugin thread when the views have changed */
    Departures(BrokerLoop loop, PluginSettings settings, PluginRecords records, Executor thread, Runnable changed) {
        this.loop = loop;
        this.settings = settings;
        this.records = records;
        this.unloads = new Unloads(settings.proof(), loop.clock(), end -> thread.execute(() -> ended(end)));
        this.thread = thread;
        this.changed = changed;
    }

    /** It gets no more requests, and is unloaded once it has finished those it has, or the time for that is over. */
    void begin(Tenant tenant) {
        long timeoutMs = settings.drainTimeoutMs();
        Timer timeout = loop.timers().after(timeoutMs, () -> {
            tenant.workers().abandon("its plugin was removed, and " + timeoutMs + " ms were not enough to finish");
            thread.execute(() -> drained(tenant));
        });
        leaving.put(tenant, new Leaving(timeout));
        loop.mailbox().post(() -> tenant.workers().drain(() -> thread.execute(() -> drained(tenant))));
    }

    /** Unloads one that serves, without a drain. */
    void unload(Tenant tenant) {
        leaving.put(tenant, new Leaving(() -> {}));
        drained(tenant);
    }

    /** Unloads one that never served, once nothing else is built on it that never served. */
    void discard(Generation generation) {
        generation.whenUnused(() -> thread.execute(() -> unloadUnserved(generation)));
    }

    private void unloadUnserved(Generation generation) {
        start(generation).result().whenComplete((done, thrown) -> {
            if (!(thrown instanceof TimeoutException)) {
                thread.execute(() -> watch(Gone.of(generation, "")));
            }
        });
    }

    /** Any thread. */
    UnloadCounts counts() {
        return counts;
    }

    /** Begins to unload all that still drain, and waits so long for the end of everything. */
    void unloadAll(long timeMs) {
        unloads.close();
        pinned.clear();
        List.copyOf(leaving.keySet()).forEach(this::drained);
        // What is built on others goes first; it was loaded after them.
        List<Tenant> all = leaving.keySet().stream()
                .sorted(Comparator.comparing(tenant -> -tenant.generation().number()))
                .toList();
        all.forEach(this::unloadUnused);
        all.forEach(tenant -> join(tenant, timeMs / all.size(), TimedTask::interrupt));
        all.forEach(tenant -> join(
                tenant,
                timeMs / all.size(),
                task -> LOG.warn("{} does not end: it is left behind", tenant.generation())));
        leaving.clear();
    }

    /** What it was built on may be unloaded now that it has ended. */
    private void join(Tenant tenant, long timeMs, Consumer<TimedTask<Boolean>> hanging) {
        unloadUnused(tenant);
        Leaving one = leaving.get(tenant);
        if (one != null) {
            one.unload.filter(task -> !task.join(timeMs)).ifPresent(hanging);
        }
    }

    List<Shown> views() {
        List<Shown> views = new ArrayList<>();
        leaving.forEach((tenant, one) -> views.add(view(tenant, one)));
        pinned.forEach((gone, reason) -> views.add(Shown.pinned(gone, reason)));
        return views;
    }

    private static Shown view(Tenant tenant, Leaving one) {
        if (!one.hangsIn.isEmpty()) {
            return tenant.view("stuck", one.hangsIn);
        }
        boolean used = one.drained && !one.unused;
        return tenant.view("draining", used ? "another generation is still built on it" : "");
    }

    private void drained(Tenant tenant) {
        Leaving one = leaving.get(tenant);
        if (one == null || one.drained) {
            return;
        }
        one.drained = true;
        one.drainTimeout.close();
        tenant.generation().whenUnused(() -> {
            one.unused = true;
            thread.execute(() -> unloadUnused(tenant));
        });
        changed.run();
    }

    private void unloadUnused(Tenant tenant) {
        Leaving one = leaving.get(tenant);
        if (one == null || !one.unused || one.unload.isPresent()) {
            return;
        }
        TimedTask<Boolean> task = start(tenant.generation());
        one.unload = Optional.of(task);
        task.result().whenComplete((done, thrown) -> thread.execute(() -> unloaded(tenant, one, thrown)));
    }

    /** What hangs stays in view for as long as it does. */
    private TimedTask<Boolean> start(Generation generation) {
        return TimedTask.start(
                "plugin-end " + generation.pluginId() + "#" + generation.number(),
                () -> {
                    generation.unload();
                    return true;
                },
                settings.loadTimeoutMs(),
                late -> thread.execute(() -> backAfterAll(generation)));
    }

    private void unloaded(Tenant tenant, Leaving one, @org.jspecify.annotations.Nullable Throwable thrown) {
        if (thrown instanceof TimeoutException) {
            one.hangsIn = "stop() or close() has not come back, and hangs in " + thrown.getMessage();
            LOG.warn(
                    "{} is not unloaded: {} (let them return; what it holds stays in memory)",
                    tenant.generation(),
                    one.hangsIn);
        } else if (leaving.remove(tenant) != null) {
            LOG.info("{} is unloaded", tenant.generation());
            unloaded(tenant);
        }
        changed.run();
    }

    private void unloaded(Tenant tenant) {
        tenant.workers().ended();
        Gone gone = Gone.of(tenant.generation(), String.valueOf(tenant.file().getFileName()));
        records.left(gone, PluginChange.UNLOADED, "");
        watch(gone);
    }

    private void watch(Gone gone) {
        counts = counts.oneUnloaded();
        unloads.add(gone);
    }

    private void ended(Unloads.Ended end) {
        Gone gone = end.gone();
        if (end.collected()) {
            counts = counts.oneCollected(end.wasPinned());
            pinned.remove(gone);
            LOG.info("{} is collected {}: nothing of it is in memory", gone.trace(), end.text());
        } else {
            counts = counts.onePinned();
            pinned.put(gone, end.text());
            LOG.warn("{} was unloaded and is still {}", gone.trace(), end.text());
        }
        if (!gone.file().isEmpty()) {
            records.left(gone, end.collected() ? PluginChange.COLLECTED : PluginChange.PINNED, end.text());
        }
        changed.run();
    }

    private void backAfterAll(Generation generation) {
        List<Tenant> back = leaving.keySet().stream()
                .filter(tenant -> tenant.generation() == generation)
                .toList();
        if (back.isEmpty()) {
            return;
        }
        LOG.info("{} is unloaded after all", generation);
        back.forEach(tenant -> {
            leaving.remove(tenant);
            unloaded(tenant);
        });
        changed.run();
    }
}
