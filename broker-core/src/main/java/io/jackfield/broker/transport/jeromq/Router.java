package io.jackfield.broker.transport.jeromq;

import io.jackfield.broker.transport.BindException;
import io.jackfield.broker.transport.Transport.Acceptor;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ.Socket;
import zmq.Msg;
import zmq.SocketBase;
import zmq.ZError;
import zmq.ZMQ;
import zmq.io.Metadata;

/**
 * One ROUTER socket: one binding and the peers that came by it. Owned by JeroMQ's thread, except {@link #event}.
 *
 * <p>Nothing here ever blocks: it sends and receives with DONTWAIT only. The socket is MANDATORY, or a message to a peer that is gone would
 * be dropped without a word; HANDOVER, or the second peer of an identity would be heard by nobody; and it is told of ends by a message of
 * its own (DISCONNECT_MSG), random so that no peer can send it. Sending has no count limit: bytes are counted by {@link OutputFrame}, so
 * that EAGAIN means one thing: the peer is leaving, and the message that says so is on its way.
 */
final class Router {
    private static final int EVENTS = ZMQ.ZMQ_EVENT_LISTENING | ZMQ.ZMQ_EVENT_ACCEPTED | ZMQ.ZMQ_EVENT_DISCONNECTED;
    private static final int BACKLOG = 4096;

    /** Messages of one peer inside JeroMQ; more wait in its TCP connection. */
    private static final int INPUT_MESSAGES_MAX = 256;

    private static final int FAREWELL_BYTES = 16;

    private final RouterThread thread;
    private final Acceptor acceptor;
    private final Socket socket;
    private final SocketBase base;
    private final byte[] farewell = new byte[FAREWELL_BYTES];
    private final Map<ByteBuffer, RouterPeer> peers = new HashMap<>();
    private @Nullable ServerSocketChannel listening;

    Router(RouterThread thread, ZContext context, boolean ipv6, Acceptor acceptor) {
        this.thread = thread;
        this.acceptor = acceptor;
        this.socket = context.createSocket(SocketType.ROUTER);
        this.base = socket.base();
        new SecureRandom().nextBytes(farewell);
        JeromqLimits limits = thread.limits();
        socket.setRouterMandatory(true);
        socket.setRouterHandover(true);
        base.setSocketOpt(ZMQ.ZMQ_DISCONNECT_MSG, farewell);
        socket.setMaxMsgSize(limits.frameBytesMax());
        base.setSocketOpt(ZMQ.ZMQ_MSG_ALLOCATOR, new FrameAllocator(limits.frameBytesMax()));
        socket.setSndHWM(0);
        socket.setRcvHWM(INPUT_MESSAGES_MAX);
        socket.setHandshakeIvl(limits.handshakeTimeMs());
        socket.setLinger(limits.lingerTimeMs());
        socket.setBacklog(BACKLOG);
        socket.setTCPKeepAlive(1);
        socket.setIPv6(ipv6);
        base.setEventHook(this::event, EVENTS);
    }

    /** Listens; returns the channel that does. */
    ServerSocketChannel bind(String address) throws BindException {
        try {
            base.bind(address);
        } catch (RuntimeException e) { // JeroMQ has many for what it cannot make sense of
            socket.close();
            throw new BindException("cannot listen on " + address + ": " + e.getMessage(), e);
        }
        ServerSocketChannel bound = listening;
        if (bound == null) {
            String why = ZError.toString(errno());
            socket.close();
            throw new BindException("cannot listen on " + address + ": " + why
                    + "; choose another port (0 takes a free one), or end the program that has this one");
        }
        return bound;
    }

    SelectableChannel signal() {
        return socket.getFD();
    }

    /**
     * Receives until there is nothing more, or so many messages, or the loop is too far behind.
     *
     * @return messages received
     */
    int receive(int messagesMax) {
        for (int count = 0; count < messagesMax; count++) {
            if (thread.inputFull()) {
                thread.stall();
                return count;
            }
            Msg identity = base.recv(ZMQ.ZMQ_DONTWAIT);
            if (identity == null) {
                expect(ZError.EAGAIN);
                return count;
            }
            receive(identity.data());
        }
        return messagesMax;
    }

    /** Sends to the peer, if it is still there. */
    void send(RouterPeer peer, List<OutputFrame> message) {
        if (peers.get(ByteBuffer.wrap(peer.identity())) != peer || !address(peer)) {
            return; // it is gone, or about to be: its connection is told, or will be
        }
        int last = message.size() - 1;
        for (int i = 0; i <= last; i++) {
            int more = i < last ? ZMQ.ZMQ_SNDMORE : 0;
            if (!base.send(message.get(i), ZMQ.ZMQ_DONTWAIT | more)) {
                throw new IllegalStateException("JeroMQ took a part of a message, errno " + errno());
            }
        }
    }

    /** Listens no more; connections stay, which unbind would close. */
    void stopListening() {
        if (listening != null) {
            Listening.close(listening);
            listening = null;
        }
    }

    /** The peer's connection was closed under JeroMQ, which will not tell of it. */
    void forget(RouterPeer peer) {
        peers.remove(ByteBuffer.wrap(peer.identity()), peer);
    }

    /** All peers are told that they are gone; the socket is for the context to close. */
    void end(String reason) {
        stopListening();
        List.copyOf(peers.values()).forEach(peer -> gone(peer, reason));
    }

    /** Said by JeroMQ: LISTENING on this thread, in {@link #bind}, the others on its I/O thread. Must not throw. */
    private void event(ZMQ.Event event) {
        if (event.arg instanceof ServerSocketChannel channel && event.event == ZMQ.ZMQ_EVENT_LISTENING) {
            listening = channel;
        } else if (event.arg instanceof SocketChannel channel) {
            if (event.event == ZMQ.ZMQ_EVENT_ACCEPTED) {
                thread.connections().accepted(channel);
            } else {
                thread.connections().ended(channel);
            }
        }
    }

    private boolean address(RouterPeer peer) {
        boolean known = base.send(new Msg(peer.identity()), ZMQ.ZMQ_DONTWAIT | ZMQ.ZMQ_SNDMORE);
        if (!known) {
            expect(ZError.EAGAIN, ZError.EHOSTUNREACH);
            if (errno() == ZError.EHOSTUNREACH) {
                gone(peer, "the peer is gone");
            }
        }
        return known;
    }

    private void receive(byte[] identity) {
        Msg part = part();
        if (isFarewell(part)) {
            RouterPeer peer = peers.get(ByteBuffer.wrap(identity));
            if (peer != null) {
                gone(peer, "the peer is gone");
            }
            return;
        }
        RouterPeer peer = peer(identity, part.getMetadata());
        InputMessage message = new InputMessage(thread.limits());
        message.add(part);
        while (part.hasMore()) {
            part = part();
            message.add(part);
        }
        if (!peer.left()) {
            take(peer, message);
        }
    }

    private void take(RouterPeer peer, InputMessage message) {
        JeromqConnection connection = peer.connection();
        if (message.refusal().isPresent()) {
            Refusal refusal = message.refusal().get();
            peer.leave();
            thread.tell(() -> connection.cutOff(refusal, message.detail()));
        } else {
            thread.received(connection, message.kept());
        }
    }

    /** The parts of a message come together: none is missing once the first is there. */
    private Msg part() {
        Msg part = base.recv(ZMQ.ZMQ_DONTWAIT);
        if (part == null) {
            throw new IllegalStateException("JeroMQ gave a message without its end, errno " + errno());
        }
        return part;
    }

    /** Messages of peers have metadata, if the peer is not very old; ours has not. */
    private boolean isFarewell(Msg part) {
        return part.getMetadata() == null && !part.hasMore() && Arrays.equals(part.data(), farewell);
    }

    private RouterPeer peer(byte[] identity, @Nullable Metadata metadata) {
        ByteBuffer key = ByteBuffer.wrap(identity);
        RouterPeer known = peers.get(key);
        if (known != null && known.isOf(metadata)) {
            return known;
        }
        if (known != null) {
            taken(known);
        }
        RouterPeer peer = new RouterPeer(this, thread, identity, metadata);
        peers.put(key, peer);
        thread.tell(() -> peer.connection().opened(acceptor));
        return peer;
    }

    /** JeroMQ leaves its connection open and deaf. So do we: hung up, it would come again and take the identity back, for ever. */
    private void taken(RouterPeer peer) {
        thread.counters().count(Refusal.IDENTITY_TAKEN);
        String reason = Refusal.IDENTITY_TAKEN + ": another peer came with the identity";
        thread.log(peer.connection() + " is heard no more: " + reason);
        gone(peer, reason);
    }

    private void gone(RouterPeer peer, String reason) {
        forget(peer);
        peer.leave();
        thread.tell(() -> peer.connection().gone(reason));
    }

    private int errno() {
        return base.errno();
    }

    private void expect(int... expected) {
        int errno = errno();
        for (int each : expected) {
            if (errno == each) {
                return;
            }
        }
        throw new IllegalStateException("JeroMQ failed with errno " + errno + ", " + ZError.toString(errno));
    }
}
