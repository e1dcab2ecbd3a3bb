package io.jackfield.broker.peer;

import io.jackfield.broker.model.Frames;
import io.jackfield.broker.tasks.Outlet;
import io.jackfield.broker.tasks.TaskQueue;

/** A PULL peer: takes tasks from a task queue, as fast as it reads them. Owned by the broker loop. */
final class Puller extends PassingPeer implements Outlet {
    private final TaskQueue tasks;

    Puller(Peer peer, TaskQueue tasks) {
        super(peer);
        this.tasks = tasks;
    }

    @Override
    public void message(Frames message) {
        peer.bad("message of " + message.count() + " frames from a PULL peer (expected: none)");
    }

    @Override
    public void drained() {
        tasks.ready(this);
    }

    @Override
    public void ended(String reason) {
        tasks.leave(this);
    }

    @Override
    public String side() {
        return "puller";
    }
}
