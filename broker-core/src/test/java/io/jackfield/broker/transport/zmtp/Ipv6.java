package io.jackfield.broker.transport.zmtp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;

/** Whether this machine has an IPv6 loopback: containers often have none. */
final class Ipv6 {
    private static final byte[] LOOPBACK =
            ByteBuffer.allocate(16).put(15, (byte) 1).array();

    private Ipv6() {}

    static boolean available() {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getByAddress(LOOPBACK))) {
            return probe.isBound();
        } catch (IOException none) {
            return false;
        }
    }
}
