package io.jackfield.broker.transport.zmtp;

import io.jackfield.broker.transport.BindException;
import io.jackfield.protocol.HostAndPort;
import io.netty.channel.Channel;
import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.Optional;

/**
 * {@code tcp://HOST:PORT}. HOST: a name, an IPv4 address, an IPv6 address in brackets; to listen on also the name of a network interface,
 * or {@code *} for every interface. PORT: to listen on, 0 or {@code *} takes a free one.
 */
record TcpAddress(String host, int port) implements Address {
    private static final String TCP = "tcp://";
    private static final int PORT_MAX = 65_535;

    static TcpAddress parse(String address) throws BindException {
        return Optional.of(address)
                .filter(text -> text.startsWith(TCP))
                .flatMap(text -> HostAndPort.parse(text.substring(TCP.length())))
                .map(parsed -> new TcpAddress(parsed.host(), parsed.port()))
                .orElseThrow(
                        () -> new BindException("address: " + address + " (expected: tcp://" + HostAndPort.FORM + ")"));
    }

    /** For the operating system. Asks a name service if the host is a name. */
    InetSocketAddress resolved() throws BindException {
        if (host.equals("*")) {
            return new InetSocketAddress(port);
        }
        try {
            Optional<InetAddress> own = ofInterface();
            return new InetSocketAddress(own.isPresent() ? own.get() : InetAddress.getByName(host), port);
        } catch (UnknownHostException e) {
            throw new BindException("cannot listen on " + this + ": the host is not known; give an address or *", e);
        }
    }

    /** The first address of the network interface of that name, one of IPv4 if it has any. */
    private Optional<InetAddress> ofInterface() throws BindException {
        try {
            NetworkInterface named = NetworkInterface.getByName(host);
            return named == null
                    ? Optional.empty()
                    : named.inetAddresses().min(Comparator.comparing(address -> address instanceof Inet6Address));
        } catch (SocketException e) {
            throw new BindException("cannot listen on " + this + ": the interfaces cannot be listed: " + e, e);
        }
    }

    /** What to connect to, unless the host is a name. */
    Optional<InetSocketAddress> numeric() {
        return Optional.ofNullable(NetUtil.createInetAddressFromIpAddressString(host.replaceAll("[\\[\\]]", "")))
                .map(address -> new InetSocketAddress(address, port));
    }

    /** What to connect to where the host is a name. Asks a name service. */
    InetSocketAddress named() throws UnknownHostException {
        return new InetSocketAddress(InetAddress.getByName(host), port);
    }

    /** Refuses what can only be listened on. */
    void checkConnectable() throws BindException {
        if (port == 0 || host.equals("*")) {
            throw new BindException("address to connect to: " + this + " (expected: a host and a port from 1 to "
                    + PORT_MAX + ", not * and not 0)");
        }
    }

    /** The address; of IPv6 its first 64 bits, for whoever has one address has them all. */
    @Override
    public Object peerKey(Channel connection) {
        if (!(connection.remoteAddress() instanceof InetSocketAddress socket)) {
            return "gone"; // before we looked
        }
        InetAddress remote = socket.getAddress();
        byte[] bytes = remote.getAddress();
        return remote instanceof Inet6Address && !remote.isLoopbackAddress()
                ? ByteBuffer.wrap(bytes).getLong()
                : remote;
    }

    @Override
    public String peerText(Channel connection) {
        return text(connection.remoteAddress());
    }

    /** {@code 127.0.0.1:41234} or {@code [::1]:41234}. */
    static String text(SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet) || inet.isUnresolved()) {
            return String.valueOf(address);
        }
        String numeric = inet.getAddress().getHostAddress();
        return (numeric.contains(":") ? "[" + numeric + "]" : numeric) + ":" + inet.getPort();
    }

    /** The address that a name, of a host or of an interface, has led to. */
    TcpAddress local(InetSocketAddress bound) {
        if (host.equals("*") || numeric().isPresent()) {
            return this;
        }
        String text = text(bound);
        return new TcpAddress(text.substring(0, text.lastIndexOf(':')), bound.getPort());
    }

    TcpAddress withPort(int realPort) {
        return new TcpAddress(host, realPort);
    }

    @Override
    public String toString() {
        return TCP + host + ":" + port;
    }
}
