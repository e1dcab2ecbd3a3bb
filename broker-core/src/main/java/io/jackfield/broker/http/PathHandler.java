package io.jackfield.broker.http;

import io.jackfield.broker.model.Frames;
import io.jackfield.protocol.Failure;
import java.nio.ByteBuffer;

/** Answers requests under a path prefix itself, without a service: the admin API. Called on the broker loop; it must not block. */
@FunctionalInterface
public interface PathHandler {
    /** Takes a request and answers it once, now or later, on the loop. It is asked while the broker drains, too. */
    void handle(Request request, Answer answer);

    /**
     * A request.
     *
     * @param method as sent, for example {@code GET}
     * @param path decoded, with the prefix
     * @param query as sent, without the question mark; empty where there is none
     * @param contentType as sent; empty where there is none
     * @param body one frame, borrowed
     */
    record Request(String method, String path, String query, String contentType, Frames body) {}

    /** Where the answer goes. Answering a client that has gone does nothing. */
    interface Answer {
        /** Ends the request; the body, from position to limit, is copied before this returns. */
        void complete(int status, String contentType, ByteBuffer body);

        /** Ends the request with a problem. */
        void fail(Failure failure);
    }
}
