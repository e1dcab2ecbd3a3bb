package io.jackfield.broker.transport;

import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** JeroMQ sockets that connect, for tests. One thread. */
public final class ZmqPeers implements AutoCloseable {
    private static final int WAIT_MS = 20_000;

    /** JeroMQ now and then connects and never begins to speak; it tries again after this. */
    private static final int HANDSHAKE_MS = 1_000;

    private final ZContext context = new ZContext();

    /** A socket that waits long enough for an answer, and drops what is unsent when it is closed. */
    public ZMQ.Socket socket(SocketType type) {
        ZMQ.Socket socket = context.createSocket(type);
        socket.setHandshakeIvl(HANDSHAKE_MS);
        socket.setReceiveTimeOut(WAIT_MS);
        socket.setSendTimeOut(WAIT_MS);
        socket.setHWM(0);
        socket.setLinger(0);
        return socket;
    }

    public ZMQ.Socket connected(SocketType type, String address) {
        ZMQ.Socket socket = socket(type);
        socket.connect(address);
        return socket;
    }

    @Override
    public void close() {
        context.close();
    }
}
