package io.jackfield.broker.transport.jeromq;

import io.jackfield.broker.loop.Clock;
import io.jackfield.broker.loop.Mailbox;
import io.jackfield.broker.transport.BindException;
import io.jackfield.broker.transport.Transport;
import io.jackfield.protocol.HostAndPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * TCP through JeroMQ: a ROUTER socket a binding, all on one thread. Addresses: {@code tcp://HOST:PORT}; HOST is a name, an address, an IPv6
 * address in brackets, or {@code *}; PORT 0 or {@code *} takes a free one. Bind and close are for any thread but the broker loop.
 *
 * <p>It keeps the port's contract for REQ and DEALER peers. What a ROUTER of JeroMQ cannot do, and {@code transport.zmtp} can:
 *
 * <ul>
 *   <li>A peer is told of with its first message, not with its handshake: a DEALER worker that waits to be asked is never heard of.
 *   <li>Other socket types: REP takes only REQ and DEALER peers, so a REP worker cannot connect, nor can SUB, PULL and the rest; a ROUTER
 *       can, and is cut off. Nobody is told why: a peer that is not served comes again and again.
 *   <li>Identities belong to who came last with them: a peer that chooses another's takes it over, and may get what was meant for the other
 *       until it speaks.
 *   <li>{@link io.jackfield.broker.transport.Connection#reading Pausing} a peer does not stop it from sending: its messages wait in the
 *       broker, within the input limit of all peers together, and when that is full nobody is read. They are dropped when it goes.
 *   <li>{@link io.jackfield.broker.transport.Connection#close Closing} a peer tells of the end at once and ends the TCP connection after
 *       the linger time; a peer that lied about its address, speaks ZMTP 2, or lost its identity to another, stays connected, unheard.
 *   <li>A frame's announced length is reserved when it is announced, per connection; a message that never ends is never judged; nobody
 *       limits how long a message may take. An endpoint that strangers can reach needs {@code transport.zmtp}.
 *   <li>There is no Unix socket: JeroMQ's {@code ipc} is a TCP port that only JeroMQ finds.
 * </ul>
 */
public final class JeromqTransport implements Transport {
    private static final String TCP = "tcp://";
    private static final long BIND_TIME_MS = 10_000;

    /** Beyond the time that peers have to read what they were sent. */
    private static final long CLOSE_SLACK_MS = 5_000;

    private final Mailbox loop;
    private final RouterThread thread;

    /** Starts the thread. */
    public JeromqTransport(Mailbox loop, Clock clock, JeromqLimits limits) {
        this.loop = loop;
        this.thread = new RouterThread(loop, clock, limits);
        thread.start();
    }

    /** Any thread. */
    public JeromqCounters counters() {
        return thread.counters();
    }

    /** TCP connections, those in the handshake included. Any thread. */
    public int connections() {
        return thread.connections().size();
    }

    /** What peers sent and the loop has not taken. Any thread. */
    public long inputBytes() {
        return thread.inputBytes();
    }

    @Override
    public Binding bind(String address, Acceptor acceptor) throws BindException {
        notOnLoop("bind");
        String host = host(address);
        CompletableFuture<Binding> bound = new CompletableFuture<>();
        thread.post(() -> bind(address, host, acceptor, bound));
        try {
            return bound.get(BIND_TIME_MS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof BindException refused
                    ? refused
                    : new BindException("cannot listen on " + address + ": " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new BindException("cannot listen on " + address + ": JeroMQ's thread has not answered", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BindException("cannot listen on " + address + ": interrupted", e);
        }
    }

    @Override
    public void close() {
        notOnLoop("close");
        thread.close();
        try {
            if (!thread.awaitEnd(thread.limits().lingerTimeMs() + CLOSE_SLACK_MS)) {
                throw new IllegalStateException("JeroMQ has not closed its sockets in time");
            }
            CountDownLatch told = new CountDownLatch(1);
            if (loop.post(told::countDown) && !told.await(CLOSE_SLACK_MS, TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("the loop has not taken the end of all peers in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void notOnLoop(String what) {
        if (loop.onLoop()) {
            throw new IllegalStateException(what + " waits for the loop and cannot be called on it");
        }
    }

    private static String host(String address) throws BindException {
        return Optional.of(address)
                .filter(text -> text.startsWith(TCP))
                .flatMap(text -> HostAndPort.parse(text.substring(TCP.length())))
                .map(HostAndPort::host)
                .orElseThrow(
                        () -> new BindException("address: " + address + " (expected: tcp://" + HostAndPort.FORM + ")"));
    }

    /** On JeroMQ's thread. */
    private void bind(String address, String host, Acceptor acceptor, CompletableFuture<Binding> bound) {
        try {
            Router router = thread.open(host.startsWith("["), acceptor);
            ServerSocketChannel listening = router.bind(address);
            thread.add(router);
            int port = ((InetSocketAddress) listening.getLocalAddress()).getPort();
            bound.complete(binding(TCP + host + ":" + port, router));
        } catch (BindException | IOException | RuntimeException e) {
            bound.completeExceptionally(e);
        }
    }

    private Binding binding(String address, Router router) {
        return new Binding() {
            @Override
            public String address() {
                return address;
            }

            @Override
            public void close() {
                thread.post(router::stopListening);
            }
        };
    }
}
