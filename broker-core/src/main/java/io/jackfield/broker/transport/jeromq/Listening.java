package io.jackfield.broker.transport.jeromq;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is done to a listening channel of JeroMQ's, from outside. */
final class Listening {
    private static final Logger LOG = LoggerFactory.getLogger(JeromqTransport.class);

    private Listening() {}

    /**
     * Closes the channel under JeroMQ. The operating system has it back when the I/O thread's selector turns next: a connection that is
     * begun and dropped makes it turn.
     */
    static void close(ServerSocketChannel channel) {
        try {
            InetSocketAddress address = (InetSocketAddress) channel.getLocalAddress();
            channel.close();
            knock(address);
        } catch (IOException e) {
            LOG.debug("closing a listening socket", e);
        }
    }

    private static void knock(InetSocketAddress address) {
        InetAddress host =
                address.getAddress().isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : address.getAddress();
        try (SocketChannel visitor = SocketChannel.open()) {
            visitor.configureBlocking(false);
            if (visitor.connect(new InetSocketAddress(host, address.getPort()))) {
                LOG.trace("the selector turns");
            }
        } catch (IOException e) {
            LOG.debug("the selector had turned already", e);
        }
    }
}
