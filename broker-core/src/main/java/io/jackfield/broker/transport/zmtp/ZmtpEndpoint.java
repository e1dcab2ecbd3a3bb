package io.jackfield.broker.transport.zmtp;

import io.jackfield.broker.transport.SocketType;
import io.jackfield.broker.transport.Transport.Acceptor;
import java.util.Optional;

/**
 * What the connections of one endpoint share.
 *
 * @param address where it listens, or what it connects to
 * @param stated what we are where we connect, said at once; empty where peers connect to us: we are what fits each of them
 */
record ZmtpEndpoint(Address address, Acceptor acceptor, Optional<SocketType> stated) {
    /** What we are towards a peer of that type; a misfit is refused. */
    SocketType ours(SocketType peer) throws ZmtpViolation {
        SocketType ours = stated.orElseGet(peer::counterpart);
        if (!ours.fits(peer)) {
            throw new ZmtpViolation(
                    Refusal.WRONG_SOCKET_TYPE, "socket type " + peer + " does not fit ours, which is " + ours);
        }
        if (!acceptor.serves(peer)) {
            throw new ZmtpViolation(
                    Refusal.WRONG_SOCKET_TYPE, "socket type " + peer + " is not served at this endpoint");
        }
        return ours;
    }
}
