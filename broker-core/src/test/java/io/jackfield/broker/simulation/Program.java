package io.jackfield.broker.simulation;

import io.jackfield.broker.peer.EndpointSettings;
import io.jackfield.broker.transport.SocketType;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A program that is connected to the broker, comes back when it lost its connection, and misbehaves now and then. */
abstract class Program {
    static final byte[] EMPTY = new byte[0];

    final World world;
    final String name;
    final SocketType socketType;
    private final EndpointSettings endpoint;
    private @Nullable Link link;

    Program(World world, String name, EndpointSettings endpoint, SocketType socketType) {
        this.world = world;
        this.name = name;
        this.endpoint = endpoint;
        this.socketType = socketType;
    }

    /** The connection is there, a new one each time. */
    abstract void connected();

    /** A message has arrived. */
    abstract void heard(List<byte[]> frames);

    /** A message was written by the broker and may still get lost. */
    void seen(List<byte[]> frames) {}

    /** Everything that hung on the connection is gone. */
    abstract void disconnected();

    final void connect() {
        link = world.link(this, endpoint);
        connected();
    }

    final boolean isConnected() {
        return link != null;
    }

    /** To tell whether the connection is still the same, later. */
    final @Nullable Link link() {
        return link;
    }

    final void say(byte[]... frames) {
        Link current = link;
        if (current != null) {
            current.say(Arrays.asList(frames));
        }
    }

    /** The program dies, or its network does. */
    final void crash() {
        Link current = link;
        if (current != null) {
            world.trace(name + " crashes");
            world.tally.add(Tally.Kind.CONNECTION_CUT);
            current.cut();
            lost();
        }
    }

    final void lost() {
        link = null;
        disconnected();
        if (!world.isOver()) {
            world.in(5 + world.random.nextInt(60), this::reconnect);
        }
    }

    private void reconnect() {
        if (link == null && !world.isOver()) {
            connect();
        }
    }

    /** Runs it later if the connection is still the same by then. */
    final void later(int ms, Runnable action) {
        Link current = link;
        world.in(ms, () -> {
            if (link == current && current != null) {
                action.run();
            }
        });
    }
}
