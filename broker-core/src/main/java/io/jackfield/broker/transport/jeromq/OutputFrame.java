package io.jackfield.broker.transport.jeromq;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import zmq.Msg;

/**
 * A frame on its way to a peer, charged to the peer until its connection takes it: JeroMQ's encoder asks for a frame's bytes when it begins
 * to write them, and does not ask before. Made on the broker loop, sent on JeroMQ's thread, taken on its I/O thread.
 */
final class OutputFrame extends Msg {
    /** A header of the long form: what a frame costs beside its bytes. */
    private static final int HEADER_BYTES = 9;

    private final AtomicLong charged;
    private final int cost;

    OutputFrame(byte[] bytes, AtomicLong charged) {
        super(bytes);
        this.charged = charged;
        this.cost = bytes.length + HEADER_BYTES;
    }

    int cost() {
        return cost;
    }

    @Override
    public ByteBuffer buf() {
        charged.addAndGet(-cost);
        return super.buf();
    }
}
