package io.jackfield.broker.plugin;

import io.jackfield.host.Generation;
import io.jackfield.host.PluginIdentity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What is loaded and begins to serve as one: the content of a file, and every plugin that depends on the one it replaces. Immutable.
 *
 * @param members the leader first; each after those that it depends on
 */
record Group(List<Member> members) {

    Group {
        members = List.copyOf(members);
    }

    /**
     * One plugin of a group.
     *
     * @param slot where it will serve
     * @param jar what is to be loaded
     * @param sha256 of the jar
     * @param again it serves already, and is loaded once more over what is new; else it is the present content of its file
     * @param builtOn what it depends on and what stays as it is
     */
    record Member(JarSlot slot, PluginIdentity identity, Path jar, String sha256, boolean again, List<Tenant> builtOn) {

        /** The present content of the file. */
        static Member present(JarSlot slot, List<Tenant> builtOn) {
            return new Member(slot, slot.identity.orElseThrow(), slot.file, slot.sha256, false, builtOn);
        }

        /** What the slot serves. */
        static Member again(JarSlot slot, Tenant serving, List<Tenant> builtOn) {
            Generation generation = serving.generation();
            return new Member(
                    slot, generation.identity(), generation.jar(), generation.sha256(), true, List.copyOf(builtOn));
        }

        private String signature() {
            Tenant former = slot.tenant;
            String replaced = former == null ? "" : "#" + former.generation().number();
            return identity.id() + replaced + "=" + sha256
                    + builtOn.stream()
                            .map(tenant -> "+" + tenant.generation().number())
                            .collect(Collectors.joining());
        }
    }

    JarSlot leader() {
        return members.get(0).slot();
    }

    List<Member> followers() {
        return members.subList(1, members.size());
    }

    /** Two groups of the same signature would become of the same jars, and take over from the same generations. */
    String signature() {
        List<String> all = new ArrayList<>();
        members.forEach(member -> all.add(member.signature()));
        return String.join(",", all);
    }

    @Override
    public String toString() {
        return members.stream().map(member -> member.identity().toString()).collect(Collectors.joining(", "));
    }
}
