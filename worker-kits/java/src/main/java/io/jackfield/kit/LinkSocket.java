package io.jackfield.kit;

import io.jackfield.protocol.Command;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Jf1Message;
import io.jackfield.protocol.KryoFraming;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZEvent;
import org.zeromq.ZMQ;
import org.zeromq.ZMonitor;

/**
 * One socket of a {@link Link}, for one connection: how it is set up, whether the connection works, and how it ends. Of the link's thread,
 * but for what JeroMQ tells of the connection.
 *
 * <p>JeroMQ now and then connects without ever starting ZMTP, or ends the handshake without ever sending (some times in a hundred on a busy
 * machine). So a new socket gets a heartbeat first, the probe, which every broker answers, and all else only after that: a socket that
 * stays silent carried nothing, and another one can take its place.
 */
final class LinkSocket {
    private static final int HANDSHAKE_MS = 1500;
    private static final int RECONNECT_MS = 100;
    private static final int RECONNECT_MAX_MS = 2000;
    private static final int NEVER = -1;
    /** Messages that the socket holds besides those of the outbox, which alone counts their bytes. */
    private static final int SEND_AHEAD_MAX = 64;

    private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);

    private final Wakeup wakeup;
    private final ZMQ.Socket socket;
    private final long openedNs = System.nanoTime();
    private volatile boolean shookHands;
    private volatile boolean disconnected;
    private volatile boolean nobodyListens;
    private boolean probed;
    private boolean probeAnswered;
    private boolean proven;

    /** Connects. The wake-up is for the link's thread: the connection has changed. */
    LinkSocket(ZContext context, LinkOptions options, Wakeup wakeup) {
        this.wakeup = wakeup;
        socket = context.createSocket(SocketType.DEALER);
        socket.setHandshakeIvl(HANDSHAKE_MS);
        socket.setMaxMsgSize(options.messageBytesMax());
        socket.setReconnectIVL(RECONNECT_MS);
        socket.setReconnectIVLMax(RECONNECT_MAX_MS);
        socket.setLinger(0);
        socket.setSndHWM(SEND_AHEAD_MAX);
        int retried = options.triesOnce() ? ZMQ.EVENT_CONNECT_RETRIED : 0;
        socket.setEventHook(this::changed, ZMQ.EVENT_HANDSHAKE_PROTOCOL | ZMQ.EVENT_DISCONNECTED | retried);
        socket.connect(options.endpoint());
    }

    /** On JeroMQ's own thread. */
    private void changed(ZEvent event) {
        if (event.getEvent() == ZMonitor.Event.HANDSHAKE_PROTOCOL) {
            shookHands = true;
        } else if (event.getEvent() == ZMonitor.Event.CONNECT_RETRIED) {
            nobodyListens = true;
        } else if (shookHands) {
            disconnected = true;
        }
        wakeup.wake();
    }

    boolean isDisconnected() {
        return disconnected;
    }

    /** Only where a connection is tried once. */
    boolean nobodyListens() {
        return nobodyListens;
    }

    /** Whether a message has come over it: nothing but the probe is sent before. */
    boolean isProven() {
        return proven;
    }

    /**
     * A message has come. From now on the connection is not made again: what is written for this broker must not reach the next one.
     *
     * @return true if it answers the probe, and nothing else
     */
    boolean proves(Jf1Message message) {
        if (!proven) {
            proven = true;
            socket.setReconnectIVL(NEVER);
        }
        if (probeAnswered || !answersProbe(message)) {
            return false;
        }
        probeAnswered = true;
        return true;
    }

    /** To a peer that has not said yet what it is, a broker answers NOT_READY. */
    private static boolean answersProbe(Jf1Message message) {
        return (message.command() == Command.HEARTBEAT && message.header().count() == 0)
                || (message.command() == Command.FAILURE
                        && message.id() == 0
                        && message.failure().code() == ErrorCode.NOT_READY);
    }

    /** Whether nothing has proven it for so long. */
    boolean isSilentFor(long timeMs) {
        return !proven && System.nanoTime() - openedNs >= timeMs * 1_000_000;
    }

    /** What waits for the handshake is told by a wake-up. */
    void probe() {
        if (shookHands && !probed) {
            probed = send(Jf1Message.heartbeat(true));
        }
    }

    /** False if it takes no more now. */
    boolean send(Jf1Message message) {
        return socket.send(KryoFraming.encode(message).array(), ZMQ.DONTWAIT);
    }

    /** The frames of the next message, those after the first without their bytes; none if nothing has come. */
    List<ByteBuffer> receive() {
        byte[] frame = socket.recv(ZMQ.DONTWAIT);
        if (frame == null) {
            return List.of();
        }
        if (!socket.hasReceiveMore()) {
            return List.of(ByteBuffer.wrap(frame));
        }
        List<ByteBuffer> frames = new ArrayList<>();
        frames.add(ByteBuffer.wrap(frame));
        while (socket.hasReceiveMore()) {
            socket.recv(ZMQ.DONTWAIT);
            frames.add(NO_BYTES);
        }
        return frames;
    }

    /** Has a poller look for that. */
    void register(ZMQ.Poller poller, int events) {
        poller.register(socket, events);
    }

    /** What it has taken has so long to go out; with 0 it is dropped. */
    void close(long lingerMs) {
        socket.setLinger((int) lingerMs);
        socket.close();
    }
}
