package io.jackfield.broker.transport;

import io.jackfield.broker.model.Frames;
import java.nio.ByteBuffer;

/** Writes one message, frame by frame, straight into the connection's output. Every message ends with one of the {@code end} methods. */
public interface MessageWriter {
    /** A frame with a copy of the bytes; more follow. */
    MessageWriter frame(byte[] bytes);

    /** A frame with a copy of what is between position and limit, which stay as they are; more follow. */
    MessageWriter frame(ByteBuffer bytes);

    /** A frame of 8 bytes, big-endian; more follow. */
    MessageWriter frame(long token);

    /** A frame without bytes; more follow. */
    MessageWriter empty();

    /** All frames of the body, copied before this returns, end the message. */
    void end(Frames body);

    /** One frame with a copy of the bytes ends the message. */
    void end(byte[] bytes);

    /** One frame with a copy of what is between position and limit ends the message. */
    void end(ByteBuffer bytes);
}
