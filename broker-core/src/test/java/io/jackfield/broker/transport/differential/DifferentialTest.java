package io.jackfield.broker.transport.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.loop.netty.Polling;
import io.jackfield.broker.transport.TransportContract.Fixture;
import io.jackfield.broker.transport.jeromq.JeromqFixture;
import io.jackfield.broker.transport.zmtp.ZmtpFixture;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * The same seeded conversation over both adapters comes to the same: what the broker heard of each peer, and what each peer heard of the
 * broker. {@code -Djackfield.seed=N} plays one seed alone.
 */
@Tag("sim")
class DifferentialTest {
    private static final int SEEDS = 25;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** Plays one conversation and tells what happened, a line each. */
    private interface Play {
        List<String> over(Fixture fixture, long seed) throws Exception;
    }

    @TestFactory
    Stream<DynamicTest> shouldCarryTheSameMessages() {
        return seeds((fixture, seed) -> {
            try (PortConversation conversation = new PortConversation(fixture, seed)) {
                return conversation.play();
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> shouldServeTheDialectsTheSame() {
        return seeds((fixture, seed) -> {
            try (DialectConversation conversation = new DialectConversation(fixture, seed)) {
                return conversation.play();
            }
        });
    }

    private static Stream<DynamicTest> seeds(Play play) {
        Long only = Long.getLong("jackfield.seed");
        LongStream seeds = only == null ? LongStream.rangeClosed(1, SEEDS) : LongStream.of(only);
        return seeds.mapToObj(seed -> DynamicTest.dynamicTest("seed " + seed, () -> {
            List<String> zmtp = played(play, "zmtp", seed, () -> ZmtpFixture.on(Polling.best()));
            List<String> jeromq = played(play, "jeromq", seed, JeromqFixture::unlimited);

            assertTrue(zmtp.size() > 10, "seed " + seed + " says little: " + zmtp);
            for (int i = 0; i < Math.min(zmtp.size(), jeromq.size()); i++) {
                assertEquals(zmtp.get(i), jeromq.get(i), "seed " + seed + ", line " + i);
            }
            assertEquals(zmtp.size(), jeromq.size(), "seed " + seed + ", lines");
        }));
    }

    private static List<String> played(Play play, String adapter, long seed, Supplier<Fixture> fixtures) {
        return assertTimeoutPreemptively(
                LIMIT,
                () -> {
                    try (Fixture fixture = fixtures.get()) {
                        return play.over(fixture, seed);
                    } catch (Exception | AssertionError failure) {
                        throw new AssertionError("seed " + seed + " over " + adapter, failure);
                    }
                },
                "seed " + seed);
    }
}
