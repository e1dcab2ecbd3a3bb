package io.jackfield.broker.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;

/** JF1 in raw framing, written by hand from PROTOCOL.md 4: independent of the codec under test. */
final class Jf1Bytes {
    static final int READY = 1;
    static final int WELCOME = 2;
    static final int REQUEST = 3;
    static final int REPLY = 4;
    static final int FAILURE = 5;
    static final int DRAIN = 8;
    static final int DISCONNECT = 9;

    /** The fixed header of the golden vector {@code ready-one-service}, but with a minute between heartbeats: credit 16. */
    static final String READY_16 = Wired.hex("4a4631520100000000000000000000000000ea6000100000");

    /** The same with credit 1024. */
    static final String READY_1024 = READY_16.substring(0, 20) + Wired.hex("04000000");

    private Jf1Bytes() {}

    static String header(int command, long id) {
        ByteBuffer header = ByteBuffer.allocate(24);
        header.put("JF1R".getBytes(ISO_8859_1)).put((byte) command);
        header.putLong(8, id);
        return new String(header.array(), ISO_8859_1);
    }

    static int command(String header) {
        return header.charAt(4);
    }

    static int code(String header) {
        return header.charAt(6) << 8 | header.charAt(7);
    }

    static long id(String header) {
        return ByteBuffer.wrap(header.getBytes(ISO_8859_1)).getLong(8);
    }
}
