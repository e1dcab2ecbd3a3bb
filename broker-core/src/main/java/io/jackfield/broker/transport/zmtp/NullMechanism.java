package io.jackfield.broker.transport.zmtp;

import io.jackfield.broker.transport.SocketType;
import java.nio.ByteBuffer;
import java.util.Optional;

/** No security: READY with metadata from both sides. RFC 37 lets either go first; the peer does, so that ours can fit. */
final class NullMechanism implements Mechanism {
    static final String NAME = "NULL";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Step next(ByteBuffer command) throws ZmtpViolation {
        Command name = Command.of(command);
        if (name == Command.ERROR) {
            throw new ZmtpViolation(Refusal.REFUSED_BY_PEER, Command.errorReason(command));
        }
        if (name != Command.READY) {
            throw new ZmtpViolation(Refusal.BAD_COMMAND, "another command before READY");
        }
        return new Step(Optional.empty(), Optional.of(Metadata.parse(command)));
    }

    @Override
    public byte[] ready(SocketType ours) {
        return Command.READY.body(Metadata.encoded(ours));
    }
}
