package io.jackfield.kit;

import io.jackfield.api.Reply;
import io.jackfield.api.Request;
import io.jackfield.protocol.Flags;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Jf1Message;
import java.util.LinkedHashMap;
import java.util.Map;

/** Between messages on the wire and what programs and handlers see. */
final class Contents {
    private Contents() {}

    static Request request(Jf1Message message) {
        return Request.of(message.service(), message.body(), headers(message.headers()));
    }

    static Reply reply(Jf1Message message) {
        Reply reply = Reply.ofParts(message.body());
        for (Map.Entry<String, String> header : headers(message.headers()).entrySet()) {
            reply = reply.withHeader(header.getKey(), header.getValue());
        }
        return message.header().has(Flags.EARLY_EXIT) ? reply.withEarlyExit() : reply;
    }

    static Jf1Message message(long id, Reply reply, boolean partial) {
        int flags = (partial ? Flags.PARTIAL : 0)
                | (!partial && reply.earlyExit() ? Flags.EARLY_EXIT : 0)
                | objectFlag(reply.headers());
        return Jf1Message.reply(id, flags, Headers.of(reply.headers()), reply.parts());
    }

    /** A body of Kryo's own content type is an object on the wire (PROTOCOL.md 4.5). */
    static int objectFlag(Map<String, String> headers) {
        return Headers.CONTENT_TYPE_KRYO.equals(headers.get(Headers.CONTENT_TYPE)) ? Flags.OBJECT : 0;
    }

    private static Map<String, String> headers(Headers headers) {
        Map<String, String> map = new LinkedHashMap<>();
        headers.forEach(map::put);
        return map;
    }
}
