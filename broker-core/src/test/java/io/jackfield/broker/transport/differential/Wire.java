package io.jackfield.broker.transport.differential;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jackfield.protocol.Command;
import io.jackfield.protocol.Jf1Message;
import io.jackfield.protocol.KryoFraming;
import io.jackfield.protocol.RawFraming;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** A socket that says messages in one form. One thread. */
final class Wire {
    /** What a peer speaks. */
    enum Form {
        PLAIN,
        MDP,
        JF1_RAW,
        JF1_KRYO
    }

    private final ZmtpSocket socket;
    private final Form form;

    Wire(ZmtpSocket socket, Form form) {
        this.socket = socket;
        this.form = form;
    }

    void close() throws IOException {
        socket.close();
    }

    void send(Jf1Message message) throws IOException {
        List<ByteBuffer> frames =
                form == Form.JF1_RAW ? RawFraming.encode(message) : List.of(KryoFraming.encode(message));
        send(frames.stream().map(Wire::bytes).toList());
    }

    void send(List<byte[]> frames) throws IOException {
        socket.send(frames);
    }

    /** The next message, waiting for it. */
    List<byte[]> hear() throws IOException {
        return socket.hear();
    }

    /** A message if one is there, else no frames. */
    List<byte[]> poll() throws IOException {
        return socket.hears() ? socket.hear() : List.of();
    }

    Jf1Message message() throws Exception {
        return decoded(hear());
    }

    Jf1Message decoded(List<byte[]> frames) throws Exception {
        List<ByteBuffer> buffers = frames.stream().map(ByteBuffer::wrap).toList();
        return form == Form.JF1_RAW ? RawFraming.decode(buffers) : KryoFraming.decode(buffers);
    }

    /** What the message says, without what differs from run to run. */
    static String text(Jf1Message message) {
        String body = message.command() == Command.FAILURE
                ? String.valueOf(message.failure().code())
                : digest(message.body().stream().map(Wire::bytes).toList());
        return " " + message.command() + " " + message.header().flags() + " " + body;
    }

    static String digest(List<byte[]> frames) {
        return frames.stream()
                .map(frame -> " " + frame.length + ":" + Integer.toHexString(Arrays.hashCode(frame)))
                .collect(Collectors.joining());
    }

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        return bytes;
    }
}
