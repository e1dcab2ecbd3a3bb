package io.jackfield.broker.peer;

import io.jackfield.broker.model.Frames;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.ProtocolException;
import io.jackfield.protocol.ServiceName;
import org.jspecify.annotations.Nullable;

/** A service as an MDP client names it, for a reply must repeat the very bytes. Immutable; used again while the client repeats itself. */
final class AskedService {
    private final byte[] bytes;
    private final String name;
    private final @Nullable Failure failure;

    private AskedService(byte[] bytes, String name, @Nullable Failure failure) {
        this.bytes = bytes;
        this.name = name;
        this.failure = failure;
    }

    static AskedService of(Frames message, int index) {
        byte[] bytes = message.copyOf(index);
        try {
            return new AskedService(bytes, ServiceName.parse(message.part(index)), null);
        } catch (ProtocolException e) {
            return new AskedService(
                    bytes, "", Failure.of(ErrorCode.BAD_SERVICE_NAME, e.message(), "correct the name of the service"));
        }
    }

    /** As received; never changed. */
    byte[] bytes() {
        return bytes;
    }

    /** The same as text; empty if it is not allowed. */
    String name() {
        return name;
    }

    /** Why it is not allowed; null if it is. */
    @Nullable
    Failure failure() {
        return failure;
    }

    /** True if the frame has the same bytes. */
    boolean is(Frames message, int index) {
        return FrameMatch.is(message, index, bytes);
    }
}
