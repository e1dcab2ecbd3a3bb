package io.jackfield.kit;

import io.jackfield.protocol.Command;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Jf1Message;
import io.jackfield.protocol.KryoFraming;
import io.jackfield.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZEvent;
import org.zeromq.ZMQ;
import org.zeromq.ZMonitor;

/**
 * A connection to a broker that comes back by itself: JF1 in Kryo framing over a DEALER socket. One thread, the link's own, owns the socket
 * and calls the {@link Events}; every other thread only {@link #send sends}.
 *
 * <p>A lost connection means a new socket, so that what was written for one broker never reaches its successor.
 */
final class Link implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Link.class);

    private final LinkOptions options;
    private final Events events;
    private final Deque<Outgoing> outgoing = new ConcurrentLinkedDeque<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicLong outgoingBytes = new AtomicLong();
    private final Wakeup wakeup;
    private final ZContext context = new ZContext();
    private final Thread thread;
    private final AtomicInteger session = new AtomicInteger();
    private volatile boolean closing;
    private volatile boolean shookHands;
    private volatile boolean disconnected;
    private volatile boolean nobodyListens;
    private long heardNs;
    private long saidNs;
    private long startDelayMs;
    private long backOffMs;
    private volatile int attempt;
    private long attemptNs;
    private boolean probed;
    private boolean proven;
    private long attemptMs = ATTEMPT_FIRST_MS;

    /** A message, and the session it is meant for: of another one it is dropped. */
    private record Outgoing(Jf1Message message, int session) {}

    /** What happens on a link, told on its thread, one after the other. None may block. */
    interface Events {
        /** A new socket: what is sent now is the first that the broker reads from it. */
        void opened();

        /** A message from the broker. Its body is the message's own. */
        void received(Jf1Message message);

        /** Asked before a message goes to the socket: false if nobody wants that any more. */
        default boolean wanted(Jf1Message message) {
            return true;
        }

        /** The socket has taken the message: the broker may get it. */
        default void sent(Jf1Message message) {}

        /** The broker is gone; nothing sent before will be answered. */
        void lost(String reason);

        /** Time passes: about ten times a second. */
        void tick(long nowNs);
    }

    private static final int ANY_SESSION = 0;
    private static final long TICK_MS = 100;
    private static final int HANDSHAKE_MS = 1500;
    private static final long ATTEMPT_FIRST_MS = 400;
    private static final long ATTEMPT_MAX_MS = 8000;
    private static final long BACK_OFF_FIRST_MS = 50;
    private static final long BACK_OFF_MAX_MS = 2000;
    private static final int RECONNECT_MS = 100;
    private static final int RECEIVE_BURST_MAX = 1000;

    Link(LinkOptions options, Events events) {
        this.options = options;
        this.events = events;
        this.wakeup = new Wakeup();
        this.thread = new Thread(this::run, options.threadName());
        this.thread.setDaemon(true);
    }

    void start() {
        start(0);
    }

    /** Begins after so many milliseconds; what is sent meanwhile waits. */
    void start(long delayMs) {
        startDelayMs = delayMs;
        thread.start();
    }

    /** Numbers the sockets of this link, from 1. Any thread. */
    int session() {
        return session.get();
    }

    /** True after {@link #close}, and after the link has failed. */
    boolean isClosed() {
        return closing;
    }

    /**
     * Hands a message to the link's thread, for whichever broker is there. Any thread.
     *
     * @return false if it is refused, since more waits to be sent than {@code outputBytesMax}, or the link is closed
     */
    boolean send(Jf1Message message) {
        return send(message, ANY_SESSION);
    }

    /** As {@link #send(Jf1Message)}, but once the socket of that session is gone the message is dropped. */
    boolean send(Jf1Message message, int forSession) {
        long bytes = message.bodyBytes();
        if (closing || outgoingBytes.addAndGet(bytes) > options.outputBytesMax()) {
            outgoingBytes.addAndGet(-bytes);
            return false;
        }
        outgoing.addLast(new Outgoing(message, forSession));
        wakeup.wake();
        return true;
    }

    /** Gives that session's connection up, and makes a new one. Any thread. */
    void abandon(int whichSession) {
        if (session.get() == whichSession) {
            disconnected = true;
            wakeup.wake();
        }
    }

    /** Sends before all that waits. Only on the link's thread. */
    void sendFirst(Jf1Message message) {
        outgoingBytes.addAndGet(message.bodyBytes());
        outgoing.addFirst(new Outgoing(message, session.get()));
    }

    /** Sends what was handed over, then ends. Waits for the link's thread, unless it is the caller. */
    @Override
    public void close() {
        closing = true;
        closed.countDown();
        wakeup.wake();
        if (Thread.currentThread() != thread && thread.isAlive()) {
            joinUninterrupted();
        }
    }

    private void joinUninterrupted() {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            pause(startDelayMs);
            while (!closing) {
                converse();
            }
        } catch (RuntimeException e) {
            LOG.error("the link to {} has failed", options.endpoint(), e);
            events.lost("the link has failed: " + e);
        } finally {
            closing = true;
            context.close();
            wakeup.close();
        }
    }

    /** One session's life: sockets until one has proven that it works, and that one until it ends. */
    private void converse() {
        session.incrementAndGet();
        heardNs = System.nanoTime();
        saidNs = heardNs;
        events.opened();
        Optional<String> end = Optional.empty();
        while (end.isEmpty()) {
            ZMQ.Socket socket = openSocket();
            end = pump(socket);
            if (closing) {
                sendOutgoing(socket);
            }
            socket.close();
        }
        events.lost(end.get());
        dropUnwanted();
        backOff();
    }

    private ZMQ.Socket openSocket() {
        int number = attempt + 1;
        attempt = number;
        attemptNs = System.nanoTime();
        shookHands = false;
        probed = false;
        proven = false;
        disconnected = false;
        nobodyListens = false;
        ZMQ.Socket socket = context.createSocket(SocketType.DEALER);
        socket.setHandshakeIvl(HANDSHAKE_MS);
        socket.setMaxMsgSize(options.messageBytesMax());
        socket.setReconnectIVL(RECONNECT_MS);
        socket.setReconnectIVLMax((int) BACK_OFF_MAX_MS);
        socket.setLinger(1000);
        int retried = options.triesOnce() ? ZMQ.EVENT_CONNECT_RETRIED : 0;
        socket.setEventHook(
                event -> socketEvent(event, number), ZMQ.EVENT_HANDSHAKE_PROTOCOL | ZMQ.EVENT_DISCONNECTED | retried);
        socket.connect(options.endpoint());
        return socket;
    }

    /** On JeroMQ's own thread. What an earlier socket still says is not about this one. */
    private void socketEvent(ZEvent event, int number) {
        if (number != attempt) {
            return;
        }
        if (event.getEvent() == ZMonitor.Event.HANDSHAKE_PROTOCOL) {
            shookHands = true;
            wakeup.wake();
        } else if (event.getEvent() == ZMonitor.Event.CONNECT_RETRIED) {
            nobodyListens = true;
            wakeup.wake();
        } else if (shookHands) {
            disconnected = true;
            wakeup.wake();
        }
    }

    /**
     * JeroMQ now and then connects without ever starting ZMTP, or ends the handshake without ever sending (some times in
     * a hundred on a busy machine). So a new socket gets a heartbeat first, which every broker answers, and all else only
     * after that: one that stays silent carried nothing, another one takes its place, and nobody needs to know. The time
     * allowed grows, for brokers that are far away.
     */
    private boolean mustBeReplaced() {
        if (proven) {
            attemptMs = ATTEMPT_FIRST_MS;
            return false;
        }
        if (System.nanoTime() - attemptNs < attemptMs * 1_000_000) {
            return false;
        }
        attemptMs = Math.min(attemptMs * 2, ATTEMPT_MAX_MS);
        return true;
    }

    /** Until the session ends, with the reason; or, without one, until the socket has to be replaced. */
    private Optional<String> pump(ZMQ.Socket socket) {
        try (ZMQ.Poller poller = context.createPoller(2)) {
            int socketIndex = poller.register(socket, ZMQ.Poller.POLLIN);
            poller.register(wakeup.channel(), ZMQ.Poller.POLLIN);
            while (!closing) {
                boolean allSent = sendOutgoing(socket);
                // A socket that takes no more is looked at again in the next tick: it has not read for a thousand
                // messages.
                poller.poll(allSent ? TICK_MS : TICK_MS / 10);
                wakeup.drain();
                if (poller.pollin(socketIndex)) {
                    receiveBurst(socket);
                }
                Optional<String> end = look(socket);
                if (end.isPresent()) {
                    return end;
                }
                if (mustBeReplaced()) {
                    return Optional.empty();
                }
            }
        }
        return Optional.of("closed");
    }

    /** Input comes before judgement: what has arrived counts as life. */
    private Optional<String> look(ZMQ.Socket socket) {
        long nowNs = System.nanoTime();
        if (nobodyListens) {
            return Optional.of("nobody listens at " + options.endpoint());
        }
        if (disconnected) {
            receiveBurst(socket);
            return Optional.of("the connection to " + options.endpoint() + " was lost");
        }
        long intervalNs = options.heartbeatMs() * 1_000_000;
        if (nowNs - heardNs > options.silenceMaxMs() * 1_000_000) {
            return Optional.of(
                    "nothing was heard from " + options.endpoint() + " for " + options.silenceMaxMs() + " ms");
        }
        if (proven && nowNs - saidNs > intervalNs) {
            saidNs = nowNs;
            send(Jf1Message.heartbeat(true));
        }
        events.tick(nowNs);
        return Optional.empty();
    }

    private void receiveBurst(ZMQ.Socket socket) {
        for (int i = 0; i < RECEIVE_BURST_MAX; i++) {
            byte[] frame = socket.recv(ZMQ.DONTWAIT);
            if (frame == null) {
                return;
            }
            boolean more = socket.hasReceiveMore();
            heardNs = System.nanoTime();
            backOffMs = 0;
            if (more) {
                dropRest(socket);
            } else if (frame.length > 0) {
                decode(frame);
            }
        }
    }

    private void decode(byte[] frame) {
        Jf1Message message;
        try {
            message = KryoFraming.decode(ByteBuffer.wrap(frame));
        } catch (ProtocolException e) {
            LOG.warn("{} sent a bad message: {}", options.endpoint(), e.message());
            return;
        }
        boolean first = !proven;
        proven = true;
        if (first && answersProbe(message)) {
            return;
        }
        try {
            events.received(message);
        } catch (RuntimeException e) {
            LOG.error("a message from {} could not be handled: {}", options.endpoint(), message, e);
        }
    }

    /** To a peer that has not said yet what it is, a broker answers NOT_READY. */
    private static boolean answersProbe(Jf1Message message) {
        return message.command() == Command.HEARTBEAT
                || (message.command() == Command.FAILURE
                        && message.id() == 0
                        && message.failure().code() == ErrorCode.NOT_READY);
    }

    private void dropRest(ZMQ.Socket socket) {
        LOG.warn("{} sent a message of several frames (expected: 1)", options.endpoint());
        boolean more = true;
        while (more) {
            socket.recv(ZMQ.DONTWAIT);
            more = socket.hasReceiveMore();
        }
    }

    /** Returns false if the socket takes no more now. What waits for the handshake or for the proof is told by a wake-up. */
    private boolean sendOutgoing(ZMQ.Socket socket) {
        if (shookHands && !probed) {
            probed = socket.send(KryoFraming.encode(Jf1Message.heartbeat(true)).array(), ZMQ.DONTWAIT);
        }
        if (!proven) {
            return true;
        }
        for (Outgoing next = outgoing.peek(); next != null; next = outgoing.peek()) {
            boolean current = next.session == ANY_SESSION || next.session == session.get();
            if (current && events.wanted(next.message)) {
                if (!socket.send(KryoFraming.encode(next.message).array(), ZMQ.DONTWAIT)) {
                    return false;
                }
                events.sent(next.message);
                saidNs = System.nanoTime();
            }
            outgoing.poll();
            outgoingBytes.addAndGet(-next.message.bodyBytes());
        }
        return true;
    }

    /** What is meant for the session that is over, and what nobody waits for: it would only fill the queue. */
    private void dropUnwanted() {
        for (Iterator<Outgoing> waiting = outgoing.iterator(); waiting.hasNext(); ) {
            Outgoing next = waiting.next();
            if (next.session != ANY_SESSION || !events.wanted(next.message)) {
                waiting.remove();
                outgoingBytes.addAndGet(-next.message.bodyBytes());
            }
        }
    }

    private void backOff() {
        backOffMs = backOffMs == 0 ? BACK_OFF_FIRST_MS : Math.min(backOffMs * 2, BACK_OFF_MAX_MS);
        pause(backOffMs);
    }

    /** Lets time pass, which is told. */
    private void pause(long pauseMs) {
        long endNs = System.nanoTime() + pauseMs * 1_000_000;
        try {
            while (System.nanoTime() < endNs && !closed.await(TICK_MS / 2, TimeUnit.MILLISECONDS)) {
                events.tick(System.nanoTime());
            }
        } catch (InterruptedException e) {
            // Nobody who knows this thread interrupts it; to end it there is close().
            LOG.warn("the link to {} was interrupted, and goes on", options.endpoint());
        }
    }
}
