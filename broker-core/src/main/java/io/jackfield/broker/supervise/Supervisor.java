package io.jackfield.broker.supervise;

import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The worker programs of the configuration. Owned by the broker loop; time comes in by {@link #tick}. */
public final class Supervisor {
    private final Map<String, WorkerGroup> groups = new LinkedHashMap<>();

    /** Nothing is started before the first tick. */
    public Supervisor(List<WorkerProgram> programs, Processes processes, ConnectedWorkers workers, long nowNs) {
        ProcessSlot.Outside outside = new ProcessSlot.Outside(processes, workers);
        programs.forEach(program -> groups.put(program.name(), new WorkerGroup(program, outside, nowNs)));
    }

    /** Lets time pass: processes are started, and those that do not end are killed. */
    public void tick(long nowNs) {
        groups.values().forEach(group -> group.tick(nowNs));
    }

    /** Replaces the group's processes one after the other; returns why not, if there is no such group. */
    public Optional<Failure> restart(String group, String why) {
        return withGroup(group, there -> there.restart(why));
    }

    /** Ends the group's processes once they have nothing in flight, and starts none until it is restarted or scaled. */
    public Optional<Failure> drain(String group, String why) {
        return withGroup(group, there -> there.drain(why));
    }

    /** Has the group run so many processes. */
    public Optional<Failure> scale(String group, int count) {
        if (count < 1 || count > WorkerProgram.COUNT_MAX) {
            return Optional.of(Failure.of(
                    ErrorCode.BAD_REQUEST,
                    "count: " + count + " (expected: 1 to " + WorkerProgram.COUNT_MAX + ")",
                    "to have none, drain the group"));
        }
        return withGroup(group, there -> there.scale(count));
    }

    /** Ends everything without waiting for requests: the broker goes, and has waited for them. */
    public void stopAll(String why) {
        groups.values().forEach(group -> group.stopNow(why));
    }

    /** True if no process is left. */
    public boolean isEmpty() {
        return groups.values().stream().allMatch(WorkerGroup::isEmpty);
    }

    /** What there is now. */
    public List<SupervisedView> views() {
        List<SupervisedView> views = new ArrayList<>();
        groups.values().forEach(group -> views.addAll(group.views()));
        return views;
    }

    private Optional<Failure> withGroup(String name, Consumer<WorkerGroup> action) {
        WorkerGroup group = groups.get(name);
        if (group == null) {
            String known = groups.isEmpty() ? "there are none" : "one of " + String.join(", ", groups.keySet());
            return Optional.of(Failure.of(
                    ErrorCode.BAD_REQUEST,
                    "workers: " + name + " (expected: " + known + ")",
                    "the configuration names them under workers:"));
        }
        action.accept(group);
        return Optional.empty();
    }
}
