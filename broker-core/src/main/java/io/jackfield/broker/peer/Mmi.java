package io.jackfield.broker.peer;

import io.jackfield.broker.dispatch.Dispatcher;
import io.jackfield.broker.model.Frames;
import io.jackfield.protocol.ProtocolException;
import io.jackfield.protocol.ServiceName;
import java.nio.charset.StandardCharsets;

/** The services that every MDP broker has (RFC 8). */
final class Mmi {
    static final String PREFIX = "mmi.";

    private static final String SERVICE = "mmi.service";
    private static final Frames FOUND = status("200");
    private static final Frames NOT_FOUND = status("404");
    private static final Frames NOT_IMPLEMENTED = status("501");

    private Mmi() {}

    static Frames answer(String service, Frames body, Dispatcher dispatcher) {
        if (!service.equals(SERVICE)) {
            return NOT_IMPLEMENTED;
        }
        try {
            // The guide's programs put the name into the last frame.
            return dispatcher.isServed(ServiceName.parse(body.part(body.count() - 1))) ? FOUND : NOT_FOUND;
        } catch (ProtocolException e) {
            // A name that is not allowed is the name of no service.
            return NOT_FOUND;
        }
    }

    private static Frames status(String code) {
        return Frames.of(code.getBytes(StandardCharsets.US_ASCII));
    }
}
