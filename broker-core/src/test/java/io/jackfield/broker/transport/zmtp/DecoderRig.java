package io.jackfield.broker.transport.zmtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jackfield.broker.model.Frames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A decoder without a channel: fed with arrays, it remembers what it handed over. */
final class DecoderRig implements MessageDecoder.Sink, AutoCloseable {
    final List<List<String>> messages = new ArrayList<>();
    final List<String> commands = new ArrayList<>();
    final InputBudget budget;
    final MessageDecoder decoder;

    /** Counts what is allocated and not released. */
    final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true);

    /** How many messages had been handed over each time when half of a read was taken. */
    final List<Integer> manyTaken = new ArrayList<>();

    int stopAfter = Integer.MAX_VALUE;

    /** Runs before what is handed over is read. */
    Runnable beforeReading = () -> {};

    DecoderRig(ZmtpLimits limits) {
        this.budget = new InputBudget(limits.totalInputBytesMax(), (asking, bytes) -> false);
        this.decoder = new MessageDecoder(limits, allocator, budget.share(), this);
    }

    /** In traffic, with the default limits. */
    static DecoderRig inTraffic() {
        return inTraffic(ZmtpLimits.builder().build());
    }

    static DecoderRig inTraffic(ZmtpLimits limits) {
        DecoderRig rig = new DecoderRig(limits);
        rig.decoder.allowMessages();
        return rig;
    }

    @Override
    public void message(Frames message) {
        beforeReading.run();
        messages.add(Wire.texts(message));
        if (messages.size() == stopAfter) {
            decoder.stop();
        }
    }

    @Override
    public void manyTaken() {
        manyTaken.add(messages.size());
    }

    @Override
    public void command(ByteBuffer body) {
        beforeReading.run();
        commands.add(ISO_8859_1.decode(body).toString());
    }

    /** One read; the bytes lie somewhere inside a larger buffer, as they do in a pool. Returns how many were left over. */
    int read(byte[] bytes) throws ZmtpViolation {
        ByteBuf chunk = allocator.directBuffer(bytes.length + 7);
        try {
            chunk.writeZero(3).skipBytes(3).writeBytes(bytes);
            decoder.read(chunk);
            return chunk.readableBytes();
        } finally {
            chunk.release();
        }
    }

    /** Reads of that many bytes each. */
    void readInPieces(byte[] bytes, int pieceBytes) throws ZmtpViolation {
        for (int at = 0; at < bytes.length; at += pieceBytes) {
            assertEquals(0, read(Arrays.copyOfRange(bytes, at, Math.min(at + pieceBytes, bytes.length))));
        }
    }

    /** Expects that these bytes are refused. */
    String refused(Refusal refusal, byte[] bytes) {
        ZmtpViolation violation = assertThrows(ZmtpViolation.class, () -> read(bytes));
        assertEquals(refusal, violation.refusal(), violation.reason());
        return violation.detail();
    }

    /** Expects that nothing is left allocated or charged. */
    @Override
    public void close() {
        decoder.release();
        assertEquals(0, budget.usedBytes());
        assertEquals(0, allocator.metric().usedDirectMemory());
        assertEquals(0, allocator.metric().usedHeapMemory());
    }
}
