package io.jackfield.broker.server;

import io.jackfield.protocol.HostAndPort;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;

/** Who can reach an address that the broker listens on, and how. */
final class Exposure {
    private static final String TCP = "tcp://";
    private static final String HTTP = "http://";

    private Exposure() {}

    /** Of an address as {@link Broker#addresses} has it; one of which that cannot be told counts as within reach. */
    static boolean beyondLoopback(String address) {
        if (!address.startsWith(TCP) && !address.startsWith(HTTP)) {
            return false; // a Unix socket
        }
        return HostAndPort.parse(address.substring(address.indexOf("://") + "://".length()))
                .map(at -> !isLoopback(at.bareHost()))
                .orElse(true);
    }

    /** The same for those on this machine: one cannot connect to all addresses. */
    static String fromHere(String address) {
        return address.replace("tcp://0.0.0.0:", "tcp://127.0.0.1:")
                .replace("tcp://[::]:", "tcp://[::1]:")
                .replaceFirst("^tcp://\\[0(:0){7}]:", "tcp://[::1]:")
                .replace("tcp://*:", "tcp://127.0.0.1:");
    }

    private static boolean isLoopback(String host) {
        if (host.equals("*")) {
            return false;
        }
        try {
            NetworkInterface named = NetworkInterface.getByName(host);
            return named == null ? InetAddress.getByName(host).isLoopbackAddress() : named.isLoopback();
        } catch (UnknownHostException | SocketException e) {
            return false;
        }
    }
}
