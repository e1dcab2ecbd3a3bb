package io.jackfield.broker.transport;

/** A connected peer, after its handshake. Owned by the broker loop: every method is called there. */
public interface Connection {
    /** Unique in this process, never used again. */
    long id();

    /** What the peer said it is. */
    SocketType socketType();

    /** For people: {@code 127.0.0.1:41234}. */
    String remoteAddress();

    /**
     * Begins a message to the peer; the caller ends it before it begins another. What is written goes out at the end of the loop's turn. On
     * a connection that does not {@link #takesOutput take output} any more, writing does nothing.
     */
    MessageWriter message();

    /**
     * Whether what is written goes out. No more so once the connection was closed, was cut off or was found broken, which may be long before
     * {@link Transport.ConnectionHandler#closed} tells.
     */
    boolean takesOutput();

    /** Bytes written and not yet taken by the operating system. */
    long outputBytes();

    /**
     * Has {@link Transport.ConnectionHandler#drained} called once, as soon as the operating system has taken all that was written. Asked for
     * again before that, it is still called once.
     */
    default void tellDrained() {
        throw new UnsupportedOperationException("this transport does not tell when output has gone");
    }

    /** Asks a PUB or XPUB peer for the messages whose first frame begins with the topic, in the form that the peer understands. */
    default void subscribe(byte[] topic) {
        throw new UnsupportedOperationException("this transport has no publishers");
    }

    /** Takes back what {@link #subscribe} asked for. */
    default void cancel(byte[] topic) {
        throw new UnsupportedOperationException("this transport has no publishers");
    }

    /**
     * Stops and restarts reading from the peer: what it sends then waits on its side. What had come before comes when reading goes on, and
     * before {@link Transport.ConnectionHandler#closed}, also when the peer has gone meanwhile.
     */
    void reading(boolean on);

    /** Sends what was written, then ends the connection; the reason is for the log and comes back in {@code closed}. */
    void close(String reason);
}
