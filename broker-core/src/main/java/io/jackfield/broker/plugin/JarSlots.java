package io.jackfield.broker.plugin;

import io.jackfield.host.Generation;
import io.jackfield.host.PluginIdentity;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which file holds which plugin, and which goes before which. Owned by the plugin thread. */
final class JarSlots {
    private final Map<Path, JarSlot> slots = new LinkedHashMap<>();

    /** The slot of the file, which there may not have been yet. */
    JarSlot at(Path jar) {
        return slots.computeIfAbsent(jar, JarSlot::new);
    }

    Optional<JarSlot> find(Path jar) {
        return Optional.ofNullable(slots.get(jar));
    }

    /** As they are now: they may change while the list is gone through. */
    List<JarSlot> all() {
        return List.copyOf(slots.values());
    }

    void remove(JarSlot slot) {
        slots.remove(slot.file);
    }

    void clear() {
        slots.clear();
    }

    /** The files that hold the plugin, the one that serves first. */
    List<JarSlot> holding(String pluginId) {
        return slots.values().stream()
                .filter(slot -> slot.holds(pluginId))
                .sorted(Comparator.comparing(slot -> slot.tenant == null))
                .toList();
    }

    /** The file whose generation of the plugin serves. */
    Optional<JarSlot> serving(String pluginId) {
        return slots.values().stream()
                .filter(slot -> slot.tenant != null && slot.tenant.isOf(pluginId))
                .findFirst();
    }

    /** The file whose present content is of that plugin and has only been kept from being loaded, the one of the latest version. */
    Optional<JarSlot> keptOut(String pluginId) {
        return keptOut().stream()
                .filter(slot -> slot.contains(pluginId)
                        && slot.tried.isEmpty()
                        && outranking(slot).isEmpty())
                .findFirst();
    }

    /** Files whose present content other plugins keep from being served; of one plugin, the latest version first. */
    List<JarSlot> keptOut() {
        List<JarSlot> kept = new ArrayList<>();
        for (JarSlot slot : slots.values()) {
            if (slot.keptOut && !slot.loading && !slot.disabled && !slot.gone && slot.identity.isPresent()) {
                int place = 0;
                while (place < kept.size() && !isBefore(slot, kept.get(place))) {
                    place++;
                }
                kept.add(place, slot);
            }
        }
        return kept;
    }

    private static boolean isBefore(JarSlot slot, JarSlot other) {
        return other.contains(slot.identity.orElseThrow().id()) && slot.outranks(other);
    }

    /** The files that serve generations built on one of these; each after those that it is built on. */
    List<JarSlot> builtOn(Collection<Tenant> tenants) {
        return slots.values().stream()
                .filter(slot ->
                        slot.tenant != null && tenants.stream().anyMatch(tenant -> slot.tenant.isBuiltOn(tenant)))
                .sorted(Comparator.comparing(slot ->
                        slot.tenant == null ? 0 : slot.tenant.generation().number()))
                .toList();
    }

    /** Whether another generation takes over from it step by step. */
    boolean isBeingReplaced(JarSlot serving) {
        return slots.values().stream().anyMatch(slot -> slot.candidate != null && slot.candidate.replaces(serving));
    }

    /** Whether the plugin is being loaded from another file. */
    boolean isLoadingElsewhere(JarSlot slot, String pluginId) {
        return slots.values().stream().anyMatch(other -> other != slot && other.loading && other.contains(pluginId));
    }

    /** Another file that holds the plugin in a later version, or came later with the same one. */
    Optional<JarSlot> outranking(JarSlot slot) {
        String id = slot.identity.orElseThrow().id();
        return slots.values().stream()
                .filter(other -> other != slot && !other.gone && (other.loading || other.tenant != null))
                .filter(other -> other.contains(id))
                .filter(other -> other.outranks(slot))
                .findFirst();
    }

    /** What the same file held, whatever plugin that is, and what other files hold of the same plugin. */
    List<JarSlot> replacedBy(JarSlot slot, Generation generation) {
        return slots.values().stream()
                .filter(other -> other.tenant != null && (other == slot || other.tenant.isOf(generation.pluginId())))
                .toList();
    }

    /** Why the generations cannot serve what they declare, though all that is before them goes. */
    Optional<Failure> serviceTaken(List<Tenant> tenants, Collection<JarSlot> before) {
        Map<String, Generation> served = new HashMap<>();
        servedServices().forEach((service, owner) -> {
            if (owner.tenant != null && !before.contains(owner)) {
                served.put(service, owner.tenant.generation());
            }
        });
        rising().forEach((service, owner) -> {
            if (tenants.stream().noneMatch(tenant -> tenant.isOf(owner.pluginId()))) {
                served.put(service, owner);
            }
        });
        for (Tenant tenant : tenants) {
            for (String service : tenant.services()) {
                Generation owner = served.putIfAbsent(service, tenant.generation());
                if (owner != null) {
                    return Optional.of(Failure.of(
                            ErrorCode.PLUGIN_SERVICE_TAKEN,
                            "service " + service + " is served by " + owner,
                            "remove one of the two, or rename the service"));
                }
            }
        }
        return Optional.empty();
    }

    /** Those that stood back and need no longer, the latest first. */
    List<JarSlot> freed() {
        return slots.values().stream()
                .filter(slot -> slot.tenant == null && !slot.loading && !slot.disabled && slot.standsBack.isPresent())
                .sorted((a, b) -> Long.compare(b.attempt, a.attempt))
                .toList();
    }

    /** Nobody serves the plugin, or a service of it, or is about to. */
    boolean isFree(JarSlot slot) {
        String id = slot.identity.orElseThrow().id();
        boolean pluginServes = slots.values().stream()
                .anyMatch(other -> other != slot && (other.loading || other.tenant != null) && other.holds(id));
        return outranking(slot).isEmpty()
                && !pluginServes
                && slot.services.stream().noneMatch(servedServices()::containsKey)
                && slot.services.stream().noneMatch(rising()::containsKey);
    }

    /** Files that are gone, and need no longer serve until the plugin has been loaded from another. */
    List<JarSlot> waitedOut() {
        return slots.values().stream()
                .filter(other -> other.gone
                        && (other.tenant == null
                                || !isLoadingElsewhere(
                                        other, other.tenant.generation().pluginId())))
                .toList();
    }

    List<Shown> views() {
        List<Shown> views = new ArrayList<>();
        for (JarSlot slot : slots.values()) {
            for (Shown shown : slot.views()) {
                views.add(shown.usedBy(dependents(shown.view().id())));
            }
        }
        return views;
    }

    /** The plugins that say they depend on it, whether they serve or not. */
    private List<String> dependents(String pluginId) {
        return slots.values().stream()
                .flatMap(slot -> slot.identities().stream())
                .filter(identity -> identity.dependencies().stream()
                        .anyMatch(one -> one.pluginId().equals(pluginId)))
                .map(PluginIdentity::id)
                .distinct()
                .sorted()
                .toList();
    }

    static String reasonToStandBack(JarSlot better) {
        return better.file.getFileName() + " holds version "
                + better.identity.map(PluginIdentity::version).orElse("?") + " of the plugin";
    }

    private Map<String, JarSlot> servedServices() {
        Map<String, JarSlot> served = new HashMap<>();
        for (JarSlot slot : slots.values()) {
            Tenant tenant = slot.tenant;
            if (tenant != null) {
                tenant.services().forEach(service -> served.put(service, slot));
            }
        }
        return served;
    }

    /** Services of what is to take over and has a share of the requests already. */
    private Map<String, Generation> rising() {
        Map<String, Generation> rising = new HashMap<>();
        for (JarSlot slot : slots.values()) {
            JarSlot.Candidate candidate = slot.candidate;
            if (candidate != null) {
                Tenant tenant = candidate.tenant();
                tenant.services().forEach(service -> rising.put(service, tenant.generation()));
            }
        }
        return rising;
    }
}
