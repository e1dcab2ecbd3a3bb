package io.jackfield.broker.transport.zmtp;

import io.jackfield.broker.transport.SocketType;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What is said before the first message (RFC 37): greetings, the mechanism's commands, READY from both sides. Where peers connect to us the
 * peer's READY comes first, so that ours can fit it; where we connect, ours goes out as soon as the peer's greeting is there. Owned by the
 * broker loop.
 */
final class Handshake {
    private final Greeting greeting = new Greeting();
    private final Mechanism mechanism = new NullMechanism();
    private final ZmtpEndpoint endpoint;
    private final Output output;

    Handshake(ZmtpEndpoint endpoint, Output output) {
        this.endpoint = endpoint;
        this.output = output;
    }

    void begin() {
        output.raw(Greeting.signature());
    }

    /** Takes what is there of the greeting; true when it is whole. */
    boolean readGreeting(ByteBuf chunk) throws ZmtpViolation {
        boolean begun = greeting.hasSignature();
        boolean whole = greeting.read(chunk);
        if (!begun && greeting.hasSignature()) {
            output.raw(Greeting.afterSignature(mechanism.name()));
        }
        if (whole) {
            checkMechanism();
            endpoint.stated().ifPresent(ours -> output.command(mechanism.ready(ours)));
        }
        return whole;
    }

    /** Takes a command; returns what the peer is once it has said so. */
    Optional<Metadata> next(ByteBuffer command) throws ZmtpViolation {
        Mechanism.Step step = mechanism.next(command);
        step.answer().ifPresent(output::command);
        return step.peer();
    }

    /** Says what we are, unless that has been said; a misfit is refused. */
    void end(SocketType peer) throws ZmtpViolation {
        SocketType ours = endpoint.ours(peer);
        if (endpoint.stated().isEmpty()) {
            output.command(mechanism.ready(ours));
        }
    }

    /** Of the version in the peer's greeting. */
    int minor() {
        return greeting.minor();
    }

    /** What is awaited, for the log. */
    String soFar() {
        boolean whole = greeting.bytesRead() == Greeting.BYTES;
        return whole ? "command READY" : "greeting (" + greeting.bytesRead() + " bytes came)";
    }

    private void checkMechanism() throws ZmtpViolation {
        if (!greeting.mechanism().equals(mechanism.name())) {
            throw new ZmtpViolation(
                    Refusal.WRONG_MECHANISM,
                    "mechanism " + Metadata.shown(greeting.mechanism()) + " is not served here, " + mechanism.name()
                            + " is");
        }
    }
}
