package io.jackfield.broker.simulation;

import io.jackfield.broker.peer.EndpointSettings;
import io.jackfield.broker.transport.SocketType;
import io.jackfield.protocol.Command;
import io.jackfield.protocol.Framing;
import io.jackfield.protocol.Jf1Message;
import java.util.List;
import java.util.Optional;

/** A program that speaks JF1: a client, a worker, or both on one connection. */
final class Jf1Program extends Program {
    private final Jf1Words words;
    private final Optional<Jf1Client> client;
    private final Optional<Jf1Worker> worker;

    Jf1Program(World world, Framing framing, EndpointSettings endpoint, boolean asks, boolean works) {
        super(
                world,
                "jf1 " + framing + (asks ? " client" : "") + (works ? " worker" : ""),
                endpoint,
                SocketType.DEALER);
        this.words = new Jf1Words(framing);
        this.client = asks ? Optional.of(new Jf1Client(world, this)) : Optional.empty();
        this.worker = works ? Optional.of(new Jf1Worker(world, this)) : Optional.empty();
    }

    @Override
    void connected() {
        worker.ifPresent(Jf1Worker::connected);
        client.ifPresent(Jf1Client::connected);
    }

    @Override
    void seen(List<byte[]> frames) {
        if (isPlain(frames)) {
            world.ledger.given(Ledger.text(frames.get(1)));
            return;
        }
        Jf1Message message = words.decode(frames);
        if (message.command() == Command.REQUEST) {
            Ledger.Entry entry = world.ledger.given(body(message));
            if (message.header().count() != entry.given() || !message.service().equals(entry.service)) {
                throw new AssertionError("attempt or service of " + entry + " is wrong: " + message);
            }
        }
    }

    @Override
    void heard(List<byte[]> frames) {
        if (isPlain(frames)) {
            return;
        }
        Jf1Message message = words.decode(frames);
        switch (message.command()) {
            case REQUEST, CANCEL, WELCOME -> worker.orElseThrow().heard(message);
            case REPLY, FAILURE -> answered(message);
            case HEARTBEAT -> {
                if (message.header().count() == 1) {
                    say(Jf1Message.heartbeat(false));
                }
            }
            case DRAIN, DISCONNECT -> world.trace(name + " hears " + message.command());
            case READY -> throw new AssertionError("the broker sent READY");
        }
    }

    @Override
    void disconnected() {
        client.ifPresent(Jf1Client::disconnected);
        worker.ifPresent(Jf1Worker::disconnected);
    }

    void say(Jf1Message message) {
        say(words.encode(message));
    }

    void nonsense() {
        say(words.nonsense());
    }

    static String body(Jf1Message message) {
        return Ledger.text(message.body().get(0));
    }

    private void answered(Jf1Message message) {
        if (message.command() == Command.FAILURE && message.id() == 0) {
            // It broke a rule, or was refused as a worker: the broker has counted that.
            worker.ifPresent(to -> to.refused(message.failure()));
        } else {
            client.orElseThrow(() -> new AssertionError(name + " asked nothing and heard " + message))
                    .answered(message);
        }
    }

    /** An endpoint for workers takes a DEALER for a plain worker until it speaks. */
    private static boolean isPlain(List<byte[]> frames) {
        return frames.size() == 2
                && frames.get(0).length == Long.BYTES
                && Ledger.text(frames.get(1)).startsWith("ask ");
    }
}
