package io.jackfield.broker.peer;

import io.jackfield.broker.model.Frames;
import io.jackfield.broker.tasks.Inlet;
import io.jackfield.broker.tasks.TaskQueue;

/** A PUSH peer: gives tasks to a task queue, and is not read from while that is full. Owned by the broker loop. */
final class Pusher extends PassingPeer implements Inlet {
    private final TaskQueue tasks;

    Pusher(Peer peer, TaskQueue tasks) {
        super(peer);
        this.tasks = tasks;
    }

    @Override
    public void message(Frames message) {
        tasks.add(message);
    }

    @Override
    public void drain() {
        hold();
    }

    @Override
    public void ended(String reason) {
        tasks.leave(this);
    }

    @Override
    public String side() {
        return "pusher";
    }
}
