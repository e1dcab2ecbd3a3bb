package io.jackfield.broker.transport;

import io.jackfield.broker.model.Frames;
import java.nio.ByteBuffer;

/**
 * A way for peers to reach the broker. Everything an adapter tells, it tells on the broker loop.
 *
 * <p>Contract, beyond the methods' own words: messages of one connection arrive in order and whole; {@link Acceptor#opened} comes before
 * any message, {@link ConnectionHandler#closed} exactly once and last, for whatever reason the connection ends; a connection that ends
 * before its handshake is complete is never told of.
 */
public interface Transport extends AutoCloseable {
    /**
     * Listens. Called from any thread before or while the loop runs; returns when the address is bound.
     *
     * @param address as configured, for example {@code tcp://127.0.0.1:5555}; port 0 takes a free one
     * @throws BindException the address is not understood or cannot be bound; its message says why
     */
    Binding bind(String address, Acceptor acceptor) throws BindException;

    /**
     * Connects to a program that listens, and again whenever that fails or the connection ends, until the binding is closed. Called from any
     * thread; does not wait for the connection: its peer is told of like any other.
     *
     * @param ours what the broker says it is: the program must be of a type that fits
     * @throws BindException the address is not understood
     */
    default Binding connect(String address, SocketType ours, Acceptor acceptor) throws BindException {
        throw new BindException("cannot connect to " + address + ": this transport only listens");
    }

    /** Closes every binding and connection and returns when that is done. Not on the loop. */
    @Override
    void close();

    /** A bound or connected address. */
    interface Binding {
        /** With the real port where it listens: {@code tcp://127.0.0.1:41234}. */
        String address();

        /**
         * The same as any program of this machine understands it, whatever folder it runs in: without the name of a host or of a network
         * interface, with an absolute path unless the operating system has no room for that.
         */
        default String localAddress() {
            return address();
        }

        /** Stops listening or connecting; open connections stay. Any thread. */
        void close();
    }

    /** Told of new peers. */
    interface Acceptor {
        /** Which peers may come in: an adapter refuses other socket types in the handshake. Called on the loop. */
        boolean serves(SocketType type);

        /** A peer has completed its handshake; the returned handler is told of everything it does. */
        ConnectionHandler opened(Connection connection);
    }

    /** Told of what one peer does. */
    interface ConnectionHandler {
        /** A whole message. The frames are borrowed: valid until this returns. */
        void message(Frames message);

        /**
         * A SUB or XSUB peer subscribes by command (ZMTP 3.1; what peers of ZMTP 3.0 send for it is a message).
         *
         * @param topic valid until this returns
         */
        default void subscribe(ByteBuffer topic) {}

        /** A SUB or XSUB peer takes back a subscription by command; the topic is valid until this returns. */
        default void cancel(ByteBuffer topic) {}

        /** What {@link Connection#tellDrained} asked for. Never called from inside a call into the connection. */
        default void drained() {}

        /** The connection is gone. Never called from inside a call into the connection. */
        void closed(String reason);
    }
}
