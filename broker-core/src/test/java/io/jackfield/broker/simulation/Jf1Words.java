package io.jackfield.broker.simulation;

import io.jackfield.protocol.Framing;
import io.jackfield.protocol.Jf1Message;
import io.jackfield.protocol.KryoFraming;
import io.jackfield.protocol.ProtocolException;
import io.jackfield.protocol.RawFraming;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** JF1 messages as frames, in one framing. */
record Jf1Words(Framing framing) {
    byte[][] encode(Jf1Message message) {
        List<ByteBuffer> frames =
                framing == Framing.RAW ? RawFraming.encode(message) : List.of(KryoFraming.encode(message));
        List<byte[]> bytes = new ArrayList<>();
        for (ByteBuffer frame : frames) {
            byte[] copy = new byte[frame.remaining()];
            frame.get(frame.position(), copy);
            bytes.add(copy);
        }
        return bytes.toArray(byte[][]::new);
    }

    Jf1Message decode(List<byte[]> frames) {
        List<ByteBuffer> buffers = frames.stream().map(ByteBuffer::wrap).toList();
        try {
            return framing == Framing.RAW ? RawFraming.decode(buffers) : KryoFraming.decode(buffers);
        } catch (ProtocolException e) {
            throw new AssertionError("the broker broke the protocol: " + e.message(), e);
        }
    }

    /** A HEARTBEAT with a flag that does not exist. */
    byte[][] nonsense() {
        byte[][] frames = encode(Jf1Message.heartbeat(true));
        int flags = framing == Framing.RAW ? 5 : 6;
        frames[0][flags] = (byte) 0xF0;
        return frames;
    }
}
