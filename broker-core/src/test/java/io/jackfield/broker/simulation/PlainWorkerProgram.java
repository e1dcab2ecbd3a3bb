package io.jackfield.broker.simulation;

import io.jackfield.broker.transport.SocketType;
import java.nio.ByteBuffer;
import java.util.List;

/** A worker that knows no protocol: REP, ROUTER or DEALER. */
final class PlainWorkerProgram extends Program implements Work.Mouth {
    private static final int ENDPOINT_CREDIT = 2;

    private final Work work;

    PlainWorkerProgram(World world, SocketType socketType) {
        super(world, "plain " + socketType + " worker", World.WORKERS, socketType);
        this.work = new Work(world, this, this);
    }

    @Override
    void connected() {
        work.declared(socketType == SocketType.REP ? 1 : ENDPOINT_CREDIT);
        if (world.chance(30)) {
            later(world.random.nextInt(400), this::crash);
        }
    }

    @Override
    void seen(List<byte[]> frames) {
        world.ledger.given(Ledger.text(frames.get(frames.size() - 1)));
    }

    @Override
    void heard(List<byte[]> frames) {
        long token = ByteBuffer.wrap(frames.get(0)).getLong();
        work.given(token, world.ledger.find(Ledger.text(frames.get(frames.size() - 1))));
    }

    @Override
    void disconnected() {
        work.forget();
    }

    @Override
    public void reply(long token, byte[] body) {
        byte[] first = ByteBuffer.allocate(Long.BYTES).putLong(token).array();
        if (socketType == SocketType.DEALER) {
            say(first, body);
        } else {
            say(first, EMPTY, body);
        }
    }

    @Override
    public void nonsense() {
        say(new byte[] {1, 2, 3}, EMPTY, new byte[] {4});
    }
}
