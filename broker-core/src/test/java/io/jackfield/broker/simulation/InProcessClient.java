package io.jackfield.broker.simulation;

import io.jackfield.broker.model.Envelope;
import io.jackfield.broker.model.Envelope.Traits;
import io.jackfield.broker.model.Frames;
import io.jackfield.broker.model.Reply;
import io.jackfield.broker.model.ReplyRoute;
import io.jackfield.broker.simulation.Ledger.Entry;
import io.jackfield.broker.simulation.Ledger.Question;
import io.jackfield.broker.simulation.Tally.Kind;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;
import java.util.ArrayList;
import java.util.List;

/** A client within the broker, as HTTP is one: it asks, cancels and throws inside the answers that it gets. */
final class InProcessClient {
    private final World world;
    private final List<Request> waiting = new ArrayList<>();

    InProcessClient(World world) {
        this.world = world;
    }

    void askLater() {
        world.in(world.random.nextInt(50), () -> {
            if (!world.isCalm()) {
                ask();
                askLater();
            }
        });
    }

    private void ask() {
        boolean extra = world.chance(5);
        String service = extra
                ? "extra" + world.random.nextInt(5)
                : List.of(World.SAFE, World.ONCE, World.OPEN).get(world.random.nextInt(3));
        boolean idempotent = world.random.nextInt(4) == 0;
        long timeoutMs = 20L + world.random.nextInt(World.TIMEOUT_MS);
        Request request =
                new Request(world.ledger.ask(new Question(service, idempotent, timeoutMs, world.random.nextInt(120))));
        Envelope envelope = new Envelope(
                service,
                Headers.EMPTY,
                Frames.of(request.entry.body()),
                new Traits(timeoutMs * World.NS_PER_MS, idempotent, false, extra),
                request);
        waiting.add(request);
        try {
            world.dispatcher.accept(envelope);
        } catch (World.PlantedException e) {
            // A request that is refused ends at once, and a bug of the route is told to whoever brought it.
            world.trace("the route threw at once");
        }
        if (world.chance(15)) {
            world.in(world.random.nextInt(80), () -> cancel(envelope));
        } else if (!request.entry.ended()) {
            request.cancel = () -> cancel(envelope);
        }
    }

    private static void cancel(Envelope envelope) {
        envelope.cancel(Failure.of(ErrorCode.CANCELLED, "the client does not want it any more", ""));
    }

    private final class Request implements ReplyRoute {
        private final Entry entry;
        private Runnable cancel = () -> {};

        Request(Entry entry) {
            this.entry = entry;
        }

        @Override
        public void partial(Reply reply) {
            check(reply);
            world.tally.add(Kind.PARTIAL);
            entry.seenInPart();
            misbehave();
        }

        @Override
        public void complete(Reply reply) {
            check(reply);
            waiting.remove(this);
            world.ledger.replied(entry);
            misbehave();
        }

        @Override
        public void fail(Failure failure) {
            waiting.remove(this);
            world.ledger.failed(entry, failure.code());
            misbehave();
        }

        private void check(Reply reply) {
            if (world.ledger.answered(Ledger.text(reply.body().joined())) != entry) {
                throw new AssertionError(entry + " got the reply to another request");
            }
        }

        private void misbehave() {
            if (world.chance(10)) {
                world.tally.add(Kind.ASKED_IN_REPLY);
                ask();
            } else if (world.chance(10) && !waiting.isEmpty()) {
                world.tally.add(Kind.CANCELLED_IN_REPLY);
                List.copyOf(waiting).forEach(request -> request.cancel.run());
            } else if (world.chance(3)) {
                world.tally.add(Kind.ROUTE_THREW);
                throw new World.PlantedException();
            }
        }
    }
}
