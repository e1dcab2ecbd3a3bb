package io.jackfield.broker.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.simulation.Tally.Kind;
import io.jackfield.broker.transport.SocketType;
import io.jackfield.protocol.Framing;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Many small worlds in which everything goes wrong that can, each from its own seed; after every step the broker's books must be right.
 *
 * <p>{@code -Djackfield.simulation.seeds=10000} runs more of them, {@code -Djackfield.simulation.seed=N} runs that one.
 */
@Tag("sim")
class SimulationTest {
    private static final int SEEDS = Integer.getInteger("jackfield.simulation.seeds", 200);
    private static final int TROUBLE_MS = 900;

    /** Time for every deadline to pass, every overdue worker to be expelled and to come back. */
    private static final int CALM_MS = 1500;

    @Test
    void shouldKeepItsPromisesWhateverGoesWrong() {
        Long only = Long.getLong("jackfield.simulation.seed");
        if (only != null) {
            System.out.println("simulation of seed " + only + ": " + run(only));
            return;
        }
        Tally all = new Tally();
        for (long seed = 1; seed <= SEEDS; seed++) {
            all.add(run(seed));
        }
        System.out.println("simulation of " + SEEDS + " seeds: " + all);
        List<Kind> missing = Arrays.stream(Kind.values())
                .filter(kind -> all.count(kind) == 0)
                .toList();
        assertEquals(List.of(), missing, "never happened in " + SEEDS + " seeds");
    }

    @Test
    void shouldDoTheSameAgainFromTheSameSeed() {
        assertEquals(run(7).toString(), run(7).toString());
        assertTrue(!run(7).toString().equals(run(8).toString()));
    }

    private static Tally run(long seed) {
        try {
            return live(new World(seed, false), seed);
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(
                    "seed " + seed + " (again with -Djackfield.simulation.seed=" + seed + "): " + e.getMessage() + "\n"
                            + whatHappened(seed),
                    e);
        }
    }

    private static Tally live(World world, long seed) {
        populate(world);
        world.run(TROUBLE_MS);
        world.calmDown();
        if (seed % 5 == 0) {
            world.stop();
        }
        world.run(CALM_MS);
        world.checkQuiet();
        return world.tally;
    }

    /** The same once more, this time with notes. */
    private static String whatHappened(long seed) {
        World world = new World(seed, true);
        try {
            live(world, seed);
        } catch (RuntimeException | AssertionError expected) {
            return world.lastLines();
        }
        return "the second time it did not fail";
    }

    private static void populate(World world) {
        List<Program> programs = List.of(
                new PlainWorkerProgram(world, SocketType.REP),
                new PlainWorkerProgram(world, SocketType.DEALER),
                new PlainWorkerProgram(world, SocketType.ROUTER),
                new MdpWorkerProgram(world, 1),
                new MdpWorkerProgram(world, 1),
                new PullWorkerProgram(world),
                new MdpWorkerProgram(world, 2),
                new Jf1Program(world, Framing.RAW, World.ANY, false, true),
                new Jf1Program(world, Framing.KRYO, World.ANY, true, true),
                new Jf1Program(world, Framing.KRYO, World.WORKERS, false, true),
                new Jf1Program(world, Framing.RAW, World.CLIENTS, true, false),
                new Jf1Program(world, Framing.KRYO, World.ANY, true, false),
                new LockStepClient(world, false, false),
                new LockStepClient(world, false, true),
                new LockStepClient(world, true, false),
                new LockStepClient(world, true, true),
                new PipelinedClient(world, false),
                new PipelinedClient(world, true));
        for (Program program : programs) {
            // Not everybody is there in every world, and either side may come first.
            if (world.random.nextInt(100) < 80) {
                world.in(world.random.nextInt(100), program::connect);
            }
        }
        for (int i = world.random.nextInt(3); i > 0; i--) {
            world.in(world.random.nextInt(100), new InProcessWorker(world)::join);
        }
        world.in(world.random.nextInt(100), new InProcessClient(world)::askLater);
        if (world.random.nextBoolean()) {
            world.in(world.random.nextInt(100), world::moveServices);
        }
    }
}
