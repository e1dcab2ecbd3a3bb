package io.jackfield.kit;

import io.jackfield.protocol.Command;
import io.jackfield.protocol.Jf1Message;
import io.jackfield.protocol.KryoFraming;
import io.jackfield.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

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
    private final Outbox outgoing;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Wakeup wakeup;
    private final ZContext context = Contexts.open();
    private final Thread thread;
    private final AtomicInteger session = new AtomicInteger();
    private volatile boolean closing;
    /** The session of which a message was refused: nothing of it is sent any more. */
    private volatile int abandoned = ANY_SESSION;

    private long heardNs;
    private long askedNs;
    private long saidNs;
    private long startDelayMs;
    private long backOffMs;
    private long attemptMs = ATTEMPT_FIRST_MS;

    /** What happens on a link, told on its thread, one after the other. None may block. */
    interface Events {
        /** A new socket: what is sent now is the first that the broker reads from it. */
        void opened();

        /** A message from the broker, but for heartbeats that want an answer: they get it. Its body is the message's own. */
        void received(Jf1Message message);

        /**
         * What came breaks the rules of a message.
         *
         * @param answerable false of a failure: two peers that answer each other's failures would not come to an end
         */
        default void misread(ProtocolException breach, boolean answerable) {}

        /** Asked before a message goes to the socket: false if nobody wants that any more. */
        default boolean wanted(Jf1Message message) {
            return true;
        }

        /** Asked when a message goes to the socket, however long it has waited: what is said of its time must hold now. */
        default Jf1Message timed(Jf1Message message) {
            return message;
        }

        /** The socket has taken the message: the broker may get it. */
        default void sent(Jf1Message message) {}

        /** The broker is gone; nothing sent before will be answered. */
        void lost(String reason);

        /** Time passes: about ten times a second. */
        void tick(long nowNs);
    }

    private static final int ANY_SESSION = 0;
    /** Behind Kryo's class id and the four bytes that a fixed header begins with. */
    private static final int COMMAND_AT = 5;

    private static final long TICK_MS = 100;
    private static final long ATTEMPT_FIRST_MS = 400;
    private static final long ATTEMPT_MAX_MS = 8000;
    private static final long BACK_OFF_FIRST_MS = 50;
    private static final long BACK_OFF_MAX_MS = 2000;
    private static final int RECEIVE_BURST_MAX = 1000;
    private static final int SEND_BURST_MAX = 1000;
    private static final long LINGER_MS = 1000;

    Link(LinkOptions options, Events events) {
        this.options = options;
        this.events = events;
        this.outgoing = new Outbox(options.outputBytesMax());
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

    /**
     * As {@link #send(Jf1Message)}, but once the socket of that session is gone the message is dropped. One that is refused ends the session,
     * and nothing later of it is taken: what is missing must not go unnoticed.
     */
    boolean send(Jf1Message message, int forSession) {
        boolean taken = !closing
                && (forSession == ANY_SESSION || forSession != abandoned)
                && outgoing.offer(new Outbox.Item(message, forSession));
        if (!taken && forSession != ANY_SESSION) {
            abandon(forSession);
        }
        wakeup.wake();
        return taken;
    }

    /**
     * As {@link #send(Jf1Message, int)}, but the caller waits while much waits to be sent. Any thread; on the link's own nothing can wait.
     *
     * @param wanted looked at again after each {@link #wakeSenders}
     * @param endNs until when to wait
     * @return false if that session is over, or nobody wanted the message any more, or its time was over
     */
    boolean sendWhenThereIsRoom(Jf1Message message, int forSession, BooleanSupplier wanted, long endNs)
            throws InterruptedException {
        if (Thread.currentThread() == thread) {
            return send(message, forSession);
        }
        BooleanSupplier goesOn =
                () -> !closing && forSession != abandoned && forSession == session.get() && wanted.getAsBoolean();
        Outbox.Outcome outcome = outgoing.offerWhenThereIsRoom(new Outbox.Item(message, forSession), goesOn, endNs);
        if (outcome == Outbox.Outcome.FULL) {
            abandon(forSession);
        }
        wakeup.wake();
        return outcome == Outbox.Outcome.TAKEN;
    }

    /** Has those who wait for room look whether they still want it. Any thread. */
    void wakeSenders() {
        outgoing.wake();
    }

    /** Gives that session's connection up: a new one is made. */
    private void abandon(int whichSession) {
        if (session.get() == whichSession) {
            abandoned = whichSession;
            outgoing.wake();
        }
    }

    /** Sends before all that waits. Only on the link's thread. */
    void sendFirst(Jf1Message message) {
        outgoing.putFirst(new Outbox.Item(message, session.get()));
    }

    /** Sends what was handed over, then ends. Waits for the link's thread, unless it is the caller. */
    @Override
    public void close() {
        closing = true;
        closed.countDown();
        outgoing.wake();
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
        } catch (Throwable e) {
            fail(e);
        } finally {
            closing = true;
            outgoing.wake();
            context.close();
            wakeup.close();
        }
    }

    /** Whatever it was: nobody may wait for this link any more. */
    private void fail(Throwable why) {
        // First, so that what is sent meanwhile is refused.
        closing = true;
        LOG.error("the link to {} has failed", options.endpoint(), why);
        events.lost("the link has failed: " + why);
    }

    /** One session's life: sockets until one has proven that it works, and that one until it ends. */
    private void converse() {
        session.incrementAndGet();
        heardNs = System.nanoTime();
        saidNs = heardNs;
        events.opened();
        Optional<String> end = Optional.empty();
        while (end.isEmpty()) {
            LinkSocket socket = new LinkSocket(context, options, wakeup);
            end = pump(socket);
            boolean saysGoodbye = closing && !socket.isDisconnected();
            if (saysGoodbye) {
                sendRest(socket);
            }
            // Those who wait were told that what is left was lost, unless it is they who end the link.
            socket.close(saysGoodbye ? LINGER_MS : 0);
        }
        events.lost(end.get());
        dropUnwanted();
        outgoing.wake();
        backOff();
    }

    /** One that stays silent carried nothing, so nobody needs to know. The time allowed grows, for brokers that are far away. */
    private boolean mustBeReplaced(LinkSocket socket) {
        if (socket.isProven()) {
            attemptMs = ATTEMPT_FIRST_MS;
            return false;
        }
        if (!socket.isSilentFor(attemptMs)) {
            return false;
        }
        attemptMs = Math.min(attemptMs * 2, ATTEMPT_MAX_MS);
        return true;
    }

    /** Until the session ends, with the reason; or, without one, until the socket has to be replaced. */
    private Optional<String> pump(LinkSocket socket) {
        try (ZMQ.Poller toRead = context.createPoller(2);
                ZMQ.Poller toReadOrWrite = context.createPoller(2)) {
            socket.register(toRead, ZMQ.Poller.POLLIN);
            toRead.register(wakeup.channel(), ZMQ.Poller.POLLIN);
            socket.register(toReadOrWrite, ZMQ.Poller.POLLIN | ZMQ.Poller.POLLOUT);
            toReadOrWrite.register(wakeup.channel(), ZMQ.Poller.POLLIN);
            boolean takesMore = true;
            while (!closing) {
                takesMore = takesMore || toReadOrWrite.pollout(0);
                takesMore = takesMore && sendOutgoing(socket);
                ZMQ.Poller poller = takesMore ? toRead : toReadOrWrite;
                poller.poll(TICK_MS);
                wakeup.drain();
                if (poller.pollin(0)) {
                    receiveBurst(socket);
                }
                Optional<String> end = look(socket);
                if (end.isPresent()) {
                    return end;
                }
                if (mustBeReplaced(socket)) {
                    return Optional.empty();
                }
            }
        }
        return Optional.of("closed");
    }

    /** Input comes before judgement: what has arrived counts as life. */
    private Optional<String> look(LinkSocket socket) {
        long nowNs = System.nanoTime();
        if (socket.nobodyListens()) {
            return Optional.of("nobody listens at " + options.endpoint());
        }
        if (socket.isDisconnected()) {
            receiveBurst(socket);
            return Optional.of("the connection to " + options.endpoint() + " was lost");
        }
        if (abandoned == session.get()) {
            return Optional.of("more than " + options.outputBytesMax() + " bytes wait to be sent to "
                    + options.endpoint() + ": answers cannot be told");
        }
        long intervalNs = options.heartbeatMs() * 1_000_000;
        if (nowNs - heardNs > options.silenceMaxMs() * 1_000_000) {
            return Optional.of(
                    "nothing was heard from " + options.endpoint() + " for " + options.silenceMaxMs() + " ms");
        }
        // Who only ever says something hears nothing unless it asks, and before all that waits.
        long quietNs = nowNs - Math.min(saidNs, heardNs);
        if (socket.isProven() && quietNs > intervalNs && nowNs - askedNs > intervalNs) {
            askedNs = nowNs;
            sendFirst(Jf1Message.heartbeat(true));
        }
        events.tick(nowNs);
        return Optional.empty();
    }

    private void receiveBurst(LinkSocket socket) {
        for (int i = 0; i < RECEIVE_BURST_MAX; i++) {
            List<ByteBuffer> frames = socket.receive();
            if (frames.isEmpty()) {
                return;
            }
            heardNs = System.nanoTime();
            backOffMs = 0;
            if (frames.size() > 1 || frames.get(0).hasRemaining()) {
                decode(socket, frames);
            }
        }
    }

    private void decode(LinkSocket socket, List<ByteBuffer> frames) {
        Jf1Message message;
        try {
            message = KryoFraming.decode(frames);
        } catch (ProtocolException e) {
            LOG.warn("{} sent a bad message: {}", options.endpoint(), e.message());
            tell(() -> events.misread(e, !isFailure(frames.get(0))), e);
            return;
        }
        if (socket.proves(message)) {
            return;
        }
        if (message.command() == Command.HEARTBEAT && message.header().count() == 1) {
            // Where too much waits, that is life enough.
            outgoing.offer(new Outbox.Item(Jf1Message.heartbeat(false), session.get()));
            return;
        }
        tell(() -> events.received(message), message);
    }

    /** It may run code of the program: an Error of it ends nothing else. */
    private void tell(Runnable telling, Object what) {
        try {
            telling.run();
        } catch (Throwable e) {
            LOG.error("what came from {} could not be handled: {}", options.endpoint(), what, e);
        }
    }

    private static boolean isFailure(ByteBuffer frame) {
        return frame.limit() > COMMAND_AT && frame.get(COMMAND_AT) == Command.FAILURE.number();
    }

    /**
     * Returns false if the socket takes no more now, or it is time to look at what came. The end of the wait for the handshake or for the proof
     * is told by a wake-up.
     */
    private boolean sendOutgoing(LinkSocket socket) {
        socket.probe();
        if (!socket.isProven()) {
            return true;
        }
        for (int i = 0; i < SEND_BURST_MAX; i++) {
            Outbox.Item next = outgoing.peek();
            if (next == null) {
                return true;
            }
            if (isCurrent(next.session()) && events.wanted(next.message())) {
                if (!socket.send(events.timed(next.message()))) {
                    return false;
                }
                events.sent(next.message());
                saidNs = System.nanoTime();
            }
            outgoing.removeFirst();
        }
        return false;
    }

    private boolean isCurrent(int itsSession) {
        return itsSession == ANY_SESSION || (itsSession == session.get() && itsSession != abandoned);
    }

    /** What was handed over before the end, as long as the socket takes it. */
    private void sendRest(LinkSocket socket) {
        try (ZMQ.Poller poller = context.createPoller(1)) {
            socket.register(poller, ZMQ.Poller.POLLOUT);
            while (!sendOutgoing(socket)) {
                if (poller.poll(LINGER_MS) == 0) {
                    LOG.warn("{} messages to {} were not sent before the end", outgoing.size(), options.endpoint());
                    return;
                }
            }
        }
    }

    /** What is meant for the session that is over, and what nobody waits for: it would only fill the queue. */
    private void dropUnwanted() {
        outgoing.removeIf(item -> item.session() != ANY_SESSION || !events.wanted(item.message()));
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
