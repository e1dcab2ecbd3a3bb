package io.jackfield.broker.peer;

import io.jackfield.broker.model.Frames;
import io.jackfield.broker.tasks.Inlet;
import io.jackfield.broker.tasks.TaskQueue;

/** A PUSH peer: gives tasks to the endpoint's queue, and is not read from while that is full. Owned by the broker loop. */
final class Pusher implements Conversation, Inlet {
    private final Peer peer;
    private final TaskQueue tasks;
    private boolean draining;

    Pusher(Peer peer, TaskQueue tasks) {
        this.peer = peer;
        this.tasks = tasks;
    }

    @Override
    public void message(Frames message) {
        tasks.add(message);
    }

    @Override
    public void reading(boolean on) {
        peer.connection().reading(on && !draining);
    }

    /** What is left with the peer can still go to another broker. */
    @Override
    public void drain() {
        draining = true;
        reading(false);
    }

    @Override
    public void ended(String reason) {
        tasks.leave(this);
    }

    @Override
    public String dialect() {
        return "plain";
    }

    @Override
    public String side() {
        return "pusher";
    }
}
