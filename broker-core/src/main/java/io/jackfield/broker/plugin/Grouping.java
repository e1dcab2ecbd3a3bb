package io.jackfield.broker.plugin;

import io.jackfield.broker.plugin.Group.Member;
import io.jackfield.host.Dependency;
import io.jackfield.host.PluginIdentity;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds out what belongs together because one plugin depends on another. It only looks, and changes nothing. Owned by the plugin thread.
 */
final class Grouping {
    private final JarSlots slots;

    Grouping(JarSlots slots) {
        this.slots = slots;
    }

    /** What is to become of the slot's present content, whose identity is known. */
    Verdict of(JarSlot slot) {
        PluginIdentity identity = slot.identity.orElseThrow();
        List<String> cycle = new ArrayList<>();
        if (leadsBack(slot, identity, cycle, new HashSet<>())) {
            return new Verdict.Refuse(cyclic(identity.id(), cycle));
        }
        List<Tenant> builtOn = new ArrayList<>();
        List<String> waitsFor = new ArrayList<>();
        for (Dependency dependency : identity.dependencies()) {
            Optional<JarSlot> provider = slots.serving(dependency.pluginId());
            Optional<String> wait = waitsFor(dependency, provider);
            if (wait.isPresent()) {
                waitsFor.add(dependency + ": " + wait.get());
            } else if (!dependency.accepts(version(provider.orElseThrow()))) {
                return new Verdict.Refuse(wrongVersion(identity, dependency, provider.orElseThrow()));
            } else {
                builtOn.add(tenant(provider.orElseThrow()));
            }
        }
        return waitsFor.isEmpty()
                ? together(slot, builtOn)
                : new Verdict.Wait("waits for " + String.join("; for ", waitsFor));
    }

    /** With every plugin that depends on the one that it replaces. */
    private Verdict together(JarSlot leader, List<Tenant> builtOn) {
        PluginIdentity identity = leader.identity.orElseThrow();
        Map<String, Member> members = new LinkedHashMap<>();
        members.put(identity.id(), Member.present(leader, builtOn));
        List<JarSlot> followers = slots.serving(identity.id())
                .map(replaced -> slots.builtOn(List.of(tenant(replaced))))
                .orElse(List.of());
        Set<String> leaving = new HashSet<>(Set.of(identity.id()));
        followers.forEach(follower -> leaving.add(tenant(follower).generation().pluginId()));
        for (JarSlot follower : followers) {
            String id = tenant(follower).generation().pluginId();
            Optional<Member> chosen = chosen(id, follower, members, leaving);
            if (chosen.isEmpty()) {
                return new Verdict.Refuse(doesNotFit(tenant(follower), members));
            }
            members.put(id, chosen.get());
        }
        return new Verdict.Load(new Group(List.copyOf(members.values())));
    }

    /** What waits for just that goes before what serves. */
    private Optional<Member> chosen(String id, JarSlot follower, Map<String, Member> members, Set<String> leaving) {
        Optional<JarSlot> kept = slots.keptOut(id);
        if (kept.isPresent()) {
            Optional<List<Tenant>> builtOn = builtOn(kept.get().identity.orElseThrow(), members, leaving);
            if (builtOn.isPresent()) {
                return Optional.of(Member.present(kept.get(), builtOn.get()));
            }
        }
        Tenant serving = tenant(follower);
        return builtOn(serving.generation().identity(), members, leaving)
                .map(others -> Member.again(follower, serving, others));
    }

    /** What it would be built on besides members; empty if a member, or what serves, does not fit. */
    private Optional<List<Tenant>> builtOn(PluginIdentity identity, Map<String, Member> members, Set<String> leaving) {
        List<Tenant> builtOn = new ArrayList<>();
        for (Dependency dependency : identity.dependencies()) {
            Member member = members.get(dependency.pluginId());
            Optional<JarSlot> provider = leaving.contains(dependency.pluginId())
                    ? Optional.empty()
                    : slots.serving(dependency.pluginId()).filter(slot -> waitsFor(dependency, Optional.of(slot))
                            .isEmpty());
            String version = member != null
                    ? member.identity().version()
                    : provider.map(Grouping::version).orElse("");
            if (version.isEmpty() || !dependency.accepts(version)) {
                return Optional.empty();
            }
            provider.ifPresent(slot -> builtOn.add(tenant(slot)));
        }
        return Optional.of(builtOn);
    }

    /** Why nothing can be built on it for now; empty if something serves, of whatever version. */
    private Optional<String> waitsFor(Dependency dependency, Optional<JarSlot> provider) {
        Optional<JarSlot> coming = slots.all().stream()
                .filter(slot -> slot.contains(dependency.pluginId()) && slot.loading)
                .filter(slot -> dependency.accepts(slot.identity.orElseThrow().version()))
                .findFirst();
        if (provider.isPresent()) {
            if (slots.isBeingReplaced(provider.get())) {
                return Optional.of(tenant(provider.get()).generation().identity() + " is being replaced step by step");
            }
            boolean fits = dependency.accepts(version(provider.get()));
            return fits ? Optional.empty() : coming.map(slot -> slot.identity.orElseThrow() + " is being loaded");
        }
        return Optional.of(coming.or(() -> slots.all().stream()
                        .filter(slot -> slot.contains(dependency.pluginId()))
                        .findFirst())
                .map(slot -> slot.identity.orElseThrow() + " is " + slot.state())
                .orElse("no jar in the folder holds it"));
    }

    /** Whether what the plugin depends on depends on the slot's; the way there is put into the list, which then begins with the plugin. */
    private boolean leadsBack(JarSlot slot, PluginIdentity plugin, List<String> way, Set<String> seen) {
        way.add(plugin.id());
        for (Dependency dependency : plugin.dependencies()) {
            String id = dependency.pluginId();
            if (slot.contains(id)) {
                return true;
            }
            Optional<PluginIdentity> next = seen.add(id) ? wanted(id) : Optional.empty();
            if (next.isPresent() && leadsBack(slot, next.get(), way, seen)) {
                return true;
            }
        }
        way.remove(way.size() - 1);
        return false;
    }

    /** What there will be of a plugin if all goes well. */
    private Optional<PluginIdentity> wanted(String id) {
        return slots.keptOut(id)
                .flatMap(slot -> slot.identity)
                .or(() ->
                        slots.serving(id).map(slot -> tenant(slot).generation().identity()))
                .or(() -> slots.all().stream()
                        .filter(slot -> slot.contains(id))
                        .findFirst()
                        .flatMap(slot -> slot.identity));
    }

    private static Failure cyclic(String id, List<String> way) {
        return Failure.of(
                ErrorCode.PLUGIN_DEPENDENCY,
                "the plugins depend on each other: " + String.join(" -> ", way) + " -> " + id,
                "move what they share into a plugin of its own, which depends on neither");
    }

    private static Failure wrongVersion(PluginIdentity identity, Dependency dependency, JarSlot provider) {
        return Failure.of(
                ErrorCode.PLUGIN_DEPENDENCY,
                identity + " needs " + dependency + ", and "
                        + tenant(provider).generation().identity() + " serves",
                "put a " + dependency.pluginId() + " of such a version into the folder too: they are taken together");
    }

    private static Failure doesNotFit(Tenant follower, Map<String, Member> members) {
        PluginIdentity identity = follower.generation().identity();
        for (Dependency dependency : identity.dependencies()) {
            Member member = members.get(dependency.pluginId());
            if (member != null && !dependency.accepts(member.identity().version())) {
                return Failure.of(
                        ErrorCode.PLUGIN_DEPENDENCY,
                        identity + " serves, and needs " + dependency + ": " + member.identity() + " does not fit",
                        "put a " + identity.id() + " that takes it into the folder too: they are taken together");
            }
        }
        return Failure.of(
                ErrorCode.PLUGIN_DEPENDENCY,
                identity + ", which depends on it, cannot be loaded with it: what else it needs is being changed",
                "nothing is to be done: it is looked at again");
    }

    private static String version(JarSlot serving) {
        return tenant(serving).generation().version();
    }

    private static Tenant tenant(JarSlot serving) {
        Tenant tenant = serving.tenant;
        if (tenant == null) {
            throw new IllegalStateException(serving.file + " serves nothing");
        }
        return tenant;
    }
}
