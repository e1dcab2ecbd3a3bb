package io.jackfield.broker.transport.zmtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;

/** A peer made of nothing but a socket: sends what the test says, also what no library would. */
final class RawPeer implements AutoCloseable {
    private static final int WAIT_MS = 20_000;

    private final Socket socket;
    private final DataInputStream in;

    /** Connects to an address that {@code bind} returned. */
    RawPeer(String address) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port(address));
        socket.setSoTimeout(WAIT_MS);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
    }

    /** Connects from another address of this machine. */
    RawPeer(String address, String from) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port(address), InetAddress.getByName(from), 0);
        socket.setSoTimeout(WAIT_MS);
        in = new DataInputStream(socket.getInputStream());
    }

    /** A peer that has shaken hands. */
    static RawPeer opened(String address, String socketType) throws IOException {
        return opened(address, socketType, 1);
    }

    /** A peer of ZMTP 3 and that minor version that has shaken hands. */
    static RawPeer opened(String address, String socketType, int minor) throws IOException {
        RawPeer peer = new RawPeer(address);
        peer.send(Wire.greeting(3, minor, "NULL"));
        peer.send(Wire.wire()
                .frame(Wire.COMMAND, Wire.ready("Socket-Type", socketType))
                .bytes());
        peer.readGreeting();
        assertEquals("\5READY", peer.readFrame(Wire.COMMAND).substring(0, 6));
        return peer;
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** Sends what may be refused half-way: that the other side has closed is not an error here. */
    void sendWhileOpen(byte[] bytes) {
        try {
            send(bytes);
        } catch (IOException closed) {
            // the reader of this socket finds out
        }
    }

    void readGreeting() throws IOException {
        assertArrayEquals(Greeting.signature(), in.readNBytes(10));
        assertArrayEquals(Greeting.afterSignature("NULL"), in.readNBytes(54));
    }

    /** A frame's body, one character a byte; its flags must be these. */
    String readFrame(int flags) throws IOException {
        assertEquals(flags, in.readUnsignedByte());
        return readBody(flags);
    }

    /** The same, whatever its flags. */
    String readFrame() throws IOException {
        return readBody(in.readUnsignedByte());
    }

    private String readBody(int flags) throws IOException {
        int length = (flags & Wire.LONG) == 0 ? in.readUnsignedByte() : (int) in.readLong();
        return new String(in.readNBytes(length), ISO_8859_1);
    }

    /** Takes up to that many bytes, whatever they are. */
    void readUpTo(int bytes) throws IOException {
        in.readNBytes(bytes);
    }

    /** Reads until the other side ends the connection, in either way that TCP has. */
    void awaitEnd() throws IOException {
        try {
            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (SocketException reset) {
            return;
        }
    }

    /** How much the other side sends before it ends the connection. */
    long bytesUntilEnd() throws IOException {
        return socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    }

    void hangUp() throws IOException {
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }
}
