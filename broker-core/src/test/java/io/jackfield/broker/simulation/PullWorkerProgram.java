package io.jackfield.broker.simulation;

import io.jackfield.broker.transport.SocketType;
import java.nio.ByteBuffer;
import java.util.List;

/** A worker of two halves: it is given requests by PULL, and sends replies by PUSH, each on a connection with troubles of its own. */
final class PullWorkerProgram extends Program implements Work.Mouth {
    private static final int ENDPOINT_CREDIT = 2;

    private final Replies replies;
    private final Work work;

    PullWorkerProgram(World world) {
        super(world, "plain PULL worker", World.WORKERS, SocketType.PULL);
        this.replies = new Replies(world);
        this.work = new Work(world, this, this);
    }

    @Override
    void connected() {
        work.declared(ENDPOINT_CREDIT);
        if (!replies.isConnected()) {
            replies.connect();
        }
        if (world.chance(30)) {
            later(world.random.nextInt(400), this::crash);
        }
    }

    @Override
    void seen(List<byte[]> frames) {
        world.ledger.given(Ledger.text(frames.get(1)));
    }

    @Override
    void heard(List<byte[]> frames) {
        if (frames.size() != 2) {
            throw new AssertionError(name + " got " + frames.size() + " frames");
        }
        long token = ByteBuffer.wrap(frames.get(0)).getLong();
        work.given(token, world.ledger.find(Ledger.text(frames.get(1))));
    }

    @Override
    void disconnected() {
        work.forget();
    }

    @Override
    public void reply(long token, byte[] body) {
        replies.say(ByteBuffer.allocate(Long.BYTES).putLong(token).array(), body);
        if (world.chance(10)) {
            replies.crash();
        }
    }

    @Override
    public void nonsense() {
        replies.say(new byte[] {1, 2, 3}, new byte[] {4});
    }

    private static final class Replies extends Program {
        Replies(World world) {
            super(world, "PUSH half of a worker", World.WORKERS, SocketType.PUSH);
        }

        @Override
        void connected() {}

        @Override
        void heard(List<byte[]> frames) {
            throw new AssertionError("a PUSH peer hears nothing");
        }

        @Override
        void disconnected() {}
    }
}
