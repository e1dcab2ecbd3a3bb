package io.jackfield.broker.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jackfield.protocol.Command;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.FixedHeader;
import io.jackfield.protocol.Framing;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Jf1Message;
import io.jackfield.protocol.KryoFraming;
import io.jackfield.protocol.ProtocolException;
import io.jackfield.protocol.RawFraming;
import io.jackfield.protocol.ServiceDeclaration;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A program that speaks JF1. */
final class Jf1TestPeer {
    static final long HEARTBEAT_MS = 1000;

    final TestPeer wire;
    private final Framing framing;

    Jf1TestPeer(TestPeer wire, Framing framing) {
        this.wire = wire;
        this.framing = framing;
    }

    void says(Jf1Message message) {
        wire.says(frames(message).toArray());
    }

    void ready(int credit, String... services) {
        ready(credit, Arrays.stream(services).map(ServiceDeclaration::of).toList());
    }

    void ready(int credit, List<ServiceDeclaration> services) {
        says(Jf1Message.ready(HEARTBEAT_MS, credit, Headers.of(Headers.WORKER_ID, "w-1"), services));
    }

    /** Sends READY and takes the WELCOME. */
    Jf1TestPeer joined(int credit, String... services) {
        ready(credit, services);
        hears(Command.WELCOME);
        return this;
    }

    void asks(long id, String service, String... body) {
        says(Jf1Message.request(id, service, Headers.EMPTY, parts(body)));
    }

    void replies(long id, int flags, String... body) {
        says(Jf1Message.reply(id, flags, Headers.EMPTY, parts(body)));
    }

    Jf1Message hears() {
        List<ByteBuffer> frames =
                wire.hearsBytes().stream().map(ByteBuffer::wrap).toList();
        try {
            return framing == Framing.RAW ? RawFraming.decode(frames) : KryoFraming.decode(frames);
        } catch (ProtocolException e) {
            throw new AssertionError("the broker broke the protocol: " + e.message(), e);
        }
    }

    Jf1Message hears(Command command) {
        Jf1Message message = hears();
        assertEquals(command, message.command(), message::toString);
        return message;
    }

    Failure hearsFailure(long id, ErrorCode code) {
        Jf1Message message = hears(Command.FAILURE);
        assertEquals(code, message.failure().code(), () -> message.failure().cause());
        assertEquals(id, message.id());
        return message.failure();
    }

    void hearsReply(long id, int flags, String... body) {
        Jf1Message message = hears(Command.REPLY);
        assertEquals(new FixedHeader(Command.REPLY, flags, 0, id, 0, 0), message.header());
        assertEquals(List.of(body), texts(message));
    }

    static List<String> texts(Jf1Message message) {
        return message.body().stream()
                .map(part -> StandardCharsets.UTF_8.decode(part.duplicate()).toString())
                .toList();
    }

    static List<ByteBuffer> parts(String... body) {
        List<ByteBuffer> parts = new ArrayList<>();
        for (String part : body) {
            parts.add(StandardCharsets.UTF_8.encode(part));
        }
        return parts;
    }

    private List<ByteBuffer> frames(Jf1Message message) {
        return framing == Framing.RAW ? RawFraming.encode(message) : List.of(KryoFraming.encode(message));
    }
}
