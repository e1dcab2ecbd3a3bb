package io.jackfield.broker.transport.differential;

import io.jackfield.broker.model.Frames;
import io.jackfield.broker.transport.Connection;
import io.jackfield.broker.transport.MessageWriter;
import io.jackfield.broker.transport.RecordedPeer;
import io.jackfield.broker.transport.RecordingAcceptor;
import io.jackfield.broker.transport.TransportContract.Fixture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/** REQ and DEALER peers that come, talk, leave and come back, on the bare port. One thread. */
final class PortConversation implements AutoCloseable {
    private static final int PEERS = 5;
    private static final int STEPS = 40;
    private static final int BURST_MAX = 30;

    private final Random random;
    private final String address;
    private final RecordingAcceptor acceptor;
    private final List<Party> parties = new ArrayList<>();
    private final List<String> transcript = new ArrayList<>();

    private record Party(String name, ZmtpSocket socket, RecordedPeer peer) {
        boolean isReq() {
            return socket.type() == ZmtpSocket.Type.REQ;
        }
    }

    PortConversation(Fixture fixture, long seed) throws Exception {
        this.random = new Random(seed);
        this.acceptor = RecordingAcceptor.doing(fixture.loop(), PortConversation::answer);
        this.address = fixture.transport().bind("tcp://127.0.0.1:0", acceptor).address();
    }

    List<String> play() throws Exception {
        for (int i = 0; i < PEERS; i++) {
            parties.add(come("peer " + i));
        }
        for (int step = 0; step < STEPS; step++) {
            int index = random.nextInt(PEERS);
            Party party = parties.get(index);
            switch (random.nextInt(8)) {
                case 0 -> {
                    leave(party, random.nextBoolean());
                    parties.set(index, come(party.name));
                }
                case 1 -> unasked(party);
                default -> talk(party);
            }
        }
        for (Party party : parties) {
            leave(party, false);
        }
        return transcript;
    }

    @Override
    public void close() throws IOException {
        for (Party party : parties) {
            party.socket.close();
        }
    }

    private Party come(String name) throws Exception {
        ZmtpSocket.Type type = random.nextInt(3) == 0 ? ZmtpSocket.Type.REQ : ZmtpSocket.Type.DEALER;
        ZmtpSocket socket = new ZmtpSocket(type, address, random.nextBoolean() ? name : "");
        List<byte[]> hello = List.of(name.getBytes(StandardCharsets.UTF_8));
        socket.send(hello);
        Party party = new Party(name, socket, acceptor.peer());
        note(party, "came as " + party.peer.connection().socketType());
        heard(party, hello);
        return party;
    }

    private void talk(Party party) throws Exception {
        int count = party.isReq() ? 1 : 1 + random.nextInt(BURST_MAX);
        List<List<byte[]>> said = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<byte[]> message = message();
            party.socket.send(message);
            said.add(message);
        }
        for (List<byte[]> message : said) {
            heard(party, message);
        }
    }

    /** What the broker heard, and what it answered. */
    private void heard(Party party, List<byte[]> said) throws Exception {
        note(party, "said " + digest(party.peer.message()));
        int answers = answers(
                !party.isReq(),
                said.size(),
                said.stream().mapToInt(part -> part.length).sum());
        for (int i = 0; i < answers; i++) {
            note(party, "heard " + digest(party.socket.hear()));
        }
    }

    private void unasked(Party party) throws Exception {
        if (party.isReq()) {
            return;
        }
        byte[] body = bytes();
        party.peer.run(connection -> connection.message().frame(body).empty().end(body));
        note(party, "heard " + digest(party.socket.hear()));
    }

    /** With last words, which come before the end, or without. */
    private void leave(Party party, boolean lastWords) throws Exception {
        if (lastWords) {
            party.socket.send(message());
        }
        party.socket.close();
        if (lastWords) {
            note(party, "said at last " + digest(party.peer.message()));
        }
        note(party, party.peer.closed().isEmpty() ? "left without a reason" : "left");
    }

    private List<byte[]> message() {
        List<byte[]> message = new ArrayList<>();
        int frames = 1 + (random.nextInt(4) == 0 ? random.nextInt(20) : random.nextInt(3));
        for (int i = 0; i < frames; i++) {
            message.add(bytes());
        }
        return message;
    }

    private byte[] bytes() {
        byte[] bytes =
                switch (random.nextInt(20)) {
                    case 0 -> new byte[random.nextInt(300_000)];
                    case 1, 2, 3, 4 -> new byte[random.nextInt(5_000)];
                    case 5, 6 -> new byte[250 + random.nextInt(12)];
                    case 7, 8, 9 -> new byte[0];
                    default -> new byte[random.nextInt(400)];
                };
        random.nextBytes(bytes);
        return bytes;
    }

    private void note(Party party, String what) {
        transcript.add(party.name + " " + what);
    }

    // ---- the broker's part, on its loop: what it answers depends on the message alone ----

    private static int answers(boolean dealer, int frames, int bytes) {
        return dealer ? (frames + bytes) % 3 : 1;
    }

    private static void answer(Connection connection, Frames message) {
        boolean dealer = connection.socketType() == io.jackfield.broker.transport.SocketType.DEALER;
        Frames said = dealer ? message : message.tail(1);
        int answers = answers(dealer, said.count(), said.bodyBytes());
        for (int i = 0; i < answers; i++) {
            MessageWriter writer = connection.message();
            if (!dealer) {
                writer.empty();
            }
            switch ((said.bodyBytes() + i) % 4) {
                case 0 -> writer.end(said);
                case 1 -> writer.frame((long) said.bodyBytes()).end(said);
                case 2 -> writer.frame(said.part(0)).empty().end(said.part(said.count() - 1));
                default -> writer.frame(said.joined()).end(new byte[] {(byte) i});
            }
        }
    }

    private static String digest(Frames message) {
        return message.parts().stream().map(PortConversation::digest).collect(Collectors.joining(" "));
    }

    private static String digest(List<byte[]> message) {
        return message.stream().map(frame -> digest(ByteBuffer.wrap(frame))).collect(Collectors.joining(" "));
    }

    private static String digest(ByteBuffer part) {
        byte[] bytes = new byte[part.remaining()];
        part.get(part.position(), bytes);
        return bytes.length + ":" + Integer.toHexString(Arrays.hashCode(bytes));
    }
}
