package io.jackfield.broker.simulation;

import io.jackfield.broker.transport.SocketType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A Majordomo worker, of version 0.1 or 0.2. */
final class MdpWorkerProgram extends Program implements Work.Mouth {
    private static final byte[] READY = {1};
    private static final byte[] PARTIAL = {3};
    private static final int HEARTBEAT_MS = 60;

    /** By then everything that was on its way has arrived. */
    private static final int PAUSE_MS = 60;

    private final boolean partials;
    private final byte[] header;
    private final byte[] replyCommand;
    private final byte[] heartbeat;
    private final byte[] disconnect;
    private final Work work;
    private boolean ready;
    private long pauseEndNs;

    MdpWorkerProgram(World world, int version) {
        super(world, "mdp 0." + version + " worker", World.ANY, SocketType.DEALER);
        this.partials = version == 2;
        this.header = ("MDPW0" + version).getBytes(StandardCharsets.US_ASCII);
        this.replyCommand = new byte[] {(byte) (version + 2)};
        this.heartbeat = new byte[] {(byte) (version + 3)};
        this.disconnect = new byte[] {(byte) (version + 4)};
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
        if (command(frames) == 2) {
            world.ledger.given(body(frames));
        }
    }

    @Override
    void heard(List<byte[]> frames) {
        byte command = command(frames);
        if (command == 2 && ready) {
            byte[] token = frames.get(frames.size() - 3);
            work.given(ByteBuffer.wrap(token).getLong(), world.ledger.find(body(frames)));
        } else if (command == disconnect[0]) {
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
        answer(replyCommand, token, body);
    }

    @Override
    public void partial(long token, byte[] body) {
        if (partials) {
            answer(PARTIAL, token, body);
        }
    }

    @Override
    public void nonsense() {
        if (!ready || world.random.nextBoolean()) {
            tell(new byte[] {9});
        } else {
            // A second READY: the broker answers with DISCONNECT.
            tell(READY, World.SAFE.getBytes(StandardCharsets.UTF_8));
        }
    }

    private void join() {
        if (ready || world.nowNs() < pauseEndNs) {
            return;
        }
        ready = true;
        work.declared(1);
        String service = world.random.nextInt(3) == 0 ? World.ONCE : World.SAFE;
        tell(READY, service.getBytes(StandardCharsets.UTF_8));
        if (world.chance(30)) {
            later(world.random.nextInt(400), () -> {
                tell(disconnect);
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
            tell(heartbeat);
        }
        later(HEARTBEAT_MS, this::beat);
    }

    private void answer(byte[] command, long token, byte[] body) {
        tell(command, ByteBuffer.allocate(Long.BYTES).putLong(token).array(), EMPTY, body);
    }

    /** RFC 7 begins with an empty frame, RFC 18 does not. */
    private void tell(byte[]... words) {
        List<byte[]> frames = new ArrayList<>();
        if (!partials) {
            frames.add(EMPTY);
        }
        frames.add(header);
        frames.addAll(Arrays.asList(words));
        say(frames.toArray(byte[][]::new));
    }

    private byte command(List<byte[]> frames) {
        return frames.get(partials ? 1 : 2)[0];
    }

    private static String body(List<byte[]> frames) {
        return Ledger.text(frames.get(frames.size() - 1));
    }
}
