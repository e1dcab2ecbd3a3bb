package io.jackfield.broker.transport.zmtp;

import io.jackfield.broker.transport.SocketType;
import java.nio.ByteBuffer;
import java.util.Optional;

/** The server's side of a security mechanism's handshake, for one connection. Owned by the broker loop. */
interface Mechanism {
    /** As it stands in the greeting. */
    String name();

    /** Takes the peer's next command, between its position and limit, name first. */
    Step next(ByteBuffer command) throws ZmtpViolation;

    /** The body of the command that ends the handshake and says what we are. */
    byte[] ready(SocketType ours);

    /**
     * What a command of the peer leads to.
     *
     * @param answer body of the command to send back before the peer goes on
     * @param peer what the peer said of itself, once it has
     */
    record Step(Optional<byte[]> answer, Optional<Metadata> peer) {}
}
