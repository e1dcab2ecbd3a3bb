package io.jackfield.broker.simulation;

import io.jackfield.broker.simulation.Tally.Kind;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Flags;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Jf1Message;
import io.jackfield.protocol.ServiceDeclaration;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The worker's side of a program that speaks JF1. */
final class Jf1Worker implements Work.Mouth {
    private static final int HEARTBEAT_MS = 60;

    /** By then everything that was on its way has arrived. */
    private static final int PAUSE_MS = 60;

    private final World world;
    private final Jf1Program program;
    private final Work work;
    private boolean ready;
    private boolean leaving;

    Jf1Worker(World world, Jf1Program program) {
        this.world = world;
        this.program = program;
        this.work = new Work(world, program, this);
    }

    void connected() {
        program.later(world.random.nextInt(30), this::join);
        beat();
    }

    void disconnected() {
        ready = false;
        leaving = false;
        work.forget();
    }

    void heard(Jf1Message message) {
        switch (message.command()) {
            case REQUEST -> {
                if (ready) {
                    work.given(message.id(), world.ledger.find(Jf1Program.body(message)));
                }
            }
            case CANCEL -> work.cancelled(message.id());
            default -> planMischief();
        }
    }

    void refused(Failure why) {
        if (why.code() == ErrorCode.TOO_MANY_SERVICES) {
            world.tally.add(Kind.WORKER_REFUSED);
            program.later(PAUSE_MS, this::join);
        }
    }

    @Override
    public void reply(long token, byte[] body) {
        program.say(Jf1Message.reply(token, Flags.NONE, Headers.EMPTY, List.of(ByteBuffer.wrap(body))));
    }

    @Override
    public void partial(long token, byte[] body) {
        program.say(Jf1Message.reply(token, Flags.PARTIAL, Headers.EMPTY, List.of(ByteBuffer.wrap(body))));
    }

    @Override
    public void fail(long token, byte[] body) {
        program.say(Jf1Message.failure(token, Failure.of(ErrorCode.HANDLER_FAILED, "it broke", "")));
    }

    @Override
    public void nonsense() {
        program.nonsense();
    }

    private void join() {
        if (leaving || work.isFrozen()) {
            return;
        }
        ready = true;
        int credit = 1 + world.random.nextInt(5);
        work.declared(Math.min(credit, World.CREDIT_MAX));
        world.trace(program.name + " joins with credit " + credit);
        program.say(Jf1Message.ready(HEARTBEAT_MS, credit, Headers.EMPTY, services()));
    }

    /** Called for every WELCOME. */
    private void planMischief() {
        int ms = world.random.nextInt(300);
        if (world.chance(20)) {
            program.later(ms, () -> {
                world.tally.add(Kind.WORKER_UPDATED);
                join();
            });
        } else if (world.chance(20)) {
            program.later(ms, this::drain);
        } else if (world.chance(15)) {
            program.later(ms, () -> {
                if (ready && !leaving) {
                    leave();
                }
            });
        } else if (world.chance(15)) {
            program.later(ms, work::freeze);
        } else if (world.chance(20)) {
            program.later(ms, program::crash);
        }
    }

    private void drain() {
        if (ready && !leaving) {
            world.tally.add(Kind.WORKER_DRAINED);
            leaving = true;
            program.say(Jf1Message.drain(0));
            leaveWhenIdle();
        }
    }

    private void leaveWhenIdle() {
        if (work.isIdle()) {
            // Requests may be on their way still: they are lost with this worker.
            leave();
        } else {
            program.later(10, this::leaveWhenIdle);
        }
    }

    private void leave() {
        if (!work.isIdle()) {
            world.tally.add(Kind.WORKER_LEFT_BUSY);
        }
        ready = false;
        leaving = true;
        work.forget();
        world.trace(program.name + " says DISCONNECT");
        program.say(Jf1Message.disconnect(0));
        program.later(PAUSE_MS, () -> {
            leaving = false;
            join();
        });
    }

    private void beat() {
        if (!work.isFrozen()) {
            program.say(Jf1Message.heartbeat(true));
        }
        program.later(HEARTBEAT_MS, this::beat);
    }

    private List<ServiceDeclaration> services() {
        List<ServiceDeclaration> services = new ArrayList<>();
        for (String name : List.of(World.SAFE, World.ONCE, World.OPEN)) {
            if (services.isEmpty() || world.random.nextBoolean()) {
                services.add(new ServiceDeclaration(name, "1", false, World.TIMEOUT_MS));
            }
        }
        if (world.chance(10)) {
            services.add(ServiceDeclaration.of("extra" + world.random.nextInt(5)));
        }
        return services;
    }
}
