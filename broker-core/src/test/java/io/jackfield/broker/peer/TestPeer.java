package io.jackfield.broker.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.jackfield.broker.model.Frames;
import io.jackfield.broker.transport.SocketType;
import io.jackfield.broker.transport.Transport.ConnectionHandler;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** A program at the other end of a connection, seen from the wire. Frames are given and seen as text; other bytes as {@code 0x} and hex. */
final class TestPeer {
    private final FakeConnection connection;
    private final ConnectionHandler handler;

    TestPeer(FakeConnection connection, ConnectionHandler handler) {
        this.connection = connection;
        this.handler = handler;
    }

    /** Sends a message; a frame is text, bytes, or a buffer's rest. */
    void says(Object... frames) {
        List<ByteBuffer> parts = new ArrayList<>();
        for (Object frame : frames) {
            parts.add(ByteBuffer.wrap(bytes(frame)));
        }
        Frames kept = Frames.of(parts);
        byte[] wire = new byte[kept.wireBytes() + 3];
        kept.buffer().get(kept.start(), wire, 3, kept.wireBytes());
        handler.message(Frames.borrowed(ByteBuffer.wrap(wire), 3, wire.length, kept.count()));
        // Whoever looks at borrowed frames after the call finds nonsense.
        Arrays.fill(wire, (byte) 0xEE);
    }

    /** The next message that the broker has written, as text. */
    List<String> hears() {
        return hearsBytes().stream().map(TestPeer::text).toList();
    }

    /** The next message that the broker has written. */
    List<byte[]> hearsBytes() {
        assertFalse(connection.written().isEmpty(), "the peer hears nothing");
        return connection.written().remove();
    }

    void hearsNothing() {
        assertEquals(
                List.of(),
                connection.written().stream()
                        .map(message -> message.stream().map(TestPeer::text).toList())
                        .toList());
    }

    int unread() {
        return connection.written().size();
    }

    /** Subscribes as a peer of ZMTP 3.0 does. */
    void subscribes(String topic) {
        says(subscription(1, topic));
    }

    void cancels(String topic) {
        says(subscription(0, topic));
    }

    /** Subscribes as a peer of ZMTP 3.1 does. */
    void subscribesByCommand(String topic) {
        handler.subscribe(ByteBuffer.wrap(bytes(topic)));
    }

    void cancelsByCommand(String topic) {
        handler.cancel(ByteBuffer.wrap(bytes(topic)));
    }

    /** What it was asked for as a publisher since the last call: {@code +topic}, {@code -topic}. */
    List<String> isAskedFor() {
        return connection.takeUpstream();
    }

    boolean isReadFrom() {
        return connection.isReading();
    }

    /** Reads nothing any more: so much waits for it. */
    void stopsReading(long outputBytes) {
        connection.outputBytes(outputBytes);
    }

    /** Reads everything; the broker hears of it if it has asked. */
    void readsAgain() {
        connection.outputBytes(0);
        if (connection.takeTellsDrained()) {
            handler.drained();
        }
    }

    /** Dies when it has heard so many messages more; the broker is told later, see {@link #leaves}. */
    void diesAfter(int messages) {
        connection.diesAfter(messages);
    }

    void leaves() {
        connection.gone();
        handler.closed("the peer closed the connection");
    }

    Optional<String> closeReason() {
        return connection.closeReason();
    }

    boolean isCutOff() {
        return connection.closeReason().isPresent();
    }

    SocketType socketType() {
        return connection.socketType();
    }

    private static byte[] subscription(int first, String topic) {
        byte[] bytes = bytes(topic);
        return ByteBuffer.allocate(1 + bytes.length)
                .put((byte) first)
                .put(bytes)
                .array();
    }

    static byte[] bytes(Object frame) {
        if (frame instanceof byte[] bytes) {
            return bytes;
        }
        if (frame instanceof ByteBuffer buffer) {
            byte[] copy = new byte[buffer.remaining()];
            buffer.get(buffer.position(), copy);
            return copy;
        }
        String text = (String) frame;
        return text.startsWith("0x")
                ? HexFormat.of().parseHex(text.substring(2))
                : text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte[] frame) {
        for (byte b : frame) {
            if (b >= 0 && b < 0x20) {
                return "0x" + HexFormat.of().formatHex(frame);
            }
        }
        return new String(frame, StandardCharsets.UTF_8);
    }
}
