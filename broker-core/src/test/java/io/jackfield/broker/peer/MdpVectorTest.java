package io.jackfield.broker.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jackfield.broker.peer.Vectors.Vector;
import io.jackfield.broker.transport.SocketType;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The broker's side of each conversation in {@code mdp.txt}. */
final class MdpVectorTest {
    private static final String TOKEN = "TOKEN";

    private final Bench bench = new Bench();
    private final TestPeer client = bench.connect(SocketType.DEALER);
    private final TestPeer worker = bench.connect(SocketType.DEALER);
    private byte[] token = new byte[0];

    static List<Vector> conversations() {
        return Vectors.read("mdp.txt");
    }

    @ParameterizedTest
    @MethodSource("conversations")
    void shouldSpeakAsTheVectorTells(Vector vector) {
        for (String line : vector.lines()) {
            String key = line.substring(0, line.indexOf(' '));
            List<String> frames = List.of(line.substring(key.length() + 1).split(" "));
            switch (key) {
                case "client-sends" -> sends(client, frames);
                case "worker-sends" -> sends(worker, frames);
                case "client-gets" -> gets(client, frames);
                case "worker-gets" -> gets(worker, frames);
                default -> assertEquals("vector", key);
            }
        }
        client.hearsNothing();
        worker.hearsNothing();
        assertEquals(0, bench.count(PeerEvent.BAD_MESSAGE));
    }

    private void sends(TestPeer peer, List<String> frames) {
        peer.says(frames.stream()
                .map(frame -> frame.equals(TOKEN) ? token : TestPeer.bytes(frame.equals("-") ? "" : "0x" + frame))
                .toArray());
    }

    private void gets(TestPeer peer, List<String> expected) {
        List<byte[]> frames = peer.hearsBytes();
        int at = expected.indexOf(TOKEN);
        if (at >= 0) {
            token = frames.get(at);
            assertEquals(Long.BYTES, token.length);
        }
        List<String> got = new ArrayList<>();
        for (byte[] frame : frames) {
            got.add(frame.length == 0 ? "-" : HexFormat.of().formatHex(frame));
        }
        if (at >= 0) {
            got.set(at, TOKEN);
        }
        assertEquals(expected, got);
    }
}
