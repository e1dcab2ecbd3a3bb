package io.jackfield.broker.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A peer that is nothing but a TCP socket: says what no library would. Bytes are written as text, one character a byte. */
final class RawZmtp implements AutoCloseable {
    static final int MORE = 1;
    static final int LONG = 2;
    private static final int GREETING_BYTES = 64;

    private final Socket socket;
    private final DataInputStream in;

    RawZmtp(String address) throws IOException {
        int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout((int) (RunningBroker.WAIT_S * 1000));
        in = new DataInputStream(socket.getInputStream());
    }

    /** After a handshake as that socket type. */
    static RawZmtp opened(String address, String socketType) throws IOException {
        RawZmtp peer = new RawZmtp(address);
        ByteBuffer greeting = ByteBuffer.allocate(GREETING_BYTES);
        greeting.put(0, (byte) 0xff).put(9, (byte) 0x7f).put(10, (byte) 3);
        greeting.put(12, "NULL".getBytes(ISO_8859_1));
        peer.send(new String(greeting.array(), ISO_8859_1));
        String ready = "\5READY\13Socket-Type\0\0\0" + (char) socketType.length() + socketType;
        peer.send("\4" + (char) ready.length() + ready);
        peer.in.readNBytes(GREETING_BYTES);
        peer.readFrame();
        return peer;
    }

    /** Sends what may be refused half-way: that the other side has closed is found by who reads. */
    void send(String bytes) throws IOException {
        try {
            socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
        } catch (SocketException closed) {
            return;
        }
    }

    /** A whole message, the frames in the long form. */
    void message(String... frames) throws IOException {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        for (int i = 0; i < frames.length; i++) {
            wire.write(LONG | (i < frames.length - 1 ? MORE : 0));
            wire.writeBytes(ByteBuffer.allocate(8).putLong(frames[i].length()).array());
            wire.writeBytes(frames[i].getBytes(ISO_8859_1));
        }
        send(wire.toString(ISO_8859_1));
    }

    List<String> hears() throws IOException {
        List<String> frames = new ArrayList<>();
        int flags = MORE;
        while ((flags & MORE) != 0) {
            flags = in.readUnsignedByte();
            frames.add(readBody(flags));
        }
        return frames;
    }

    private void readFrame() throws IOException {
        readBody(in.readUnsignedByte());
    }

    private String readBody(int flags) throws IOException {
        int length = (flags & LONG) == 0 ? in.readUnsignedByte() : (int) in.readLong();
        return new String(in.readNBytes(length), ISO_8859_1);
    }

    /** Reads until the broker ends the connection, in either way that TCP has. */
    void awaitEnd() throws IOException {
        try {
            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (SocketException reset) {
            return;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
