package io.jackfield.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every vector, changed in many ways, through every decoder. Only {@link ProtocolException} may come out, nothing may be
 * allocated that the bytes are not worth, and what is still a message must survive being encoded and decoded again.
 */
final class FuzzTest {
    private static final int MUTATIONS = 100;
    /** Views and buffers of the codec itself. */
    private static final long BYTES_FIXED = 64 * 1024;
    /** Exceptions with their texts: each frame is given to five decoders. */
    private static final long BYTES_PER_FRAME = 8 * 1024;
    /** Copies of names and headers, as bytes and as texts. */
    private static final long BYTES_PER_BYTE = 32;

    static Stream<Vector> all() {
        return Stream.of("jf1-raw.txt", "jf1-kryo.txt", "jf1-invalid.txt").flatMap(file -> Vector.read(file).stream());
    }

    @ParameterizedTest
    @MethodSource("all")
    void shouldOnlyEverRefuseWhatItCannotRead(Vector vector) {
        List<ByteBuffer> original = vector.bytes("frame");
        for (long seed = 0; seed < MUTATIONS; seed++) {
            List<ByteBuffer> frames = new Mutations(seed).mutate(original);
            String where = vector + ", seed " + seed;
            try {
                decodeAll(frames, where);
            } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
                fail(where + ": " + VectorsTest.hex(frames), e);
            }
        }
    }

    private static void decodeAll(List<ByteBuffer> frames, String where) {
        long bytes = frames.stream().mapToLong(ByteBuffer::remaining).sum();
        long allocated = Allocations.bytesOf(() -> {
            check(Framing.RAW, frames);
            check(Framing.KRYO, frames);
            for (ByteBuffer frame : frames) {
                Detection.of(frame);
                attempt(() -> Headers.decode(frame));
                attempt(() -> ServiceDeclaration.decode(frame));
                attempt(() -> ServiceName.parse(frame));
            }
        });
        assertTrue(
                allocated < BYTES_FIXED + BYTES_PER_BYTE * bytes + BYTES_PER_FRAME * frames.size(),
                () -> where + ": " + allocated + " bytes allocated for " + bytes + " bytes in " + frames.size()
                        + " frames");
    }

    private static void check(Framing framing, List<ByteBuffer> frames) {
        Jf1Message message;
        try {
            message = framing == Framing.RAW ? RawFraming.decode(frames) : KryoFraming.decode(frames);
        } catch (ProtocolException e) {
            assertTrue(e.message().contains(" (expected: "), e.message());
            return;
        }
        try {
            assertEquals(message, KryoFraming.decode(KryoFraming.encode(message)));
            if (framing == Framing.RAW) {
                assertEquals(message, RawFraming.decode(RawFraming.encode(message)));
            }
        } catch (ProtocolException e) {
            throw new AssertionError("what was decoded cannot be decoded again", e);
        }
    }

    private static void attempt(Decoding decoding) {
        try {
            decoding.run();
        } catch (ProtocolException e) {
            assertTrue(e.code() == ErrorCode.BAD_MESSAGE || e.code() == ErrorCode.BAD_SERVICE_NAME, e.message());
        }
    }

    private interface Decoding {
        void run() throws ProtocolException;
    }
}
