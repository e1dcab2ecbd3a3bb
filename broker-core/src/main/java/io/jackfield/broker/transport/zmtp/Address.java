package io.jackfield.broker.transport.zmtp;

import io.jackfield.broker.transport.BindException;
import io.netty.channel.Channel;

/** An address as configured. */
sealed interface Address permits TcpAddress, IpcAddress {
    /** Reads either form. */
    static Address parse(String address) throws BindException {
        return address.startsWith(IpcAddress.SCHEME) ? IpcAddress.parse(address) : TcpAddress.parse(address);
    }

    /** What the connections that came from one place have in common, for counting them. */
    Object peerKey(Channel connection);

    /** Who is at the other end of a connection that came in here, for people. */
    String peerText(Channel connection);
}
