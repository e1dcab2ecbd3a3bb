package io.jackfield.broker.transport.zmtp;

import static io.jackfield.broker.transport.zmtp.Wire.COMMAND;
import static io.jackfield.broker.transport.zmtp.Wire.LONG;
import static io.jackfield.broker.transport.zmtp.Wire.MORE;
import static io.jackfield.broker.transport.zmtp.Wire.wire;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Seeded mutations of good traffic. Whatever comes: the decoder ends in a refusal or goes on, what it hands over does not depend on how
 * the reads were split, and nothing is left allocated.
 */
class MessageDecoderFuzzTest {
    private static final int SEEDS = Integer.getInteger("jackfield.fuzz.seeds", 20_000);
    private static final long FIRST_SEED = Long.getLong("jackfield.fuzz.first-seed", 1);
    private static final ZmtpLimits LIMITS = ZmtpLimits.builder()
            .frameBytesMax(2_000)
            .messageBytesMax(3_000)
            .messageFramesMax(8)
            .commandBytesMax(600)
            .totalInputBytesMax(16_000)
            .build();

    @Test
    void shouldDecodeMutatedTrafficAlikeHoweverItIsSplit() {
        int refused = 0;
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
            Random random = new Random(seed);
            byte[] bytes = mutated(traffic(random), random);
            Outcome whole = decode(bytes, List.of(bytes));
            Outcome split = decode(bytes, pieces(bytes, random));

            assertEquals(whole, split, "seed " + seed);
            refused += whole.refusal.isEmpty() ? 0 : 1;
        }
        assertTrue(refused > SEEDS / 10 && refused < SEEDS, "refused: " + refused + " of " + SEEDS);
    }

    /** What came out, to the refusal that ended it or to the end. */
    private record Outcome(List<List<String>> messages, List<String> commands, String refusal) {}

    private static Outcome decode(byte[] bytes, List<byte[]> reads) {
        String refusal = "";
        try (DecoderRig rig = DecoderRig.inTraffic(LIMITS)) {
            try {
                for (byte[] read : reads) {
                    assertEquals(0, rig.read(read));
                    assertTrue(rig.budget.usedBytes() <= 4L * bytes.length + 512, "charged: " + rig.budget.usedBytes());
                }
            } catch (ZmtpViolation violation) {
                refusal = violation.refusal().name();
            }
            return new Outcome(List.copyOf(rig.messages), List.copyOf(rig.commands), refusal);
        }
    }

    private static byte[] traffic(Random random) {
        Wire traffic = wire();
        int messages = 1 + random.nextInt(6);
        for (int i = 0; i < messages; i++) {
            int frames = 1 + random.nextInt(4);
            for (int frame = 1; frame <= frames; frame++) {
                if (random.nextInt(8) == 0) {
                    traffic.ping("context".substring(random.nextInt(7)));
                }
                byte[] body = new byte[random.nextInt(5) == 0 ? random.nextInt(700) : random.nextInt(20)];
                random.nextBytes(body);
                int form = body.length > 255 || random.nextInt(10) == 0 ? LONG : 0;
                traffic.frame(form | (frame < frames ? MORE : 0), body);
            }
        }
        return traffic.frame(COMMAND, "\7UNKNOWN").bytes();
    }

    private static byte[] mutated(byte[] bytes, Random random) {
        byte[] mutant = bytes.clone();
        int mutations = random.nextInt(8);
        for (int i = 0; i < mutations; i++) {
            int at = random.nextInt(mutant.length);
            switch (random.nextInt(4)) {
                case 0 -> mutant[at] = (byte) random.nextInt(256);
                case 1 -> mutant[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> mutant = Arrays.copyOf(mutant, Math.max(1, at));
                default -> Arrays.fill(mutant, at, Math.min(at + 1 + random.nextInt(9), mutant.length), (byte) 0xff);
            }
        }
        return mutant;
    }

    private static List<byte[]> pieces(byte[] bytes, Random random) {
        List<byte[]> pieces = new ArrayList<>();
        int at = 0;
        while (at < bytes.length) {
            int end = Math.min(bytes.length, at + 1 + random.nextInt(random.nextBoolean() ? 3 : 200));
            pieces.add(Arrays.copyOfRange(bytes, at, end));
            at = end;
        }
        return pieces;
    }
}
