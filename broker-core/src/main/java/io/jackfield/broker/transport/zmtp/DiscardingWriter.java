package io.jackfield.broker.transport.zmtp;

import io.jackfield.broker.model.Frames;
import io.jackfield.broker.transport.MessageWriter;
import java.nio.ByteBuffer;

/** Takes the messages to a connection that is closed or was cut off. */
enum DiscardingWriter implements MessageWriter {
    INSTANCE;

    @Override
    public MessageWriter frame(byte[] bytes) {
        return this;
    }

    @Override
    public MessageWriter frame(ByteBuffer bytes) {
        return this;
    }

    @Override
    public MessageWriter frame(long token) {
        return this;
    }

    @Override
    public MessageWriter empty() {
        return this;
    }

    @Override
    public void end(Frames body) {}

    @Override
    public void end(byte[] bytes) {}

    @Override
    public void end(ByteBuffer bytes) {}
}
