package io.jackfield.broker.simulation;

import io.jackfield.broker.transport.SocketType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A Majordomo worker. */
final class MdpWorkerProgram extends Program implements Work.Mouth {
    private static final byte[] HEADER = "MDPW01".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] READY = {1};
    private static final byte[] REPLY = {3};
    private static final byte[] HEARTBEAT = {4};
    private static final byte[] DISCONNECT = {5};
    private static final int HEARTBEAT_MS = 60;

    /** By then everything that was on its way has arrived. */
    private static final int PAUSE_MS = 60;

    private final Work work;
    private boolean ready;
    private long pauseEndNs;

    MdpWorkerProgram(World world) {
        super(world, "mdp worker", World.ANY, SocketType.DEALER);
        this.work = new Work(world, this, this);
    }

    @Override
    void connected() {
        pauseEndNs = world.nowNs();
        join();
        beat();
    }

    @Override
    void seen(List<byte[]> frames) {
        if (frames.get(2)[0] == 2) {
            world.ledger.given(body(frames));
        }
    }

    @Override
    void heard(List<byte[]> frames) {
        byte command = frames.get(2)[0];
        if (command == 2 && ready) {
            work.given(ByteBuffer.wrap(frames.get(3)).getLong(), world.ledger.find(body(frames)));
        } else if (command == 5) {
            leave();
        }
    }

    @Override
    void disconnected() {
        ready = false;
        work.forget();
    }

    @Override
    public void reply(long token, byte[] body) {
        say(EMPTY, HEADER, REPLY, ByteBuffer.allocate(Long.BYTES).putLong(token).array(), EMPTY, body);
    }

    @Override
    public void nonsense() {
        if (!ready || world.random.nextBoolean()) {
            say(EMPTY, HEADER, new byte[] {9});
        } else {
            // A second READY: the broker answers with DISCONNECT.
            say(EMPTY, HEADER, READY, World.SAFE.getBytes(StandardCharsets.UTF_8));
        }
    }

    private void join() {
        if (ready || world.nowNs() < pauseEndNs) {
            return;
        }
        ready = true;
        work.declared(1);
        String service = world.random.nextInt(3) == 0 ? World.ONCE : World.SAFE;
        say(EMPTY, HEADER, READY, service.getBytes(StandardCharsets.UTF_8));
        if (world.chance(30)) {
            later(world.random.nextInt(400), () -> {
                say(EMPTY, HEADER, DISCONNECT);
                leave();
            });
        } else if (world.chance(20)) {
            later(world.random.nextInt(400), work::freeze);
        }
    }

    private void leave() {
        ready = false;
        work.forget();
        pauseEndNs = world.nowNs() + PAUSE_MS * World.NS_PER_MS;
        later(PAUSE_MS, this::join);
    }

    private void beat() {
        if (ready && !work.isFrozen()) {
            say(EMPTY, HEADER, HEARTBEAT);
        }
        later(HEARTBEAT_MS, this::beat);
    }

    private static String body(List<byte[]> frames) {
        return Ledger.text(frames.get(frames.size() - 1));
    }
}
