package io.jackfield.broker.simulation;

import io.jackfield.broker.simulation.Ledger.Entry;
import io.jackfield.broker.simulation.Ledger.Question;
import io.jackfield.broker.transport.SocketType;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A plain client on a DEALER socket that does not wait. Its failures do not say which request they are for: it counts them, and in the end
 * there is one for each request that got no reply.
 */
final class PipelinedClient extends Program {
    private final Set<Entry> waiting = new LinkedHashSet<>();
    private int failures;

    PipelinedClient(World world) {
        super(world, "plain DEALER client", World.CLIENTS, SocketType.DEALER);
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
        if (frames.size() != 1) {
            throw new AssertionError(name + " got " + frames.size() + " frames");
        }
        String body = Ledger.text(frames.get(0));
        if (body.startsWith("JACKFIELD-ERROR ")) {
            failures++;
            settle();
            return;
        }
        Entry entry = world.ledger.answered(body);
        if (!waiting.remove(entry)) {
            throw new AssertionError(name + " does not wait for " + entry);
        }
        world.ledger.replied(entry);
        settle();
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
                Entry entry = world.ledger.ask(
                        new Question(World.DEFAULT, false, World.TIMEOUT_MS, world.random.nextInt(120)));
                waiting.add(entry);
                say(entry.body());
                askLater();
            }
        });
    }
}
