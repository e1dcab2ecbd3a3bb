package io.jackfield.broker.transport.zmtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.jackfield.broker.model.Frames;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** What a ZMTP peer sends, written by hand from RFC 37: independent of the code under test. */
final class Wire {
    static final int MORE = 1;
    static final int LONG = 2;
    static final int COMMAND = 4;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    static Wire wire() {
        return new Wire();
    }

    static byte[] greeting() {
        return greeting(3, 1, "NULL");
    }

    static byte[] greeting(int major, int minor, String mechanism) {
        ByteBuffer greeting = ByteBuffer.allocate(64);
        greeting.put(0, (byte) 0xff).put(9, (byte) 0x7f).put(10, (byte) major).put(11, (byte) minor);
        greeting.put(12, mechanism.getBytes(ISO_8859_1));
        return greeting.array();
    }

    /** The body of a READY command with these names and values. */
    static byte[] ready(String... namesAndValues) {
        Wire body = wire().text(5, "READY");
        for (int i = 0; i < namesAndValues.length; i += 2) {
            body.text(namesAndValues[i].length(), namesAndValues[i]);
            body.raw(ByteBuffer.allocate(4)
                    .putInt(namesAndValues[i + 1].length())
                    .array());
            body.raw(namesAndValues[i + 1].getBytes(ISO_8859_1));
        }
        return body.bytes();
    }

    Wire raw(byte... more) {
        bytes.writeBytes(more);
        return this;
    }

    /** A byte and text. */
    Wire text(int first, String text) {
        bytes.write(first);
        return raw(text.getBytes(ISO_8859_1));
    }

    /** A frame with the flags, in the long form if they say so. */
    Wire frame(int flags, byte[] body) {
        header(flags, body.length);
        return raw(body);
    }

    Wire frame(int flags, String body) {
        return frame(flags, body.getBytes(ISO_8859_1));
    }

    /** A header alone. */
    Wire header(int flags, long length) {
        bytes.write(flags);
        if ((flags & LONG) == 0) {
            bytes.write((int) length);
        } else {
            bytes.writeBytes(ByteBuffer.allocate(8).putLong(length).array());
        }
        return this;
    }

    Wire ping(String context) {
        return frame(COMMAND, "\4PING\0\0" + context);
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    /** Each frame of a message as text, one character a byte. */
    static List<String> texts(Frames frames) {
        List<String> texts = new ArrayList<>();
        for (ByteBuffer part : frames.parts()) {
            texts.add(ISO_8859_1.decode(part).toString());
        }
        return texts;
    }
}
