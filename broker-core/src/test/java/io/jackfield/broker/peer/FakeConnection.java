package io.jackfield.broker.peer;

import io.jackfield.broker.model.Frames;
import io.jackfield.broker.transport.Connection;
import io.jackfield.broker.transport.MessageWriter;
import io.jackfield.broker.transport.SocketType;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** A connection that keeps what is written to it, message by message, and holds the writer to its contract. */
final class FakeConnection implements Connection {
    private final long id;
    private final SocketType socketType;
    private final Deque<List<byte[]>> written = new ArrayDeque<>();
    private final List<String> upstream = new ArrayList<>();
    private boolean writing;
    private boolean reading = true;
    private boolean tellsDrained;
    private long outputBytes;
    private boolean gone;
    private int mayTake = Integer.MAX_VALUE;
    private Optional<String> closeReason = Optional.empty();

    FakeConnection(long id, SocketType socketType) {
        this.id = id;
        this.socketType = socketType;
    }

    Deque<List<byte[]>> written() {
        return written;
    }

    Optional<String> closeReason() {
        return closeReason;
    }

    /** Subscriptions and their ends, {@code +topic} and {@code -topic}, since the last call. */
    List<String> takeUpstream() {
        List<String> taken = List.copyOf(upstream);
        upstream.clear();
        return taken;
    }

    boolean isReading() {
        return reading;
    }

    /** So much is not read by the peer. */
    void outputBytes(long bytes) {
        outputBytes = bytes;
    }

    /** True once after the broker has asked to be told. */
    boolean takeTellsDrained() {
        boolean asked = tellsDrained;
        tellsDrained = false;
        return asked;
    }

    /** It dies when it was written so many messages more: then nothing waits for it, for nothing is kept. */
    void diesAfter(int messages) {
        mayTake = messages;
    }

    /** The peer has closed it: what is written from now on goes nowhere. */
    void gone() {
        gone = true;
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public SocketType socketType() {
        return socketType;
    }

    @Override
    public String remoteAddress() {
        return "127.0.0.1:" + (40_000 + id);
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
        return closeReason.isEmpty() && !gone && mayTake > 0;
    }

    @Override
    public long outputBytes() {
        return outputBytes;
    }

    @Override
    public void tellDrained() {
        tellsDrained = true;
    }

    @Override
    public void subscribe(byte[] topic) {
        upstream.add("+" + TestPeer.text(topic));
    }

    @Override
    public void cancel(byte[] topic) {
        upstream.add("-" + TestPeer.text(topic));
    }

    @Override
    public void reading(boolean on) {
        reading = on;
    }

    @Override
    public void close(String reason) {
        if (closeReason.isEmpty()) {
            closeReason = Optional.of(reason);
        }
    }

    private final class Writer implements MessageWriter {
        private final List<byte[]> frames = new ArrayList<>();
        private boolean ended;

        @Override
        public MessageWriter frame(byte[] bytes) {
            add(bytes.clone());
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
            add(ByteBuffer.allocate(Long.BYTES).putLong(token).array());
            return this;
        }

        @Override
        public MessageWriter empty() {
            add(new byte[0]);
            return this;
        }

        @Override
        public void end(Frames body) {
            for (ByteBuffer part : body.parts()) {
                frame(part);
            }
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

        private void add(byte[] frame) {
            if (ended) {
                throw new AssertionError("a frame after the end of its message");
            }
            frames.add(frame);
        }

        private void ended() {
            ended = true;
            writing = false;
            if (takesOutput()) {
                mayTake--;
                written.add(frames);
            }
        }
    }
}
