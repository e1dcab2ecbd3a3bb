package io.jackfield.broker.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.jackfield.broker.transport.ZmqPeers;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.zeromq.SocketType;
import org.zeromq.ZMQ;
import org.zeromq.ZMsg;

/** A ZeroMQ socket of another implementation, and frames as text, one character a byte. One thread at a time. */
final class Wired implements AutoCloseable {
    private final ZmqPeers peers = new ZmqPeers();
    final ZMQ.Socket socket;

    Wired(SocketType type, String address) {
        socket = peers.connected(type, address);
    }

    void says(String... frames) {
        ZMsg message = new ZMsg();
        for (String frame : frames) {
            message.add(frame.getBytes(ISO_8859_1));
        }
        message.send(socket);
    }

    List<String> hears() {
        ZMsg message = ZMsg.recvMsg(socket);
        assertNotNull(message, "nothing came");
        List<String> frames = new ArrayList<>();
        message.forEach(frame -> frames.add(new String(frame.getData(), ISO_8859_1)));
        return frames;
    }

    void hears(String... frames) {
        assertEquals(List.of(frames), hears());
    }

    /** Bytes of the protocol page. */
    static String hex(String digits) {
        return new String(HexFormat.of().parseHex(digits.replace(" ", "")), ISO_8859_1);
    }

    @Override
    public void close() {
        peers.close();
    }
}
