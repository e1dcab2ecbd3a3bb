package io.jackfield.kit;

import io.jackfield.protocol.Command;
import io.jackfield.protocol.FixedHeader;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Jf1Message;
import io.jackfield.protocol.KryoFraming;
import io.jackfield.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** A broker's socket that a test steps by hand: it answers nothing by itself. Used by one thread. */
final class FakeBroker implements AutoCloseable {
    private static final int PATIENCE_MS = 10_000;
    /** Messages that wait to be read: with more, a worker would not notice soon that nobody reads. */
    private static final int WAITING_MAX = 16;

    private final ZContext context = new ZContext();
    private final ZMQ.Socket router;
    private final int port;
    private final CountDownLatch shookHands = new CountDownLatch(1);
    private byte[] lastPeer = new byte[0];

    FakeBroker() {
        this(0);
    }

    /** On the port of one that was closed before. */
    FakeBroker(int wantedPort) {
        router = context.createSocket(SocketType.ROUTER);
        router.setLinger(0);
        router.setRcvHWM(WAITING_MAX);
        // A ROUTER drops what is beyond its mark: on a busy machine one of a thousand messages was lost.
        router.setSndHWM(0);
        router.setReceiveTimeOut(PATIENCE_MS);
        router.setEventHook(event -> shookHands.countDown(), ZMQ.EVENT_HANDSHAKE_PROTOCOL);
        router.bind("tcp://127.0.0.1:" + (wantedPort == 0 ? "*" : String.valueOf(wantedPort)));
        String address = router.getLastEndpoint();
        port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    String endpoint() {
        return "tcp://127.0.0.1:" + port;
    }

    int port() {
        return port;
    }

    /** Until somebody has connected, at most for so long. */
    void awaitConnectionFor(long timeoutMs) throws InterruptedException {
        shookHands.await(timeoutMs, TimeUnit.MILLISECONDS);
    }

    /** The next message of any peer that is no heartbeat, which are answered; whom it came from is remembered. */
    Jf1Message receive() throws ProtocolException {
        Jf1Message message = receiveAny();
        while (message.command() == Command.HEARTBEAT) {
            send(Jf1Message.heartbeat(false));
            message = receiveAny();
        }
        return message;
    }

    /** As many heartbeats and nothing else, each answered. */
    void receiveHeartbeats(int count) throws ProtocolException {
        for (int i = 0; i < count; i++) {
            Jf1Message message = receiveAny();
            if (message.command() != Command.HEARTBEAT) {
                throw new AssertionError("came: " + message + " (expected: HEARTBEAT)");
            }
            send(Jf1Message.heartbeat(false));
        }
    }

    /** The next message of any peer; whom it came from is remembered. */
    Jf1Message receiveAny() throws ProtocolException {
        byte[] peer = router.recv();
        if (peer == null) {
            throw new AssertionError("no message came within " + PATIENCE_MS + " ms");
        }
        lastPeer = peer;
        byte[] frame = router.recv();
        if (router.hasReceiveMore()) {
            throw new AssertionError("a message of several frames came (expected: 1)");
        }
        return KryoFraming.decode(ByteBuffer.wrap(frame));
    }

    Jf1Message receive(Command expected) throws ProtocolException {
        Jf1Message message = receive();
        if (message.command() != expected) {
            String why = message.command() == Command.FAILURE ? ": " + message.failure() : "";
            throw new AssertionError("came: " + message + why + " (expected: " + expected + ")");
        }
        return message;
    }

    /** READY, answered with WELCOME. */
    Jf1Message welcome() throws ProtocolException {
        return welcome(1000);
    }

    /** READY, answered with a WELCOME that allows such bodies. */
    Jf1Message welcome(int bodyBytesMax) throws ProtocolException {
        Jf1Message ready = receive(Command.READY);
        Headers limits = Headers.of(Headers.BODY_BYTES_MAX, String.valueOf(bodyBytesMax));
        send(Jf1Message.welcome(1000, ready.body().size(), limits));
        return ready;
    }

    /** To the peer of the last message. */
    void send(Jf1Message message) {
        sendFrames(bytes(message));
    }

    /** To the peer of the last message, as frames that need be none of JF1. */
    void sendFrames(byte[]... frames) {
        router.sendMore(lastPeer);
        for (int i = 0; i < frames.length; i++) {
            router.send(frames[i], i < frames.length - 1 ? ZMQ.SNDMORE : 0);
        }
    }

    /** A message as it goes over the wire. */
    static byte[] bytes(Jf1Message message) {
        ByteBuffer encoded = KryoFraming.encode(message);
        byte[] frame = new byte[encoded.remaining()];
        encoded.get(frame);
        return frame;
    }

    /** A message that breaks the rules: the last two bytes of its fixed header are not zero. */
    static byte[] broken(Jf1Message message) {
        byte[] frame = bytes(message);
        frame[FixedHeader.BYTES] = 1;
        return frame;
    }

    @Override
    public void close() {
        context.close();
    }
}
