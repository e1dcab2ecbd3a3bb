package io.jackfield.broker.peer;

import io.jackfield.broker.model.Frames;
import io.jackfield.broker.tasks.Outlet;
import io.jackfield.broker.tasks.TaskQueue;

/** A PULL peer: takes tasks from the endpoint's queue, as fast as it reads them. Owned by the broker loop. */
final class Puller implements Conversation, Outlet {
    private final Peer peer;
    private final TaskQueue tasks;

    Puller(Peer peer, TaskQueue tasks) {
        this.peer = peer;
        this.tasks = tasks;
    }

    @Override
    public void message(Frames message) {
        peer.bad("message of " + message.count() + " frames from a PULL peer (expected: none)");
    }

    @Override
    public void send(Frames message) {
        peer.connection().message().end(message);
    }

    @Override
    public boolean isFull() {
        return peer.connection().outputBytes() >= peer.limits().patterns().taskOutputBytesMax();
    }

    @Override
    public void tellWhenNotFull() {
        peer.connection().tellDrained();
    }

    @Override
    public void drained() {
        tasks.notFull(this);
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
        return "puller";
    }
}
