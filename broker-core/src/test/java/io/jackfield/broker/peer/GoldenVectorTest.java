package io.jackfield.broker.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.peer.Vectors.Vector;
import io.jackfield.broker.transport.SocketType;
import io.jackfield.protocol.Command;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Framing;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Jf1Message;
import io.jackfield.protocol.ServiceName;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The golden vectors, driven through whole peers. */
final class GoldenVectorTest {
    private static final String RAW_HEARTBEAT = "0x4a4631520700000000000000000000000000000000010000";
    private static final String KRYO_HEARTBEAT =
            "0x164a46314b070000000000000000000000000000000001000000000000000000000000";

    static List<Vector> invalid() {
        return Vectors.read("jf1-invalid.txt");
    }

    static List<Vector> failures() {
        return Vectors.read("failures.txt");
    }

    static Stream<Vector> valid(Command command) {
        return Stream.concat(Vectors.read("jf1-raw.txt").stream(), Vectors.read("jf1-kryo.txt").stream())
                .filter(vector -> vector.one("command").equals(command.name()));
    }

    static Stream<Vector> validReadies() {
        return valid(Command.READY);
    }

    static Stream<Vector> validRequests() {
        return valid(Command.REQUEST);
    }

    static Stream<Vector> validReplies() {
        return valid(Command.REPLY);
    }

    @ParameterizedTest
    @MethodSource("invalid")
    void shouldAnswerAnInvalidMessageWithItsCodeAndIdAndGoOn(Vector vector) {
        Bench bench = new Bench();
        Jf1TestPeer peer = decided(bench, framing(vector));

        peer.wire.says(vector.frames("frame").toArray());

        peer.hearsFailure(Long.parseUnsignedLong(vector.one("id")), ErrorCode.valueOf(vector.one("error")));
        peer.wire.hearsNothing();
        assertEquals(1, bench.count(PeerEvent.BAD_MESSAGE));
        peer.joined(1, "still-here");
    }

    @ParameterizedTest
    @MethodSource("failures")
    void shouldTellAFailureInEachDialect(Vector vector) {
        Bench bench = new Bench();
        Failure failure = new Failure(
                ErrorCode.valueOf(vector.one("name")),
                vector.text("cause"),
                vector.text("hint"),
                Long.parseLong(vector.one("retry-after-ms")));
        bench.dispatcher.routes().add("failing", envelope -> envelope.fail(failure));
        bench.dispatcher.routes().add("default", envelope -> envelope.fail(failure));
        long id = Long.parseUnsignedLong(vector.one("id"));
        TestPeer plain = bench.connect(SocketType.REQ);
        TestPeer mdp = bench.connect(SocketType.REQ);
        Jf1TestPeer raw = bench.connectJf1(Framing.RAW);
        Jf1TestPeer kryo = bench.connectJf1(Framing.KRYO);

        plain.says("", "x");
        mdp.says("", "MDPC01", "failing", "x");
        // Not every id of a failure can be that of a request.
        long asked = id == 0 ? 1 : id;
        raw.asks(asked, "failing", "x");
        kryo.asks(asked, "failing", "x");

        String line = vector.text("error-line");
        assertEquals(List.of("", line), plain.hears());
        assertEquals(List.of("", "MDPC01", "failing", line), mdp.hears());
        if (asked == id) {
            assertEquals(vector.all("raw-frame"), hex(raw.wire.hearsBytes()));
            assertEquals(vector.all("kryo-frame"), hex(kryo.wire.hearsBytes()));
        }
    }

    @ParameterizedTest
    @MethodSource("validReadies")
    void shouldWelcomeEveryValidReady(Vector vector) {
        Bench bench = new Bench();
        Jf1TestPeer peer = new Jf1TestPeer(bench.connect(SocketType.DEALER), framing(vector));

        peer.wire.says(vector.frames("frame").toArray());

        assertEquals(
                vector.all("body").size(), peer.hears(Command.WELCOME).header().count());
        int credit = Integer.parseInt(vector.one("count"));
        assertEquals(
                Math.min(credit, 1024),
                bench.dispatcher.snapshot().workers().get(0).credit());
    }

    @ParameterizedTest
    @MethodSource("validRequests")
    void shouldPassOnEveryValidRequestOfAClient(Vector vector) {
        Bench bench = new Bench();
        boolean reserved = ServiceName.isReserved(vector.one("service"));
        Jf1TestPeer worker = bench.connectJf1(Framing.KRYO).joined(1, reserved ? "other" : vector.one("service"));
        Jf1TestPeer client = new Jf1TestPeer(bench.connect(SocketType.DEALER), framing(vector));

        client.wire.says(vector.frames("frame").toArray());

        boolean toWorker = !vector.one("count").equals("0");
        if (toWorker || reserved) {
            ErrorCode code = toWorker ? ErrorCode.BAD_MESSAGE : ErrorCode.NO_SUCH_SERVICE;
            client.hearsFailure(Long.parseUnsignedLong(vector.one("id")), code);
            return;
        }
        Jf1Message request = worker.hears(Command.REQUEST);
        assertEquals(Integer.parseInt(vector.one("flags")), request.header().flags());
        assertEquals(
                vector.all("body"),
                hex(request.body().stream().map(TestPeer::bytes).toList()));
        assertEquals(vector.all("header").size(), request.headers().size());
    }

    @ParameterizedTest
    @MethodSource("validReplies")
    void shouldTakeEveryValidReplyForAStrayOneWhereNothingIsInFlight(Vector vector) {
        Bench bench = new Bench();
        Jf1TestPeer worker = new Jf1TestPeer(bench.connect(SocketType.DEALER), framing(vector)).joined(1, "echo");

        worker.wire.says(vector.frames("frame").toArray());

        worker.wire.hearsNothing();
        assertEquals(1, bench.count(PeerEvent.STRAY_REPLY));
    }

    @Test
    void shouldFindVectorsOfEveryKind() {
        assertTrue(invalid().size() > 100);
        assertTrue(failures().size() > 10);
        assertTrue(validReadies().count() > 5);
        assertTrue(validRequests().count() > 5);
        assertTrue(validReplies().count() > 5);
    }

    /** A peer whose framing the broker knows, for an invalid first message could decide for another dialect. */
    private static Jf1TestPeer decided(Bench bench, Framing framing) {
        Jf1TestPeer peer = new Jf1TestPeer(bench.connect(SocketType.DEALER), framing);
        peer.wire.says(framing == Framing.RAW ? RAW_HEARTBEAT : KRYO_HEARTBEAT);
        peer.hearsFailure(0, ErrorCode.NOT_READY);
        return peer;
    }

    private static Framing framing(Vector vector) {
        return Framing.valueOf(vector.one("framing").toUpperCase(Locale.ROOT));
    }

    private static List<String> hex(List<byte[]> frames) {
        return frames.stream().map(HexFormat.of()::formatHex).toList();
    }

    @Test
    void shouldPassHeadersThroughAsTheyAre() {
        Bench bench = new Bench();
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW).joined(1, "echo");
        Headers headers = Headers.of("z", "", "a", "value with : and spaces ", "hint", "kept");

        bench.connectJf1(Framing.KRYO).says(Jf1Message.request(1, "echo", headers, Jf1TestPeer.parts("x")));

        assertEquals(headers, worker.hears(Command.REQUEST).headers());
    }
}
