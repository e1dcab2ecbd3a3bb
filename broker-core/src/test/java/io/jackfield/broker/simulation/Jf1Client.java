package io.jackfield.broker.simulation;

import io.jackfield.broker.simulation.Ledger.Entry;
import io.jackfield.broker.simulation.Ledger.Question;
import io.jackfield.broker.simulation.Tally.Kind;
import io.jackfield.protocol.Command;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Flags;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Jf1Message;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The client's side of a program that speaks JF1. */
final class Jf1Client {
    private final World world;
    private final Jf1Program program;
    private final Map<Long, Entry> waiting = new HashMap<>();
    private final Set<Long> twins = new HashSet<>();
    private long lastId;

    Jf1Client(World world, Jf1Program program) {
        this.world = world;
        this.program = program;
    }

    void connected() {
        if (world.chance(20)) {
            program.later(world.random.nextInt(500), program::crash);
        }
        askLater();
    }

    void disconnected() {
        waiting.values().forEach(world.ledger::excuse);
        waiting.clear();
        twins.clear();
    }

    void answered(Jf1Message message) {
        world.trace(program.name + " hears " + message);
        if (message.command() == Command.REPLY) {
            replied(message);
            return;
        }
        ErrorCode code = message.failure().code();
        boolean ofTwin = code == ErrorCode.DUPLICATE_REQUEST_ID || !waiting.containsKey(message.id());
        if (ofTwin && twins.remove(message.id())) {
            world.tally.add(Kind.DUPLICATE_ID);
            return;
        }
        world.ledger.failed(taken(message), code);
    }

    private void replied(Jf1Message message) {
        boolean partial = message.header().has(Flags.PARTIAL);
        Entry entry = partial ? waiting.get(message.id()) : taken(message);
        if (entry == null || world.ledger.answered(Jf1Program.body(message)) != entry) {
            throw new AssertionError(entry + " got the reply to another request: " + message);
        }
        if (partial) {
            world.tally.add(Kind.PARTIAL);
            entry.seenInPart();
        } else {
            world.ledger.replied(entry);
        }
    }

    private Entry taken(Jf1Message message) {
        Entry entry = waiting.remove(message.id());
        if (entry == null) {
            throw new AssertionError(program.name + " does not wait for " + message);
        }
        return entry;
    }

    private void askLater() {
        program.later(world.random.nextInt(40), () -> {
            if (!world.isCalm()) {
                ask();
                askLater();
            }
        });
    }

    private void ask() {
        String service = List.of(World.SAFE, World.SAFE, World.ONCE, World.OPEN, "nobody")
                .get(world.random.nextInt(5));
        boolean idempotent = world.random.nextInt(4) == 0;
        int padding = world.chance(3) ? World.BODY_BYTES_MAX : world.random.nextInt(120);
        long timeMs = service.equals(World.SAFE) ? 0 : 20L + world.random.nextInt(World.TIMEOUT_MS);
        long timeoutMs = timeMs == 0 ? World.TIMEOUT_MS : timeMs;
        Entry entry = world.ledger.ask(new Question(service, idempotent, timeoutMs, padding));
        long id = ++lastId;
        world.trace(program.name + " asks " + entry);
        waiting.put(id, entry);
        Jf1Message request = Jf1Message.request(id, service, Headers.EMPTY, List.of(ByteBuffer.wrap(entry.body())))
                .withTimeMs(timeMs)
                .withFlags(idempotent ? Flags.IDEMPOTENT : Flags.NONE);
        program.say(request);
        if (world.chance(15)) {
            program.later(world.random.nextInt(80), () -> program.say(Jf1Message.cancel(id)));
        } else if (world.chance(5)) {
            program.nonsense();
        }
        if (service.equals(World.SAFE) && world.chance(3)) {
            askTwice(id);
        }
    }

    /** An id that is in flight as far as the client knows. Nobody has that service, should the first request have ended by then. */
    private void askTwice(long id) {
        program.later(1, () -> {
            if (waiting.containsKey(id)) {
                twins.add(id);
                program.say(Jf1Message.request(id, "nobody", Headers.EMPTY, List.of(ByteBuffer.wrap(new byte[1]))));
            }
        });
    }
}
