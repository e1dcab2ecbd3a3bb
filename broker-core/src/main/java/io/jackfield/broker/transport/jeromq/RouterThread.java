package io.jackfield.broker.transport.jeromq;

import io.jackfield.broker.loop.Clock;
import io.jackfield.broker.loop.Mailbox;
import io.jackfield.broker.model.Frames;
import io.jackfield.broker.transport.Transport.Acceptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.ZContext;

/**
 * The one thread that owns JeroMQ's sockets, and the two ways to it: commands come by a queue, what peers do goes to the broker loop's
 * mailbox, a batch a turn. Fields are this thread's own unless they are concurrent. It is never interrupted: JeroMQ does not bear it.
 */
final class RouterThread {
    private static final Logger LOG = LoggerFactory.getLogger(JeromqTransport.class);
    private static final int MESSAGES_A_TURN = 256;
    private static final int COMMANDS_A_TURN = 1024;

    /** Messages on their way to this thread; what they hold is bounded by bytes, a peer each. */
    private static final int MESSAGES_WAITING_MAX = 1 << 18;

    private static final long SWEEP_MS = 100;
    private static final long SWEEP_NS = TimeUnit.MILLISECONDS.toNanos(SWEEP_MS);

    /** After a connection was hung up, for JeroMQ to notice. */
    private static final long NOTICE_NS = TimeUnit.SECONDS.toNanos(1);

    /** Connection ids are unique in the process; other transports count from 1. */
    private static final long ID_BASE = 1L << 48;

    /** Lines in the log from one sweep to the next: hostile peers must not fill the disk. */
    private static final int LINES_MAX = 20;

    private final Mailbox loop;
    private final Clock clock;
    private final JeromqLimits limits;
    private final JeromqCounters counters = new JeromqCounters();
    private final TcpConnections connections;
    private final HangUps hangUps = new HangUps();
    private final ZContext context;
    private final Selector selector;
    private final Map<Router, SelectionKey> routers = new LinkedHashMap<>();

    private final Queue<Runnable> commands = new ConcurrentLinkedQueue<>();
    private final AtomicInteger messagesWaiting = new AtomicInteger();
    private final AtomicLong inputBytes = new AtomicLong();
    private final AtomicBoolean asleep = new AtomicBoolean();
    private final CountDownLatch ended = new CountDownLatch(1);

    private List<Runnable> told = new ArrayList<>();
    private long lastId = ID_BASE;
    private long sweptNs;
    private int lines;
    private boolean stalled;
    private boolean closing;

    RouterThread(Mailbox loop, Clock clock, JeromqLimits limits) {
        this.loop = loop;
        this.clock = clock;
        this.limits = limits;
        this.connections = new TcpConnections(limits.peersMax(), counters);
        this.sweptNs = clock.nowNs();
        this.context = new ZContext();
        context.setLinger(limits.lingerTimeMs());
        context.setUncaughtExceptionHandler((thread, failure) -> died("JeroMQ's thread " + thread.getName(), failure));
        context.setNotificationExceptionHandler((thread, failure) -> {
            counters.countLibraryFailure();
            LOG.debug("JeroMQ survived a failure on its thread {}", thread.getName(), failure);
        });
        try {
            this.selector = Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException("no selector can be opened", e);
        }
    }

    void start() {
        new Thread(this::run, "jeromq").start();
    }

    // ---- any thread ----

    Mailbox loop() {
        return loop;
    }

    JeromqLimits limits() {
        return limits;
    }

    JeromqCounters counters() {
        return counters;
    }

    TcpConnections connections() {
        return connections;
    }

    /** Has this thread run the command; after the end nobody does. */
    void post(Runnable command) {
        commands.add(command);
        wake();
    }

    /** As {@link #post}, for messages, of which only so many may wait. */
    boolean offer(Runnable message) {
        if (messagesWaiting.get() >= MESSAGES_WAITING_MAX) {
            return false;
        }
        messagesWaiting.incrementAndGet();
        post(() -> {
            messagesWaiting.decrementAndGet();
            message.run();
        });
        return true;
    }

    /** The loop has taken so much input: there is room again. */
    void consumed(int wireBytes) {
        long after = inputBytes.addAndGet(-wireBytes);
        if (after < limits.totalInputBytesMax() && after + wireBytes >= limits.totalInputBytesMax()) {
            wake();
        }
    }

    long inputBytes() {
        return inputBytes.get();
    }

    /** Ends after what was posted before: peers are told, what was sent lingers. */
    void close() {
        post(() -> closing = true);
    }

    boolean awaitEnd(long timeMs) throws InterruptedException {
        return ended.await(timeMs, TimeUnit.MILLISECONDS);
    }

    boolean hasEnded() {
        return ended.getCount() == 0;
    }

    // ---- this thread, for routers and peers ----

    long nextId() {
        return ++lastId;
    }

    Router open(boolean ipv6, Acceptor acceptor) {
        return new Router(this, context, ipv6, acceptor);
    }

    /** From now on the socket is read. */
    void add(Router router) {
        try {
            routers.put(router, router.signal().register(selector, SelectionKey.OP_READ));
        } catch (IOException e) {
            throw new UncheckedIOException("a socket's signal cannot be waited for", e);
        }
    }

    /** Has the loop do it, after what it was told before. */
    void tell(Runnable command) {
        told.add(command);
    }

    void received(JeromqConnection connection, Frames message) {
        inputBytes.addAndGet(message.wireBytes());
        tell(() -> connection.received(message));
    }

    boolean inputFull() {
        return inputBytes.get() >= limits.totalInputBytesMax();
    }

    /** A socket was left with messages because the loop is behind. */
    void stall() {
        stalled = true;
    }

    void hangUp(Router router, RouterPeer peer, boolean gently) {
        peer.leave();
        long afterNs = gently ? TimeUnit.MILLISECONDS.toNanos(limits.lingerTimeMs()) : 0;
        hangUps.add(router, peer, clock.nowNs() + afterNs);
    }

    void log(String line) {
        lines++;
        if (lines <= LINES_MAX) {
            LOG.warn("peer {}", line);
        }
    }

    // ---- the duty cycle ----

    private void run() {
        try {
            while (!closing) {
                if (turn() == 0) {
                    sleep();
                }
            }
            end();
        } catch (IOException | RuntimeException | Error failure) {
            died("the thread of JeroMQ's sockets", failure);
        } finally {
            ended.countDown();
        }
    }

    private int turn() {
        int work = runCommands();
        work += receive();
        sweep();
        flush();
        return work;
    }

    private int runCommands() {
        int count = 0;
        while (count < COMMANDS_A_TURN && !closing) {
            Runnable command = commands.poll();
            if (command == null) {
                break;
            }
            command.run();
            count++;
        }
        return count;
    }

    /** Reading comes last: a socket that gave nothing then, and was not touched since, signals what comes next. */
    private int receive() {
        stalled = false;
        int count = 0;
        for (Router router : routers.keySet()) {
            count += router.receive(MESSAGES_A_TURN);
        }
        return count;
    }

    private void sweep() {
        long nowNs = clock.nowNs();
        if (nowNs - sweptNs < SWEEP_NS) {
            return;
        }
        sweptNs = nowNs;
        if (lines > LINES_MAX) {
            LOG.warn("{} more peers were cut off, not logged one by one", lines - LINES_MAX);
        }
        lines = 0;
        hangUps.sweep(nowNs, NOTICE_NS);
    }

    private void flush() {
        if (told.isEmpty()) {
            return;
        }
        List<Runnable> batch = told;
        told = new ArrayList<>();
        if (!loop.post(() -> runAll(batch))) {
            closing = true; // nobody is left to tell
        }
    }

    /** On the loop. One that fails does not keep the others from running; the mailbox logs and counts the failure. */
    private static void runAll(List<Runnable> batch) {
        RuntimeException failure = null;
        for (Runnable command : batch) {
            try {
                command.run();
            } catch (RuntimeException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void sleep() throws IOException {
        int interest = stalled ? 0 : SelectionKey.OP_READ;
        routers.values().forEach(key -> key.interestOps(interest));
        asleep.set(true);
        if (commands.isEmpty() && (!stalled || inputFull())) {
            selector.select(SWEEP_MS);
            selector.selectedKeys().clear();
        }
        asleep.set(false);
    }

    private void wake() {
        if (asleep.compareAndSet(true, false)) {
            selector.wakeup();
        }
    }

    private void end() throws IOException {
        routers.keySet().forEach(router -> router.end("the broker closes the endpoint"));
        flush();
        selector.close();
        context.close();
    }

    /** The broker is deaf on these endpoints and cannot mend it: the loop's fatal handler ends the process. */
    private void died(String what, Throwable failure) {
        LOG.error("{} ended", what, failure);
        loop.post(() -> {
            throw new ThreadDied(what + " ended: " + failure, failure);
        });
    }

    private static final class ThreadDied extends Error {
        private static final long serialVersionUID = 1L;

        ThreadDied(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
