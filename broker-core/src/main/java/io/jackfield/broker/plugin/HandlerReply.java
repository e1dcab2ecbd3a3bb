package io.jackfield.broker.plugin;

import io.jackfield.api.Reply;
import io.jackfield.broker.dispatch.RefusedException;
import io.jackfield.broker.model.Frames;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Limits;
import java.nio.ByteBuffer;
import java.util.Map;

/** A handler's answer as the broker passes it on, held to what every worker's answer is held to (PROTOCOL.md 6). For any thread. */
final class HandlerReply {
    private static final String HINT = "the handler must reply with less";

    private HandlerReply() {}

    /**
     * Copies the answer.
     *
     * @throws RefusedException with what the client is told instead
     */
    static io.jackfield.broker.model.Reply of(Reply answer, String service, int bodyBytesMax) throws RefusedException {
        int parts = answer.partCount();
        boolean object = Headers.CONTENT_TYPE_KRYO.equals(answer.headers().get(Headers.CONTENT_TYPE));
        int partsMax = object ? 1 : Limits.BODY_PARTS_MAX;
        if (parts > partsMax) {
            String cause = "service " + service + " replied with " + parts + " body parts (expected: "
                    + (object ? "1 with content type " + Headers.CONTENT_TYPE_KRYO : "1 to " + partsMax) + ")";
            throw refused(ErrorCode.HANDLER_FAILED, cause, "the handler must put more into each part");
        }
        long bytes = length(answer);
        if (bytes > bodyBytesMax) {
            String cause = "service " + service + " replied with " + bytes + " bytes (expected: at most " + bodyBytesMax
                    + ", body-bytes-max)";
            throw refused(ErrorCode.TOO_LARGE, cause, HINT + ", or body-bytes-max be raised");
        }
        Frames body = parts == 1 ? Frames.of((int) bytes, answer::copyTo) : Frames.of(answer.parts());
        return new io.jackfield.broker.model.Reply(
                headers(answer.headers(), service), body, object, answer.earlyExit());
    }

    /** Of its body. */
    static int bytes(Reply answer) {
        return (int) Math.min(Integer.MAX_VALUE, length(answer));
    }

    /** Also of more than {@link Reply#length} can tell. */
    private static long length(Reply answer) {
        if (answer.partCount() == 1) {
            return answer.length();
        }
        long bytes = 0;
        for (ByteBuffer part : answer.parts()) {
            bytes += part.remaining();
        }
        return bytes;
    }

    /** The plugin API checks each header by itself; all together must fit into a header block. */
    private static Headers headers(Map<String, String> headers, String service) throws RefusedException {
        try {
            return headers.isEmpty() ? Headers.EMPTY : Headers.of(headers);
        } catch (IllegalArgumentException e) {
            String cause = "service " + service + " replied with headers that are not allowed: " + e.getMessage();
            throw refused(ErrorCode.HANDLER_FAILED, cause, HINT);
        }
    }

    private static RefusedException refused(ErrorCode code, String cause, String hint) {
        return new RefusedException(Failure.of(code, cause, hint));
    }
}
