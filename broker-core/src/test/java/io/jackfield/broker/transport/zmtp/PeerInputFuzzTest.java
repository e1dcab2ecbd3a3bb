package io.jackfield.broker.transport.zmtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Coverage-guided fuzzing of all that reads a peer's bytes before anything is known of it. An ordinary build runs the inputs that lie in
 * {@code PeerInputFuzzTestInputs}; {@code JAZZER_FUZZ=1 mvn -Dfast -pl broker-core -am test -Djazzer.hooks=true
 * -Dtest=PeerInputFuzzTest#decoder -Dsurefire.failIfNoSpecifiedTests=false} looks for new ones for ten minutes, and puts what breaks a test
 * there.
 */
class PeerInputFuzzTest {
    private static final ZmtpLimits LIMITS = ZmtpLimits.builder()
            .frameBytesMax(2_000)
            .messageBytesMax(3_000)
            .messageFramesMax(8)
            .commandBytesMax(600)
            .totalInputBytesMax(16_000)
            .build();

    /** The first byte says how the rest is split into reads; the outcome does not depend on it. */
    @FuzzTest(maxDuration = "10m")
    void decoder(byte[] input) {
        if (input.length == 0) {
            return;
        }
        byte[] bytes = Arrays.copyOfRange(input, 1, input.length);
        int piece = 1 + (input[0] & 0xff);
        assertEquals(decoded(bytes, Math.max(1, bytes.length)), decoded(bytes, piece));
    }

    @FuzzTest(maxDuration = "10m")
    void greeting(byte[] input) {
        Greeting greeting = new Greeting();
        try {
            boolean whole = greeting.read(Unpooled.wrappedBuffer(input));
            assertEquals(input.length >= Greeting.BYTES, whole);
            assertTrue(greeting.mechanism().length() <= 20);
        } catch (ZmtpViolation refused) {
            assertTrue(refused.reason().contains("(expected: "), refused.reason());
        }
    }

    @FuzzTest(maxDuration = "10m")
    void commands(byte[] input) {
        try {
            new NullMechanism()
                    .next(ByteBuffer.wrap(input))
                    .peer()
                    .orElseThrow()
                    .identity();
        } catch (ZmtpViolation refused) {
            assertTrue(refused.reason().chars().allMatch(c -> c >= ' ' && c <= '~'), "not fit for a log");
        }
        try {
            ByteBuffer command = ByteBuffer.wrap(input);
            if (Command.of(command) == Command.PING) {
                assertTrue(Command.pingTtlMs(command) >= 0);
                assertTrue(Command.pingContext(command).length <= 16);
            }
        } catch (ZmtpViolation refused) {
            assertEquals(Refusal.BAD_COMMAND, refused.refusal());
        }
    }

    private static String decoded(byte[] bytes, int piece) {
        String refusal = "";
        try (DecoderRig rig = DecoderRig.inTraffic(LIMITS)) {
            try {
                rig.readInPieces(bytes, piece);
            } catch (ZmtpViolation violation) {
                refusal = violation.refusal().name();
            }
            assertTrue(rig.budget.usedBytes() <= 4L * bytes.length + 512, "charged: " + rig.budget.usedBytes());
            return rig.messages + " " + rig.commands + " " + refusal;
        }
    }
}
