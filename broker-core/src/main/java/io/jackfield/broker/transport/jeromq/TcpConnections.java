package io.jackfield.broker.transport.jeromq;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TCP connections behind one transport's sockets. JeroMQ's I/O thread tells of them, its owner thread claims them: the only state that
 * both touch, hence concurrent. What JeroMQ calls here must not throw.
 */
final class TcpConnections {
    private static final Logger LOG = LoggerFactory.getLogger(JeromqTransport.class);

    private final int max;
    private final JeromqCounters counters;
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
    private final Map<String, SocketChannel> unclaimed = new ConcurrentHashMap<>();

    TcpConnections(int max, JeromqCounters counters) {
        this.max = max;
        this.counters = counters;
    }

    int size() {
        return open.size();
    }

    /** A connection came; one too many is closed here, which JeroMQ takes for a peer that left. On the I/O thread. */
    void accepted(SocketChannel channel) {
        if (open.size() >= max) { // JeroMQ does not tell of every end
            open.removeIf(known -> !known.isOpen());
            unclaimed.values().removeIf(known -> !known.isOpen());
        }
        if (open.size() >= max) {
            counters.count(Refusal.PEER_LIMIT);
            close(channel);
            return;
        }
        open.add(channel);
        address(channel).ifPresent(address -> unclaimed.put(address, channel));
    }

    /** A connection ended. On the I/O thread. */
    void ended(SocketChannel channel) {
        open.remove(channel);
        unclaimed.values().remove(channel);
    }

    /**
     * The connection that comes from that address, for the first who asks: a peer can make JeroMQ name an address that is another's, but
     * never lay hands on the connection of a peer that has spoken.
     */
    Optional<SocketChannel> claim(String address) {
        return Optional.ofNullable(unclaimed.remove(address));
    }

    /** Ends both directions: JeroMQ reads the end and clears up, as if the peer had left. */
    static void shutdown(SocketChannel channel) {
        try {
            channel.shutdownInput();
            channel.shutdownOutput();
        } catch (IOException e) {
            LOG.debug("a connection ended before it was hung up", e);
        }
    }

    /** For a connection that JeroMQ does not read any more. */
    static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("closing a connection", e);
        }
    }

    private static Optional<String> address(SocketChannel channel) {
        try {
            SocketAddress remote = channel.getRemoteAddress();
            return remote instanceof InetSocketAddress inet
                    ? Optional.of(inet.getAddress().getHostAddress() + ":" + inet.getPort())
                    : Optional.empty();
        } catch (IOException e) {
            LOG.debug("a connection ended as it came", e);
            return Optional.empty();
        }
    }
}
