package io.jackfield.broker.simulation;

import io.jackfield.broker.model.Frames;
import io.jackfield.broker.transport.Connection;
import io.jackfield.broker.transport.MessageWriter;
import io.jackfield.broker.transport.SocketType;
import io.jackfield.broker.transport.Transport.ConnectionHandler;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connection between a program and the broker, as the transport's contract describes it: messages of one direction arrive whole and in
 * order, after a while, or not at all once the connection is cut; {@code closed} comes once and last.
 */
final class Link implements Connection {
    private static final int DELAY_MS_MAX = 12;

    private final World world;
    private final Program program;
    private final long id;
    private @Nullable ConnectionHandler handler;
    private long toBrokerNs = Long.MIN_VALUE;
    private long toProgramNs = Long.MIN_VALUE;
    private boolean programOpen = true;
    private boolean brokerOpen = true;
    private boolean brokerTold;
    private boolean writing;

    Link(World world, Program program, long id) {
        this.world = world;
        this.program = program;
        this.id = id;
    }

    void opened(ConnectionHandler newHandler) {
        handler = newHandler;
    }

    /** The program sends. */
    void say(List<byte[]> frames) {
        if (!programOpen) {
            return;
        }
        toBrokerNs = arrival(toBrokerNs);
        world.at(toBrokerNs, () -> {
            if (!brokerTold) {
                deliver(frames);
            }
        });
    }

    /** The program's end closes; what it sent before may be lost with it. */
    void cut() {
        if (!programOpen) {
            return;
        }
        programOpen = false;
        boolean reset = world.random.nextBoolean();
        toBrokerNs = reset ? world.nowNs() + World.NS_PER_MS : arrival(toBrokerNs);
        world.at(toBrokerNs, () -> tellBroker("the peer closed the connection"));
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public SocketType socketType() {
        return program.socketType;
    }

    @Override
    public String remoteAddress() {
        return "sim:" + id;
    }

    @Override
    public MessageWriter message() {
        if (writing) {
            throw new AssertionError("a message was begun before the one before it had ended");
        }
        writing = true;
        return new Writer();
    }

    @Override
    public boolean takesOutput() {
        return brokerOpen;
    }

    @Override
    public long outputBytes() {
        return 0;
    }

    @Override
    public void reading(boolean on) {}

    @Override
    public void close(String reason) {
        if (!brokerOpen) {
            return;
        }
        brokerOpen = false;
        world.trace("broker closes " + this + ": " + reason);
        toProgramNs = arrival(toProgramNs);
        world.at(toProgramNs, this::closeProgram);
        world.at(world.nowNs() + World.NS_PER_MS, () -> tellBroker(reason));
    }

    @Override
    public String toString() {
        return program.name + "#" + id;
    }

    private void deliver(List<byte[]> frames) {
        ConnectionHandler to = handler;
        if (to == null) {
            throw new AssertionError("a message before the connection was opened");
        }
        Frames kept = Frames.of(frames.stream().map(ByteBuffer::wrap).toList());
        byte[] wire = new byte[kept.wireBytes()];
        kept.buffer().get(kept.start(), wire);
        to.message(Frames.borrowed(ByteBuffer.wrap(wire), 0, wire.length, kept.count()));
        // Whoever looks at borrowed frames after the call finds nonsense.
        Arrays.fill(wire, (byte) 0xEE);
    }

    private void tellBroker(String reason) {
        ConnectionHandler to = handler;
        if (!brokerTold && to != null) {
            brokerTold = true;
            brokerOpen = false;
            world.trace("broker is told that " + this + " closed");
            to.closed(reason);
        }
    }

    private void closeProgram() {
        if (programOpen) {
            programOpen = false;
            program.lost();
        }
    }

    private void wrote(List<byte[]> frames) {
        if (!brokerOpen) {
            return;
        }
        program.seen(frames);
        toProgramNs = arrival(toProgramNs);
        world.at(toProgramNs, () -> {
            if (programOpen) {
                program.heard(frames);
            }
        });
    }

    private long arrival(long lastNs) {
        return Math.max(lastNs, world.nowNs() + world.random.nextInt(DELAY_MS_MAX) * World.NS_PER_MS);
    }

    private final class Writer implements MessageWriter {
        private final List<byte[]> frames = new ArrayList<>();

        @Override
        public MessageWriter frame(byte[] bytes) {
            frames.add(bytes.clone());
            return this;
        }

        @Override
        public MessageWriter frame(ByteBuffer bytes) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(bytes.position(), copy);
            return frame(copy);
        }

        @Override
        public MessageWriter frame(long token) {
            return frame(ByteBuffer.allocate(Long.BYTES).putLong(token).array());
        }

        @Override
        public MessageWriter empty() {
            return frame(new byte[0]);
        }

        @Override
        public void end(Frames body) {
            body.parts().forEach(this::frame);
            ended();
        }

        @Override
        public void end(byte[] bytes) {
            frame(bytes);
            ended();
        }

        @Override
        public void end(ByteBuffer bytes) {
            frame(bytes);
            ended();
        }

        private void ended() {
            writing = false;
            wrote(frames);
        }
    }
}
