package io.jackfield.broker.transport.differential;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jackfield.broker.transport.differential.Wire.Form;
import io.jackfield.protocol.Command;
import io.jackfield.protocol.Flags;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Jf1Message;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A client in one dialect, on a REQ or a DEALER socket. One thread. */
final class DialectClient {
    final String name;
    final Wire wire;
    private final Form form;
    private final boolean delimits;
    private final boolean hearsMany;
    private long lastId;

    DialectClient(String name, ZmtpSocket socket, Form form) {
        ZmtpSocket.Type type = socket.type();
        this.name = name + " (" + form + " " + type + ")";
        this.wire = new Wire(socket, form);
        this.form = form;
        this.hearsMany = type == ZmtpSocket.Type.DEALER || form == Form.MDP || form == Form.PLAIN;
        this.delimits = type == ZmtpSocket.Type.DEALER && (form == Form.MDP || form == Form.PLAIN);
    }

    boolean isPlain() {
        return form == Form.PLAIN;
    }

    boolean isJf1() {
        return form == Form.JF1_RAW || form == Form.JF1_KRYO;
    }

    /** A REQ socket takes one answer; the broker drops partial ones for those who know none, but not for JF1. */
    boolean bearsPartialReplies() {
        return hearsMany;
    }

    void ask(String service, List<byte[]> body) throws IOException {
        if (isJf1()) {
            List<ByteBuffer> parts = body.stream().map(ByteBuffer::wrap).toList();
            wire.send(Jf1Message.request(++lastId, service, Headers.EMPTY, parts));
            return;
        }
        List<byte[]> frames = new ArrayList<>();
        if (delimits) {
            frames.add(Wire.bytes(""));
        }
        if (form == Form.MDP) {
            frames.add(Wire.bytes("MDPC01"));
            frames.add(Wire.bytes(service));
        }
        frames.addAll(body);
        wire.send(frames);
    }

    /** Everything it hears up to the final answer, without what differs from run to run. */
    String hear() throws Exception {
        if (!isJf1()) {
            return plainText(wire.hear());
        }
        StringBuilder all = new StringBuilder();
        Jf1Message message;
        do {
            message = wire.message();
            all.append(Wire.text(message)).append(message.id() == lastId ? "" : " of another request");
        } while (message.command() == Command.REPLY && (message.header().flags() & Flags.PARTIAL) != 0);
        return all.toString();
    }

    /** An error line is cut after the name of its code: the cause may name a port. */
    private static String plainText(List<byte[]> frames) {
        String last = new String(frames.get(frames.size() - 1), UTF_8);
        if (!last.startsWith("JACKFIELD-ERROR ")) {
            return Wire.digest(frames);
        }
        return Wire.digest(frames.subList(0, frames.size() - 1)) + " " + last.substring(0, last.indexOf(':'));
    }
}
