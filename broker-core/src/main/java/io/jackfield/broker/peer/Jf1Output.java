package io.jackfield.broker.peer;

import io.jackfield.broker.model.Frames;
import io.jackfield.broker.transport.Connection;
import io.jackfield.broker.transport.MessageWriter;
import io.jackfield.protocol.FixedHeader;
import io.jackfield.protocol.Framing;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Jf1Message;
import io.jackfield.protocol.KryoFraming;
import io.jackfield.protocol.RawFraming;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes JF1 messages to one peer in its framing. Owned by the broker loop. */
final class Jf1Output {
    private final Connection connection;
    private final Framing framing;
    private final ByteBuffer fixedHeader = ByteBuffer.allocate(FixedHeader.BYTES);
    private String lastService = "";
    private byte[] lastServiceBytes = new byte[0];

    Jf1Output(Peer peer, Framing framing) {
        this.connection = peer.connection();
        this.framing = framing;
    }

    Framing framing() {
        return framing;
    }

    /** For people. */
    String dialect() {
        return framing == Framing.RAW ? "jf1-raw" : "jf1-kryo";
    }

    /** A message without a body of others. */
    void send(Prefix prefix, Jf1Message message) {
        MessageWriter writer = prefix.begin(connection);
        if (framing == Framing.KRYO) {
            writer.end(KryoFraming.encode(message));
            return;
        }
        List<ByteBuffer> frames = RawFraming.encode(message);
        int last = frames.size() - 1;
        for (int i = 0; i < last; i++) {
            writer.frame(frames.get(i));
        }
        writer.end(frames.get(last));
    }

    /** A REQUEST or REPLY, whose body goes from the peer that sent it straight to this one. */
    void send(Prefix prefix, FixedHeader header, String service, Headers headers, Frames body) {
        if (framing == Framing.KRYO) {
            send(prefix, Jf1Message.of(header, service, headers, body.parts()));
            return;
        }
        header.write(fixedHeader, 0, Framing.RAW);
        MessageWriter writer = prefix.begin(connection).frame(fixedHeader);
        if (service.isEmpty()) {
            writer.empty();
        } else {
            writer.frame(bytesOf(service));
        }
        if (headers.isEmpty()) {
            writer.empty();
        } else {
            writer.frame(headers.encoded());
        }
        writer.end(body);
    }

    /** Most workers serve one service, over and over. */
    private byte[] bytesOf(String service) {
        if (!service.equals(lastService)) {
            lastService = service;
            lastServiceBytes = service.getBytes(StandardCharsets.UTF_8);
        }
        return lastServiceBytes;
    }
}
