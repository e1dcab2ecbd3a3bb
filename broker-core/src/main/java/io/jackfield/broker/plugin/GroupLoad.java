package io.jackfield.broker.plugin;

import io.jackfield.broker.plugin.Group.Member;
import io.jackfield.host.Generation;
import io.jackfield.protocol.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Loads the members of a group, each over those before it, until all are loaded or one is not. Owned by the plugin thread. */
final class GroupLoad {
    private final Group group;
    private final Loads loads;
    private final Consumer<GroupLoad> ended;
    private final List<Generation> made = new ArrayList<>();
    private Optional<Failure> failure = Optional.empty();

    private GroupLoad(Group group, Loads loads, Consumer<GroupLoad> ended) {
        this.group = group;
        this.loads = loads;
        this.ended = ended;
    }

    /**
     * Begins.
     *
     * @param declared told the names of the leader's services before code of it runs
     * @param ended told the end, once
     */
    static void begin(Group group, Loads loads, Consumer<List<String>> declared, Consumer<GroupLoad> ended) {
        new GroupLoad(group, loads, ended).next(declared);
    }

    Group group() {
        return group;
    }

    /** Those that were loaded, in the order of the members: all of them, unless one could not be. */
    List<Generation> made() {
        return made;
    }

    /** Why the member after those that were loaded could not be. */
    Optional<Failure> failure() {
        return failure;
    }

    /** The one that could not be loaded. */
    Member failed() {
        return group.members().get(made.size());
    }

    private void next(Consumer<List<String>> declared) {
        loads.begin(group.members().get(made.size()), made, declared, loaded -> {
            loaded.generation().ifPresentOrElse(made::add, () -> failure = Optional.of(loaded.failure()));
            if (failure.isPresent() || made.size() == group.members().size()) {
                ended.accept(this);
            } else {
                next(services -> {});
            }
        });
    }
}
