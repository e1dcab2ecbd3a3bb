package io.jackfield.broker.simulation;

import io.jackfield.broker.dispatch.Assignment;
import io.jackfield.broker.dispatch.RefusedException;
import io.jackfield.broker.dispatch.Worker;
import io.jackfield.broker.dispatch.WorkerSession;
import io.jackfield.broker.model.Frames;
import io.jackfield.broker.model.Reply;
import io.jackfield.broker.simulation.Ledger.Entry;
import io.jackfield.broker.simulation.Tally.Kind;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.ServiceDeclaration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A worker within the broker, as a plugin is one: it may answer, fail, leave or throw inside the calls that it gets. */
final class InProcessWorker implements Worker {
    private final World world;
    private final Map<Long, Entry> has = new LinkedHashMap<>();
    private @Nullable WorkerSession session;
    private int credit;

    InProcessWorker(World world) {
        this.world = world;
    }

    @Override
    public boolean isInProcess() {
        return true;
    }

    @Override
    public String description() {
        return "in process";
    }

    @Override
    public void assign(Assignment assignment) {
        Entry entry =
                world.ledger.given(Ledger.text(assignment.envelope().body().joined()));
        long token = assignment.token();
        if (assignment.attempt() != entry.given()) {
            throw new AssertionError(entry + " is attempt " + assignment.attempt());
        }
        if (has.put(token, entry) != null || has.size() > credit) {
            throw new AssertionError("a worker in the process has " + has.size() + " requests, its credit: " + credit);
        }
        int dice = world.isCalm() ? 0 : world.random.nextInt(100);
        if (dice < 35) {
            world.tally.add(Kind.ANSWERED_IN_ASSIGN);
            answer(token);
        } else if (dice < 70) {
            world.in(world.random.nextInt(60), () -> answer(token));
        } else if (dice < 76) {
            answerInParts(token, entry);
        } else if (dice < 82) {
            fail(token);
        } else if (dice < 86) {
            world.tally.add(Kind.LOST_IN_ASSIGN);
            leave("it left when it was given a request");
        } else if (dice < 90) {
            has.remove(token);
            throw new World.PlantedException();
        } else if (dice < 94) {
            drain();
            world.in(world.random.nextInt(60), () -> answer(token));
        }
        // What is left is never answered.
    }

    @Override
    public void cancel(Assignment assignment) {
        long token = assignment.token();
        if (!has.containsKey(token)) {
            throw new AssertionError("a worker was told to cancel what it does not have");
        }
        if (world.random.nextInt(100) < 30) {
            world.tally.add(Kind.ANSWERED_IN_CANCEL);
            fail(token);
        }
    }

    @Override
    public void expel(Assignment assignment, String reason) {
        world.tally.add(Kind.WORKER_EXPELLED);
        world.in(5, () -> leave(reason));
    }

    void join() {
        if (session != null || world.isOver()) {
            return;
        }
        String service = List.of(World.SAFE, World.ONCE, World.OPEN).get(world.random.nextInt(3));
        credit = 1 + world.random.nextInt(World.CREDIT_MAX);
        try {
            WorkerSession joined = world.dispatcher.register(
                    this,
                    List.of(
                            new ServiceDeclaration(service, "1", false, World.TIMEOUT_MS),
                            new ServiceDeclaration(World.SAFE, "1", true, World.TIMEOUT_MS)),
                    credit);
            session = joined;
            if (world.random.nextInt(100) < 40) {
                ramp(joined);
            }
            joined.start();
        } catch (RefusedException e) {
            world.tally.add(Kind.WORKER_REFUSED);
            joinLater();
        }
    }

    /** As a new generation does: it begins with a share, gets another one, and then stays or goes. */
    private void ramp(WorkerSession joined) {
        world.tally.add(Kind.RAMPED);
        joined.share(1 + world.random.nextInt(99));
        world.in(world.random.nextInt(80), () -> whileStill(joined, () -> joined.share(1 + world.random.nextInt(99))));
        boolean stays = world.random.nextBoolean();
        world.in(
                80 + world.random.nextInt(80),
                () -> whileStill(joined, () -> {
                    world.tally.add(stays ? Kind.TOOK_OVER : Kind.ROLLED_BACK);
                    if (stays) {
                        joined.share(100);
                    } else {
                        drain();
                    }
                }));
    }

    private void whileStill(WorkerSession joined, Runnable action) {
        if (session == joined && !joined.isDraining()) {
            action.run();
        }
    }

    private void joinLater() {
        world.in(5 + world.random.nextInt(80), this::join);
    }

    private void answer(long token) {
        Entry entry = has.remove(token);
        WorkerSession current = session;
        if (entry != null && current != null) {
            current.reply(token, Reply.of(Frames.of(Ledger.replyTo(entry))));
        }
    }

    private void answerInParts(long token, Entry entry) {
        WorkerSession current = session;
        if (current != null) {
            entry.answeredInPart();
            current.partial(token, Reply.of(Frames.of(Ledger.replyTo(entry))));
            world.in(world.random.nextInt(60), () -> answer(token));
        }
    }

    private void fail(long token) {
        has.remove(token);
        WorkerSession current = session;
        if (current != null) {
            current.fail(token, Failure.of(ErrorCode.HANDLER_FAILED, "it broke", ""));
        }
    }

    private void drain() {
        WorkerSession current = session;
        if (current != null && !current.isDraining()) {
            world.tally.add(Kind.WORKER_DRAINED);
            current.drain(() -> {
                world.tally.add(Kind.WORKER_IDLE);
                leave("it is drained");
            });
        }
    }

    private void leave(String reason) {
        WorkerSession left = session;
        if (left != null) {
            session = null;
            has.clear();
            left.lost(reason);
            joinLater();
        }
    }
}
