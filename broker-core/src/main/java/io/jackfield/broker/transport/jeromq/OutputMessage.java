package io.jackfield.broker.transport.jeromq;

import io.jackfield.broker.model.Frames;
import io.jackfield.broker.transport.MessageWriter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** The message that is being written to one peer. Owned by the broker loop. */
final class OutputMessage implements MessageWriter {
    /** Told of every message. */
    interface Owner {
        void written(List<OutputFrame> message);
    }

    private static final byte[] NOTHING = {};

    private final Owner owner;
    private final AtomicLong charged;
    private List<OutputFrame> frames = new ArrayList<>();
    private boolean begun;

    OutputMessage(Owner owner, AtomicLong charged) {
        this.owner = owner;
        this.charged = charged;
    }

    /** Returns false if the message before was not ended. */
    boolean begin() {
        boolean ended = !begun;
        begun = true;
        frames.clear();
        return ended;
    }

    @Override
    public MessageWriter frame(byte[] bytes) {
        add(bytes.clone());
        return this;
    }

    @Override
    public MessageWriter frame(ByteBuffer bytes) {
        add(copy(bytes));
        return this;
    }

    @Override
    public MessageWriter frame(long token) {
        add(ByteBuffer.allocate(Long.BYTES).putLong(token).array());
        return this;
    }

    @Override
    public MessageWriter empty() {
        add(NOTHING);
        return this;
    }

    @Override
    public void end(Frames body) {
        body.parts().forEach(part -> add(copy(part)));
        ended();
    }

    @Override
    public void end(byte[] bytes) {
        add(bytes.clone());
        ended();
    }

    @Override
    public void end(ByteBuffer bytes) {
        add(copy(bytes));
        ended();
    }

    private void add(byte[] owned) {
        frames.add(new OutputFrame(owned, charged));
    }

    private static byte[] copy(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(bytes.position(), copy);
        return copy;
    }

    private void ended() {
        List<OutputFrame> message = frames;
        frames = new ArrayList<>();
        begun = false;
        owner.written(message);
    }
}
