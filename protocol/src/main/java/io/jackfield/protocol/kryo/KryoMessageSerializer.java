package io.jackfield.protocol.kryo;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.ByteBufferInput;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import io.jackfield.protocol.Jf1Message;
import io.jackfield.protocol.KryoFraming;
import io.jackfield.protocol.ProtocolException;
import java.nio.ByteBuffer;

/**
 * JF1 messages as Kryo objects (PROTOCOL.md section 4.5): the very bytes that {@link KryoFraming} reads and writes.
 *
 * <p>Reads from buffers only: a message from a stream has no end to check its lengths against. The body is copied, for Kryo
 * programs use their buffers again.
 */
public final class KryoMessageSerializer extends Serializer<Jf1Message> {
    private static final int CLASS_ID_BYTES = 1;

    /** A serializer without state. */
    public KryoMessageSerializer() {
        super(false, true);
    }

    /**
     * Registers the class of messages with its id. References must be off, as Kryo has them by default: with them on, Kryo
     * writes a byte that JF1 does not have.
     *
     * @param kryo to register with
     * @throws IllegalArgumentException when references are on
     */
    public static void register(Kryo kryo) {
        if (kryo.getReferences()) {
            throw new IllegalArgumentException("references: on (expected: off)");
        }
        kryo.register(Jf1Message.class, new KryoMessageSerializer(), KryoFraming.KRYO_ID);
    }

    @Override
    public void write(Kryo kryo, Output output, Jf1Message message) {
        int skip = CLASS_ID_BYTES;
        for (ByteBuffer piece : KryoFraming.gather(message)) {
            byte[] bytes = new byte[piece.remaining() - skip];
            piece.get(piece.position() + skip, bytes);
            output.writeBytes(bytes);
            skip = 0;
        }
    }

    @Override
    public Jf1Message read(Kryo kryo, Input input, Class<? extends Jf1Message> type) {
        ByteBuffer buffer = unread(input);
        int start = buffer.position();
        try {
            Jf1Message message = KryoFraming.read(buffer).copied();
            input.setPosition(input.position() + buffer.position() - start);
            return message;
        } catch (ProtocolException e) {
            throw new KryoException(e.message(), e);
        }
    }

    private static ByteBuffer unread(Input input) {
        if (input.getInputStream() != null) {
            throw new KryoException("input: a stream (expected: a buffer)");
        }
        if (input instanceof ByteBufferInput buffered) {
            return buffered.getByteBuffer()
                    .duplicate()
                    .position(input.position())
                    .limit(input.limit());
        }
        return ByteBuffer.wrap(input.getBuffer(), input.position(), input.limit() - input.position());
    }
}
