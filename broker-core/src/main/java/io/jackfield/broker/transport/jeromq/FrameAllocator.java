package io.jackfield.broker.transport.jeromq;

import zmq.Msg;
import zmq.msg.MsgAllocator;

/**
 * Gives JeroMQ the memory for a frame that a peer announced, always on the heap. Called on JeroMQ's I/O thread.
 *
 * <p>JeroMQ 0.6.0 takes a length with the highest bit set for a negative number, which is below every limit, and passes the lower half on.
 * An exception here would leave its decoder in an endless loop, and what it asks for may be 2 GiB: so it gets a {@link Hostile} frame
 * without bytes, whose receiver cuts the peer off. In the handshake that frame is no command, and JeroMQ ends the peer itself.
 */
final class FrameAllocator implements MsgAllocator {
    private final int bytesMax;

    FrameAllocator(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    @Override
    public Msg allocate(int bytes) {
        return bytes < 0 || bytes > bytesMax ? new Hostile() : new Msg(bytes);
    }

    /** Stands for a frame whose length is a lie. */
    static final class Hostile extends Msg {}
}
