package io.jackfield.broker.transport.zmtp;

import io.jackfield.broker.model.Frames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;

/** One read from the socket with a window of messages in it: time for each message. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MessageDecoderBenchmark {
    private static final int MESSAGES = 64;

    /** The body of a message, after a frame of eight bytes as tokens are. */
    @Param({"32", "1024"})
    public int bodyBytes;

    private final ByteBuf read = PooledByteBufAllocator.DEFAULT.directBuffer();
    private final Counter counter = new Counter();
    private MessageDecoder decoder = decoder(counter);

    private static final class Counter implements MessageDecoder.Sink {
        private long frames;

        @Override
        public void message(Frames message) {
            frames += message.count();
        }

        @Override
        public void manyTaken() {}

        @Override
        public void command(ByteBuffer body) {
            throw new IllegalStateException("a command (expected: messages only)");
        }
    }

    private static MessageDecoder decoder(Counter counter) {
        ZmtpLimits limits = ZmtpLimits.builder().build();
        InputBudget budget = new InputBudget(limits.totalInputBytesMax(), (asking, bytes) -> false);
        return new MessageDecoder(limits, PooledByteBufAllocator.DEFAULT, budget.share(), counter);
    }

    /** Fills what is read again and again. */
    @Setup
    public void fill() {
        decoder = decoder(counter);
        decoder.allowMessages();
        read.clear();
        for (int i = 0; i < MESSAGES; i++) {
            read.writeByte(1).writeByte(Long.BYTES).writeLong(i);
            if (bodyBytes < 256) {
                read.writeByte(0).writeByte(bodyBytes);
            } else {
                read.writeByte(2).writeLong(bodyBytes);
            }
            read.writeZero(bodyBytes);
        }
    }

    /** Gives back what was set aside. */
    @TearDown
    public void release() {
        decoder.release();
    }

    /** Cuts the read into messages. */
    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public void decode(Blackhole seen) throws ZmtpViolation {
        read.readerIndex(0);
        decoder.read(read);
        seen.consume(counter.frames);
    }
}
