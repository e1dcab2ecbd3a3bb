package io.jackfield.broker.simulation;

import io.jackfield.broker.simulation.Ledger.Entry;
import io.jackfield.broker.simulation.Tally.Kind;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a remote worker has in hand, and what it does with it: most often it answers. */
final class Work {
    private final World world;
    private final Program program;
    private final Mouth mouth;
    private final Map<Long, Entry> has = new LinkedHashMap<>();
    private int credit;
    private boolean frozen;

    Work(World world, Program program, Mouth mouth) {
        this.world = world;
        this.program = program;
        this.mouth = mouth;
    }

    /** How answers are said in the worker's dialect. */
    interface Mouth {
        void reply(long token, byte[] body);

        /** Most dialects know only one reply. */
        default void partial(long token, byte[] body) {}

        /** In most dialects a failure is a reply like any other. */
        default void fail(long token, byte[] body) {
            reply(token, body);
        }

        /** Something that breaks the rules. */
        void nonsense();
    }

    /** It has declared so many; more than the most it has ever declared on this connection it must not get. */
    void declared(int newCredit) {
        credit = Math.max(credit, newCredit);
    }

    boolean isIdle() {
        return has.isEmpty();
    }

    boolean isFrozen() {
        return frozen;
    }

    /** It says and does nothing for a while: it is not dead, and nobody can know. */
    void freeze() {
        world.tally.add(Kind.WORKER_FROZEN);
        frozen = true;
        world.in(700, () -> frozen = false);
    }

    /** The connection is gone, or the worker has left: nothing that it had concerns it any more. */
    void forget() {
        if (!has.isEmpty()) {
            world.tally.add(Kind.WORKER_CRASHED_BUSY);
        }
        has.clear();
        credit = 0;
    }

    void given(long token, Entry entry) {
        world.trace(program.name + " is given " + entry + " as " + token + " beside " + has.keySet());
        if (has.put(token, entry) != null) {
            throw new AssertionError(program.name + " was given a token that it has: " + token);
        }
        if (has.size() > credit) {
            throw new AssertionError(program.name + " has " + has.size() + " requests, its credit: " + credit);
        }
        int dice = world.isCalm() ? 0 : world.random.nextInt(100);
        if (dice < 55) {
            answerIn(world.random.nextInt(40), token);
        } else if (dice < 63) {
            answerIn(World.TIMEOUT_MS + world.random.nextInt(150), token);
        } else if (dice < 71) {
            answerInPartsIn(world.random.nextInt(40), token);
        } else if (dice < 76) {
            act(world.random.nextInt(40), token, () -> mouth.fail(token, Ledger.replyTo(entry)));
        } else if (dice < 82) {
            program.later(world.random.nextInt(40), program::crash);
        } else if (dice >= 88) {
            answerTwice(token, entry, dice < 94);
        }
        // What is left is never answered.
    }

    /** The broker does not want the answer any more; the credit comes back with it all the same. */
    void cancelled(long token) {
        Entry entry = has.get(token);
        if (entry != null && world.random.nextInt(100) < 60) {
            act(world.random.nextInt(20), token, () -> mouth.fail(token, Ledger.replyTo(entry)));
        }
    }

    private void answerIn(int ms, long token) {
        Entry entry = has.get(token);
        if (entry != null) {
            act(ms, token, () -> mouth.reply(token, Ledger.replyTo(entry)));
        }
    }

    private void answerInPartsIn(int ms, long token) {
        program.later(ms, () -> {
            Entry entry = has.get(token);
            if (entry != null && !frozen) {
                entry.answeredInPart();
                mouth.partial(token, Ledger.replyTo(entry));
            }
        });
        if (world.chance(30)) {
            program.later(ms + 2, program::crash);
        } else {
            answerIn(ms + world.random.nextInt(60), token);
        }
    }

    private void answerTwice(long token, Entry entry, boolean properly) {
        int ms = world.random.nextInt(40);
        if (!properly) {
            program.later(ms, mouth::nonsense);
        }
        answerIn(ms, token);
        program.later(ms + 20, () -> {
            if (!has.containsKey(token)) {
                mouth.reply(properly ? token : token + 1000, Ledger.replyTo(entry));
            }
        });
    }

    private void act(int ms, long token, Runnable answer) {
        program.later(ms, () -> {
            if (!frozen && has.remove(token) != null) {
                world.trace(program.name + " answers " + token);
                answer.run();
            }
        });
    }
}
