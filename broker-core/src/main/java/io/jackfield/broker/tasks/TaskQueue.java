package io.jackfield.broker.tasks;

import io.jackfield.broker.model.Frames;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Queue;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tasks on their way from those who push to those who pull: each goes to one puller, in turn among those that are ready. While none is,
 * tasks wait; when the queue is full too, pushers are not read from. Owned by the broker loop.
 */
public final class TaskQueue {
    private final Backlog backlog;
    private final Set<Inlet> pushers = new LinkedHashSet<>();

    /** Pullers whose turn it is, first to last. */
    private final Queue<Outlet> turns = new ArrayDeque<>();

    /** Pullers that will tell when they are ready. */
    private final Set<Outlet> unready = new HashSet<>();

    private boolean paused;

    public TaskQueue(QueueLimits limits) {
        this.backlog = new Backlog(limits);
    }

    /** One comes who pushes. */
    public void join(Inlet pusher) {
        pushers.add(pusher);
        if (paused) {
            pusher.reading(false);
        }
    }

    /** Its tasks stay. */
    public void leave(Inlet pusher) {
        pushers.remove(pusher);
    }

    /** One comes who pulls: it may be given tasks before this returns. */
    public void join(Outlet puller) {
        turns.add(puller);
        passOn();
    }

    /** What it was given is its own. */
    public void leave(Outlet puller) {
        turns.remove(puller);
        unready.remove(puller);
    }

    /** A puller that was not ready is. */
    public void ready(Outlet puller) {
        if (unready.remove(puller)) {
            turns.add(puller);
            passOn();
        }
    }

    /** A pusher brings a task; the frames may be borrowed. */
    public void add(Frames task) {
        Outlet puller = backlog.isEmpty() ? nextPuller() : null;
        if (puller != null) {
            puller.send(task);
            return;
        }
        backlog.add(task);
        if (!paused && backlog.isFull()) {
            paused = true;
            pushers.forEach(pusher -> pusher.reading(false));
        }
    }

    /** Tasks that wait. */
    public int length() {
        return backlog.length();
    }

    /** Bytes of the tasks that wait. */
    public long bytes() {
        return backlog.bytes();
    }

    /** True if no task waits, or comes of a pusher that has gone, that somebody is there to take, nor any to be read by a puller. */
    public boolean isQuiet() {
        boolean waits = !backlog.isEmpty() || pushers.stream().anyMatch(Inlet::hasGone);
        return Stream.concat(turns.stream(), unready.stream())
                .noneMatch(puller -> !puller.hasGone() && (waits || puller.hasUnread()));
    }

    private void passOn() {
        while (!backlog.isEmpty()) {
            Outlet puller = nextPuller();
            if (puller == null) {
                break;
            }
            puller.send(backlog.remove());
        }
        if (paused && backlog.isLow()) {
            paused = false;
            pushers.forEach(pusher -> pusher.reading(true));
        }
    }

    private @Nullable Outlet nextPuller() {
        while (!turns.isEmpty()) {
            Outlet puller = turns.remove();
            if (puller.isReady()) {
                turns.add(puller);
                return puller;
            }
            unready.add(puller);
            puller.tellWhenReady();
        }
        return null;
    }
}
