package io.jackfield.broker.model;

import io.jackfield.protocol.Headers;

/**
 * One answer to a request, partial or final.
 *
 * @param headers may be empty
 * @param body borrowed or kept, see {@link Frames}
 * @param object the body is an object that only Kryo peers and handlers open (PROTOCOL.md 4.5)
 * @param earlyExit a pipeline ends here
 */
public record Reply(Headers headers, Frames body, boolean object, boolean earlyExit) {
    /** A reply of bytes without headers. */
    public static Reply of(Frames body) {
        return new Reply(Headers.EMPTY, body, false, false);
    }
}
