package io.jackfield.broker.transport.differential;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/**
 * A REQ or DEALER peer made of a TCP socket, written from RFC 23: no library, whose own way of connecting now and then would decide what is
 * compared here. One thread; waits up to 20 s for what it is to hear.
 */
final class ZmtpSocket implements AutoCloseable {
    /** The two socket types that a ROUTER serves. */
    enum Type {
        REQ,
        DEALER
    }

    private static final int WAIT_MS = 20_000;
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int GREETING_BYTES = 64;
    private static final int MORE = 1;
    private static final int LONG = 2;
    private static final int COMMAND = 4;

    private final Type type;
    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;

    /** Connects and shakes hands. An empty identity leaves the name to the broker. */
    ZmtpSocket(Type type, String address, String identity) throws IOException {
        this.type = type;
        this.socket = new Socket(
                InetAddress.getLoopbackAddress(), Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)));
        socket.setSoTimeout(WAIT_MS);
        socket.setTcpNoDelay(true);
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES));
        this.out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), BUFFER_BYTES));
        byte[] greeting = new byte[GREETING_BYTES];
        greeting[0] = (byte) 0xff;
        greeting[9] = 0x7f;
        greeting[10] = 3;
        System.arraycopy("NULL".getBytes(ISO_8859_1), 0, greeting, 12, 4);
        out.write(greeting);
        String ready = "\5READY" + property("Socket-Type", type.name()) + property("Identity", identity);
        frame(COMMAND, ready.getBytes(ISO_8859_1));
        out.flush();
        in.readFully(greeting);
        if ((in.read() & COMMAND) == 0) {
            throw new IOException("not READY");
        }
        in.skipNBytes(in.readUnsignedByte());
    }

    Type type() {
        return type;
    }

    /** Sends one message; a REQ's delimiter is put before it. */
    void send(List<byte[]> message) throws IOException {
        if (type == Type.REQ) {
            frame(MORE, new byte[0]);
        }
        for (int i = 0; i < message.size(); i++) {
            frame(i < message.size() - 1 ? MORE : 0, message.get(i));
        }
        out.flush();
    }

    /** The next message, without a REQ's delimiter. */
    List<byte[]> hear() throws IOException {
        List<byte[]> message = new ArrayList<>();
        int flags;
        do {
            flags = in.readUnsignedByte();
            byte[] body = new byte[(flags & LONG) == 0 ? in.readUnsignedByte() : (int) in.readLong()];
            in.readFully(body);
            if ((flags & COMMAND) == 0) {
                message.add(body);
            }
        } while ((flags & (MORE | COMMAND)) != 0);
        if (type == Type.REQ && message.remove(0).length != 0) {
            throw new IOException("an answer without a delimiter");
        }
        return message;
    }

    /** Whether something has come that {@link #hear} would give soon. */
    boolean hears() throws IOException {
        return in.available() > 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private void frame(int flags, byte[] body) throws IOException {
        if (body.length > 255) {
            out.write(flags | LONG);
            out.writeLong(body.length);
        } else {
            out.write(flags);
            out.write(body.length);
        }
        out.write(body);
    }

    private static String property(String name, String value) {
        return (char) name.length() + name + "\0\0\0" + (char) value.length() + value;
    }
}
