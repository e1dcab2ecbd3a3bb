package io.jackfield.broker.peer;

import io.jackfield.protocol.Command;
import io.jackfield.protocol.FixedHeader;
import io.jackfield.protocol.Framing;
import io.jackfield.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The 24 bytes that begin every JF1 message. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Jf1HeaderBenchmark {
    private final FixedHeader header = new FixedHeader(Command.REQUEST, 0, 0, 123_456_789, 30_000, 0);
    private final ByteBuffer received = ByteBuffer.allocateDirect(FixedHeader.BYTES);
    private final ByteBuffer sent = ByteBuffer.allocateDirect(FixedHeader.BYTES);

    /** Fills what is read again and again. */
    public Jf1HeaderBenchmark() {
        header.write(received, 0, Framing.RAW);
    }

    /** As for each message that comes. */
    @Benchmark
    public FixedHeader read() throws ProtocolException {
        return FixedHeader.read(received, 0, Framing.RAW);
    }

    /** As for each message that goes. */
    @Benchmark
    public ByteBuffer write() {
        header.write(sent, 0, Framing.RAW);
        return sent;
    }
}
