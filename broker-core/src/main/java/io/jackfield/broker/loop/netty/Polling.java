package io.jackfield.broker.loop.netty;

import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/** How the loop waits for its sockets. */
public enum Polling {
    /** Linux epoll through a native library. */
    EPOLL,
    /** The JDK's selector; works everywhere. */
    NIO;

    /** The fastest that works on this machine. */
    public static Polling best() {
        return EPOLL.available() ? EPOLL : NIO;
    }

    /** Whether a loop can poll so on this machine. */
    public boolean available() {
        return this == NIO || Epoll.isAvailable();
    }

    /** The kind of listening TCP channel that fits the loop. */
    public Class<? extends ServerChannel> serverChannelType() {
        return this == EPOLL ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    /** The kind of connecting TCP channel that fits the loop. */
    public Class<? extends Channel> channelType() {
        return this == EPOLL ? EpollSocketChannel.class : NioSocketChannel.class;
    }

    /** The kind of listening Unix socket channel that fits the loop. It removes the file that it was bound to when it closes. */
    public Class<? extends ServerChannel> unixServerChannelType() {
        return this == EPOLL ? EpollServerDomainSocketChannel.class : NioServerDomainSocketChannel.class;
    }

    /** The kind of connecting Unix socket channel that fits the loop. */
    public Class<? extends Channel> unixChannelType() {
        return this == EPOLL ? EpollDomainSocketChannel.class : NioDomainSocketChannel.class;
    }

    /** An address of a Unix socket in the form that the channels of the loop take. */
    public SocketAddress unixAddress(Path path) {
        return this == EPOLL ? new DomainSocketAddress(path.toString()) : UnixDomainSocketAddress.of(path);
    }

    IoHandlerFactory ioHandler() {
        return this == EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    }
}
