package io.jackfield.kit;

import io.jackfield.api.Reply;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.ProtocolException;
import io.jackfield.protocol.kryo.ObjectBodies;
import java.time.Duration;
import java.util.List;

/** Asks services with objects and gets objects. Safe for any thread. */
public final class ObjectClient {
    private final Client client;
    private final ObjectBodies bodies;

    /**
     * @param client goes on belonging to the caller
     * @param bodies knows the classes; client and worker register the same ones under the same ids
     */
    public ObjectClient(Client client, ObjectBodies bodies) {
        this.client = client;
        this.bodies = bodies;
    }

    /**
     * Asks and waits.
     *
     * @throws RequestFailedException the request ended without a reply, or with one that is no such object
     */
    public <O> O call(String service, Object input, Class<O> output, Duration timeout) throws InterruptedException {
        Reply reply = client.call(Call.of(service, List.of(bodies.encode(input)))
                .withHeader(Headers.CONTENT_TYPE, Headers.CONTENT_TYPE_KRYO)
                .withTimeout(timeout));
        try {
            return bodies.decode(reply.parts().get(0), output);
        } catch (ProtocolException e) {
            throw new RequestFailedException(Failure.of(
                    ErrorCode.BAD_MESSAGE,
                    "the reply of " + service + ": " + e.message(),
                    "register the same classes under the same ids on both sides"));
        }
    }
}
