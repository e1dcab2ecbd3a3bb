package io.jackfield.broker.plugin;

import io.jackfield.broker.dispatch.RefusedException;
import io.jackfield.broker.plugin.PluginChange.Kind;
import io.jackfield.broker.plugin.Plugins.BrokerLoop;
import io.jackfield.host.PluginHost;
import io.jackfield.host.PluginIdentity;
import io.jackfield.host.PluginRefusedException;
import io.jackfield.host.TrustedJars;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done as files in the plugin folder come, change and go, and as plugins are turned off and on. Owned by the plugin thread, on which
 * no code of a plugin runs. A jar that is refused changes nothing else; one that another jar has displaced, or kept out, gets its turn when
 * that one goes.
 */
final class Roster {
    private static final Logger LOG = LoggerFactory.getLogger(Roster.class);

    private final PluginHost host;
    private final BrokerLoop loop;
    private final Executor thread;
    private final JarSlots slots = new JarSlots();
    private final Loads loads;
    private final Departures departures;
    private final Outcomes outcomes;
    private final Ramps ramps;
    private final Takeover takeover;
    private final Grouping grouping;
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
            BrokerLoop loop,
            LocalWorker.Surroundings workers,
            PluginSettings settings,
            PluginRecords records,
            Executor thread) {
        this.host = host;
        this.loop = loop;
        this.thread = thread;
        this.loads = new Loads(host, settings.loadTimeoutMs(), thread);
        this.departures = new Departures(loop, settings, records, thread, this::publish);
        this.outcomes = new Outcomes(slots, records, departures);
        this.ramps = new Ramps(outcomes, loop, settings.ramps(), records, thread, this::othersChanged);
        this.takeover = new Takeover(slots, loop, workers, ramps, departures, outcomes);
        this.grouping = new Grouping(slots);
    }

    /** Any thread. */
    List<PluginView> views() {
        return shown.stream().map(Shown::now).toList();
    }

    /** Any thread. */
    UnloadCounts unloads() {
        return departures.counts();
    }

    /** A whole jar is there that was not, or not with that content. */
    void appeared(Path jar, String sha256, Kind kind) {
        JarSlot slot = slots.at(jar);
        if (slot.sha256.equals(sha256)) {
            slot.gone = false;
            return;
        }
        if (slot.tenant != null && slot.tenant.generation().sha256().equals(sha256)) {
            putBack(slot, slot.tenant, kind);
        } else {
            take(slot, sha256, kind, "");
        }
        reconsider();
        publish();
    }

    /** The same jar once more, or another, for a reason that the history is to show. */
    void appeared(Path jar, String sha256, Kind kind, String why) {
        take(slots.at(jar), sha256, kind, why);
        reconsider();
        publish();
    }

    void gone(Path jar) {
        slots.find(jar).ifPresent(this::gone);
    }

    private void gone(JarSlot slot) {
        Tenant tenant = slot.tenant;
        if (tenant != null
                && slot.candidate == null
                && slots.isLoadingElsewhere(slot, tenant.generation().pluginId())) {
            slot.gone = true;
        } else {
            remove(slot);
        }
        reconsider();
        publish();
    }

    void unreadable(Path jar, String reason) {
        JarSlot slot = slots.at(jar);
        if (slot.tenant == null
                && slot.refusal
                        .filter(before -> before.code() == ErrorCode.PLUGIN_UNREADABLE)
                        .isPresent()) {
            return;
        }
        // What comes next is another content, even if it is the same again.
        slot.sha256 = "";
        slot.keptOut = false;
        slot.waitsFor = Optional.empty();
        outcomes.refused(slot, Failure.of(ErrorCode.PLUGIN_UNREADABLE, reason, "copy the jar again"));
        publish();
    }

    /** These plugins, and no others, are turned off. */
    void disabled(Set<String> pluginIds) {
        Set<String> before = disabled;
        disabled = Set.copyOf(pluginIds);
        for (JarSlot slot : slots.all()) {
            String id = slot.identity.map(PluginIdentity::id).orElse("");
            if (disabled.contains(id) && !slot.disabled) {
                turnOff(slot);
            } else if (slot.tenant != null
                    && disabled.contains(slot.tenant.generation().pluginId())) {
                // Of earlier content: the present one is refused, or of another plugin that is being loaded.
                outcomes.stops(slot, Kind.DISABLED, "");
            }
        }
        slots.all().stream()
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

    /** Others may be trusted than before: what was refused for that, and is trusted now, is looked at once more. */
    void trustChanged(TrustedJars trust) {
        List<JarSlot> untrusted = slots.all().stream()
                .filter(slot -> !slot.loading
                        && slot.refusal
                                .filter(refusal -> refusal.code() == ErrorCode.PLUGIN_NOT_TRUSTED)
                                .isPresent())
                .toList();
        if (untrusted.isEmpty()) {
            return;
        }
        Predicate<String> trusted = trust.now();
        untrusted.stream()
                .filter(slot -> trusted.test(slot.sha256))
                .forEach(slot -> take(slot, slot.sha256, slot.kind, "it is trusted now"));
    }

    /** Which file holds which plugin. */
    JarSlots slots() {
        return slots;
    }

    /** How new generations take over from now on, by plugin id. */
    void ramps(Map<String, RampPlan> plans) {
        ramps.plans(plans);
    }

    /** Runs once nothing is being loaded, perhaps at once. */
    void whenQuiet(Runnable action) {
        Optional<JarSlot> busy =
                slots.all().stream().filter(slot -> slot.loading).findFirst();
        busy.ifPresentOrElse(slot -> slot.whenSettled(any -> thread.execute(() -> whenQuiet(action))), action);
    }

    /** What is still being loaded will serve these: requests for them wait from now on, and do not fail. */
    void openServices() {
        for (JarSlot slot : slots.all()) {
            if (slot.loading) {
                slot.services.forEach(this::open);
            }
        }
    }

    /** Begins to unload everything, and waits so long for it. */
    void unloadAll(long timeMs) {
        loads.interruptAll();
        slots.all().forEach(slot -> outcomes.giveUp(slot, "the broker ends"));
        slots.all().stream()
                .flatMap(slot -> Optional.ofNullable(slot.tenant).stream())
                .forEach(departures::unload);
        departures.unloadAll(timeMs);
        loads.joinAll(timeMs);
        slots.clear();
        publish();
    }

    private void open(String service) {
        loop.mailbox().post(() -> {
            try {
                loop.dispatcher().open(service);
            } catch (RefusedException e) {
                LOG.warn("service {} of a plugin: {}", service, e.failure().cause());
            }
        });
    }

    private void remove(JarSlot slot) {
        slots.remove(slot);
        slot.attempt = 0;
        outcomes.giveUp(slot, "its jar was removed");
        slot.settle(Optional.of(Failure.of(ErrorCode.PLUGIN_UNREADABLE, "the jar was removed", "")));
        outcomes.stops(slot, Kind.REMOVED, "");
        ramps.formerIsGone(slot, slots.all());
    }

    /** What serves is the file's content again: whatever the file held meanwhile is not to take over from it. */
    private void putBack(JarSlot slot, Tenant serving, Kind kind) {
        outcomes.giveUp(slot, "what serves was put back");
        slot.begin(serving.generation().sha256(), ++attempts, kind, "");
        slot.identity = Optional.of(serving.generation().identity());
        slot.refusal = Optional.empty();
        slot.settle(Optional.of(Failure.of(
                ErrorCode.PLUGIN_UNREADABLE,
                "what serves was put back while the jar was loaded",
                "replace it once more, unless that was meant")));
    }

    private void take(JarSlot slot, String sha256, Kind kind, String why) {
        if (slot.loading) {
            slot.settle(Optional.of(
                    Failure.of(ErrorCode.PLUGIN_UNREADABLE, "other content came while the jar was loaded", "")));
        }
        outcomes.giveUp(slot, "other content came");
        slot.begin(sha256, ++attempts, kind, why);
        try {
            slot.identity = Optional.of(host.identify(slot.file));
        } catch (PluginRefusedException e) {
            outcomes.refused(slot, e.failure());
            publish();
            return;
        }
        Optional<JarSlot> better = slots.outranking(slot);
        if (disabled.contains(slot.identity.get().id())) {
            turnOff(slot);
        } else if (better.isPresent()) {
            outcomes.standsBack(slot, better.get());
        } else {
            begin(slot);
        }
        publish();
    }

    /** Loads the present content, and what must be loaded with it; unless it has to wait for other plugins, or does not fit them. */
    private void begin(JarSlot slot) {
        Verdict verdict = grouping.of(slot);
        if (verdict instanceof Verdict.Load load) {
            load(load.group());
        } else if (verdict instanceof Verdict.Wait wait) {
            outcomes.waits(slot, wait.reason());
        } else if (verdict instanceof Verdict.Refuse refuse) {
            outcomes.doesNotFit(slot, refuse.failure());
        }
    }

    private void load(Group group) {
        JarSlot leader = group.leader();
        leader.tried = group.signature();
        Map<JarSlot, Long> attempts = new HashMap<>();
        group.members().stream().filter(member -> !member.again()).forEach(member -> {
            member.slot().loading = true;
            attempts.put(member.slot(), member.slot().attempt);
        });
        if (!group.followers().isEmpty()) {
            LOG.info("{} are loaded together", group);
        }
        long attempt = leader.attempt;
        GroupLoad.begin(group, loads, services -> declared(leader, attempt, services), end -> loaded(attempts, end));
    }

    private void declared(JarSlot slot, long attempt, List<String> services) {
        if (slot.attempt == attempt) {
            slot.services = services;
        }
    }

    private void loaded(Map<JarSlot, Long> attempts, GroupLoad end) {
        JarSlot slot = end.group().leader();
        boolean isWanted = slot.loading && attempts.getOrDefault(slot, 0L) == slot.attempt;
        attempts.forEach((member, attempt) -> member.loading &= attempt != member.attempt);
        if (!isWanted) {
            end.made().forEach(departures::discard);
            reconsider();
            publish();
            return;
        }
        String loadedAs = end.group().signature();
        boolean stillFits = grouping.of(slot) instanceof Verdict.Load now
                && now.group().signature().equals(slot.tried)
                && loadedAs.equals(slot.tried);
        if (!stillFits) {
            // Other plugins have changed meanwhile.
            end.made().forEach(departures::discard);
            begin(slot);
        } else if (end.failure().isPresent()) {
            end.made().forEach(departures::discard);
            notLoaded(end, end.failure().get());
        } else {
            takeover.begin(end.group(), end.made());
        }
        slots.waitedOut().forEach(this::remove);
        reconsider();
        publish();
        if (!slot.loading) {
            slot.settle(slot.refusal);
        }
    }

    /** Nothing changes for anybody else. */
    private void notLoaded(GroupLoad end, Failure failure) {
        JarSlot leader = end.group().leader();
        Group.Member failed = end.failed();
        if (failed.slot() == leader) {
            outcomes.refused(leader, failure);
            leader.keptOut = !leader.identity.orElseThrow().dependencies().isEmpty();
            return;
        }
        if (!failed.again()) {
            failed.slot().keptOut = false;
            failed.slot().waitsFor = Optional.empty();
            outcomes.refused(failed.slot(), failure);
        }
        outcomes.doesNotFit(
                leader,
                Failure.of(
                        ErrorCode.PLUGIN_DEPENDENCY,
                        failed.identity() + ", which depends on it, cannot be loaded over it: " + failure.cause(),
                        "change " + failed.identity().id() + ", or what it uses; what served goes on serving"));
    }

    private void turnOff(JarSlot slot) {
        slot.disabled = true;
        slot.keptOut = false;
        slot.waitsFor = Optional.empty();
        slot.refusal = Optional.empty();
        slot.attempt = ++attempts;
        outcomes.giveUp(slot, "it was disabled");
        outcomes.stops(slot, Kind.DISABLED, "");
        slot.settle(Optional.empty());
    }

    /** What lies in the folder serves: a jar that had to stand back, or to wait, takes its place when it can, the latest first. */
    private void reconsider() {
        for (JarSlot slot : slots.freed()) {
            if (slots.isFree(slot)) {
                take(slot, slot.sha256, slot.kind, "what it stood back for is gone");
            }
        }
        for (JarSlot slot : slots.keptOut()) {
            if (slot.keptOut && !slot.loading) {
                lookAgain(slot);
            }
        }
    }

    private void lookAgain(JarSlot slot) {
        Verdict verdict = grouping.of(slot);
        if (verdict instanceof Verdict.Load load) {
            if (!load.group().signature().equals(slot.tried)) {
                take(slot, slot.sha256, slot.kind, slot.why);
            }
        } else {
            begin(slot);
        }
    }

    private void othersChanged() {
        reconsider();
        publish();
    }

    private void publish() {
        List<Shown> now = new ArrayList<>(slots.views());
        now.addAll(departures.views());
        shown = List.copyOf(now);
    }
}
