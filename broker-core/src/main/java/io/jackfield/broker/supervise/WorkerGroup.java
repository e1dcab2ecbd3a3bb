package io.jackfield.broker.supervise;

import io.jackfield.broker.supervise.ProcessSlot.State;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The processes of one program. Restarted one after the other, so that the others serve meanwhile. Owned by the broker loop. */
final class WorkerGroup {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerGroup.class);

    private final WorkerProgram program;
    private final ProcessSlot.Outside outside;
    private final List<ProcessSlot> slots = new ArrayList<>();
    private final List<ProcessSlot> leaving = new ArrayList<>();
    private final Deque<ProcessSlot> toRestart = new ArrayDeque<>();
    private @Nullable ProcessSlot restarting;
    private String restartReason = "";
    private boolean drained;
    private long nowNs;

    WorkerGroup(WorkerProgram program, ProcessSlot.Outside outside, long nowNs) {
        this.program = program;
        this.outside = outside;
        this.nowNs = nowNs;
        grow(program.count());
    }

    void tick(long newNowNs) {
        nowNs = newNowNs;
        slots.forEach(slot -> slot.tick(newNowNs));
        leaving.forEach(slot -> slot.tick(newNowNs));
        leaving.removeIf(slot -> slot.state() == State.STOPPED);
        restartNext();
    }

    /** Every process is replaced by a new one, in turn; those that were stopped or given up start too. */
    void restart(String why) {
        drained = false;
        restartReason = why;
        toRestart.clear();
        toRestart.addAll(slots);
        ProcessSlot current = restarting;
        restarting = null;
        if (current != null && !current.isHealthy() && current.state() != State.GIVEN_UP) {
            // It does not serve yet: with another one in its place, two would be missing.
            toRestart.remove(current);
            toRestart.addFirst(current);
        }
        restartNext();
    }

    /** Ends every process, and starts none until {@link #restart} or {@link #scale}. */
    void drain(String why) {
        drained = true;
        toRestart.clear();
        restarting = null;
        slots.forEach(slot -> slot.stop(why));
    }

    /** The same at once, whatever they have in hand. */
    void stopNow(String why) {
        drain(why);
        slots.forEach(slot -> slot.stopNow(why));
        leaving.forEach(slot -> slot.stopNow(why));
    }

    /** As many processes as that; the newest leave first. */
    void scale(int count) {
        if (drained) {
            restart("scaled to " + count);
        }
        while (slots.size() > count) {
            ProcessSlot last = slots.remove(slots.size() - 1);
            toRestart.remove(last);
            if (restarting == last) {
                restarting = null;
            }
            last.stop("scaled to " + count);
            leaving.add(last);
        }
        grow(count);
    }

    /** True if no process of it is left. */
    boolean isEmpty() {
        return slots.stream().noneMatch(ProcessSlot::hasProcess)
                && leaving.stream().noneMatch(ProcessSlot::hasProcess);
    }

    List<SupervisedView> views() {
        List<SupervisedView> views = new ArrayList<>();
        slots.forEach(slot -> views.add(slot.view()));
        leaving.forEach(slot -> views.add(slot.view()));
        return views;
    }

    /** A name is free again only when its process has gone: two must not write under one. */
    private void grow(int count) {
        for (int number = 1; slots.size() < count; number++) {
            String name = program.name() + "-" + number;
            if (slots.stream().noneMatch(slot -> slot.name().equals(name))
                    && leaving.stream().noneMatch(slot -> slot.name().equals(name))) {
                slots.add(new ProcessSlot(program, outside, name, nowNs));
            }
        }
    }

    /** The next follows when this one has lived for a while: a program that no longer starts costs one process, not all. */
    private void restartNext() {
        while (!toRestart.isEmpty()) {
            ProcessSlot current = restarting;
            if (current != null && current.state() == State.GIVEN_UP) {
                LOG.error(
                        "workers {}: {} of them are not restarted, as this one was given up",
                        program.name(),
                        toRestart.size());
                toRestart.clear();
            } else if (current == null || current.isHealthy()) {
                restarting = toRestart.remove();
                restarting.restart(restartReason);
            } else {
                return;
            }
        }
    }
}
