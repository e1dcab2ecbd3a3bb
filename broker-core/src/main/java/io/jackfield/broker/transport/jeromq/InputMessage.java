package io.jackfield.broker.transport.jeromq;

import io.jackfield.broker.model.Frames;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import zmq.Msg;

/** One message as JeroMQ gives it, part by part. What is over the limits is not kept. Owned by JeroMQ's thread. */
final class InputMessage {
    private final JeromqLimits limits;
    private final List<ByteBuffer> parts = new ArrayList<>();
    private int count;
    private long bytes;
    private boolean hostile;

    InputMessage(JeromqLimits limits) {
        this.limits = limits;
    }

    void add(Msg part) {
        count++;
        bytes += part.size();
        hostile |= part instanceof FrameAllocator.Hostile;
        if (refusal().isEmpty()) {
            parts.add(part.buf());
        } else {
            parts.clear();
        }
    }

    /** Why the peer is to be cut off; empty for a message that is in order. */
    Optional<Refusal> refusal() {
        if (hostile) {
            return Optional.of(Refusal.BAD_FRAME);
        }
        if (count > limits.messageFramesMax()) {
            return Optional.of(Refusal.MESSAGE_FRAMES);
        }
        return bytes > limits.messageBytesMax() ? Optional.of(Refusal.MESSAGE_BYTES) : Optional.empty();
    }

    String detail() {
        return hostile
                ? "a frame with a length that is no number of bytes"
                : "a message of " + count + " frames and " + bytes + " bytes (message-frames-max: "
                        + limits.messageFramesMax() + ", message-bytes-max: " + limits.messageBytesMax() + ")";
    }

    /** The message, copied; only if there is no {@link #refusal}. */
    Frames kept() {
        return Frames.of(parts);
    }
}
