package io.jackfield.broker.simulation;

import io.jackfield.broker.simulation.Ledger.Entry;
import io.jackfield.broker.simulation.Ledger.Question;
import io.jackfield.broker.simulation.Tally.Kind;
import io.jackfield.broker.transport.SocketType;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A client on a DEALER socket that does not wait, plain or Majordomo 0.2. Its failures do not say which request they are for: it counts them, and in the end
 * there is one for each request that got no reply.
 */
final class PipelinedClient extends Program {
    private static final byte[] HEADER = "MDPC02".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] REQUEST = {1};
    private static final int PARTIAL = 2;

    /** Header, command, service. */
    private static final int HEAD_FRAMES = 3;

    private final boolean mdp;
    private final Set<Entry> waiting = new LinkedHashSet<>();
    private int failures;

    PipelinedClient(World world, boolean mdp) {
        super(world, (mdp ? "mdp 0.2" : "plain") + " DEALER client", World.CLIENTS, SocketType.DEALER);
        this.mdp = mdp;
    }

    @Override
    void connected() {
        if (world.chance(25)) {
            later(world.random.nextInt(500), this::crash);
        }
        askLater();
    }

    @Override
    void disconnected() {
        waiting.forEach(world.ledger::excuse);
        waiting.clear();
        failures = 0;
    }

    @Override
    void heard(List<byte[]> frames) {
        if (frames.size() != (mdp ? HEAD_FRAMES + 1 : 1)) {
            throw new AssertionError(name + " got " + frames.size() + " frames");
        }
        String body = Ledger.text(frames.get(frames.size() - 1));
        if (mdp && frames.get(1)[0] == PARTIAL) {
            partial(frames, world.ledger.answered(body));
            return;
        }
        if (body.startsWith("JACKFIELD-ERROR ")) {
            failures++;
            settle();
            return;
        }
        Entry entry = world.ledger.answered(body);
        check(frames, entry);
        waiting.remove(entry);
        world.ledger.replied(entry);
        settle();
    }

    private void partial(List<byte[]> frames, Entry entry) {
        check(frames, entry);
        world.tally.add(Kind.PARTIAL);
        entry.seenInPart();
    }

    private void check(List<byte[]> frames, Entry entry) {
        if (!waiting.contains(entry)) {
            throw new AssertionError(name + " does not wait for " + entry);
        }
        boolean named = !mdp
                || (Arrays.equals(frames.get(0), HEADER)
                        && Ledger.text(frames.get(2)).equals(entry.service));
        if (!named) {
            throw new AssertionError(name + " got an answer to " + entry + " with another head than its request");
        }
    }

    private void settle() {
        if (failures > waiting.size()) {
            throw new AssertionError(name + " got more ends than it asked");
        }
        if (failures == waiting.size()) {
            // One failure for each: now it is known whose they are.
            waiting.forEach(world.ledger::excuse);
            waiting.clear();
            failures = 0;
        }
    }

    private void askLater() {
        later(10 + world.random.nextInt(60), () -> {
            if (!world.isCalm()) {
                // One more, and the broker would stop reading: what waits on the way has no deadline yet.
                if (waiting.size() < World.CLIENT_REQUESTS_MAX - 1) {
                    ask();
                }
                askLater();
            }
        });
    }

    private void ask() {
        String service = World.DEFAULT;
        if (mdp) {
            service = world.random.nextBoolean() ? World.SAFE : World.ONCE;
        }
        Entry entry = world.ledger.ask(new Question(service, false, World.TIMEOUT_MS, world.random.nextInt(120)));
        waiting.add(entry);
        if (mdp) {
            say(HEADER, REQUEST, service.getBytes(StandardCharsets.UTF_8), entry.body());
        } else {
            say(entry.body());
        }
    }
}
