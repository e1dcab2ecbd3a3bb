package io.jackfield.broker.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.jackfield.broker.plugin.LogTap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.SocketType;

/** What no well-behaved peer says, over real sockets, while a well-behaved client asks and asks. */
final class BadInputTest {
    private static final int BODY_BYTES_MAX = 64 << 10;
    private static final String LIMITS =
            """
            endpoints: [{bind: 'tcp://127.0.0.1:0', service: echo}]
            limits:
              frame-bytes-max: 72KiB
              message-bytes-max: 80KiB
              message-frames-max: 72
              body-bytes-max: 64KiB
              message-time: 300ms
              handshake-time: 300ms
              bad-messages-max: 5
              output-bytes-max: 512KiB
            """;

    private final RunningBroker broker;
    private final LogTap log = new LogTap("io.jackfield.broker");
    private final ExecutorService clientThread = Executors.newSingleThreadExecutor();
    private final AtomicBoolean over = new AtomicBoolean();
    private final CompletableFuture<Integer> wellBehaved;
    private final JsonNode refusedBefore;
    private final int linesBefore;

    BadInputTest(@TempDir Path temp) throws Exception {
        RunningBroker.plugin(temp, "echo", "Reply.ofParts(request.parts())");
        broker = RunningBroker.start(temp, LIMITS);
        CompletableFuture<Integer> started = new CompletableFuture<>();
        wellBehaved = CompletableFuture.supplyAsync(() -> askAndAsk(started), clientThread);
        assertEquals(1, started.get(RunningBroker.WAIT_S, TimeUnit.SECONDS));
        // JeroMQ's first connection now and then says nothing and is ended for it; the client comes again.
        refusedBefore = broker.view("refusals");
        linesBefore = log.lines("WARN").size();
    }

    /** The last question is asked when all the bad input is over. */
    private int askAndAsk(CompletableFuture<Integer> started) {
        int answered = 0;
        try (Wired req = new Wired(SocketType.REQ, address())) {
            boolean last;
            do {
                last = over.get();
                req.says("question " + answered);
                req.hears("question " + answered);
                answered++;
                started.complete(answered);
            } while (!last);
        }
        return answered;
    }

    @AfterEach
    void close() throws Exception {
        over.set(true);
        try {
            assertTrue(wellBehaved.get(RunningBroker.WAIT_S, TimeUnit.SECONDS) > 1);
            JsonNode echo = broker.view("services", "name", "echo");
            assertEquals(0, echo.path("failedByCode").path("INTERNAL_ERROR").asInt());
            assertEquals(0, broker.view("peer-events").path("INTERNAL_ERROR").asInt());
            assertEquals(List.of(), log.lines("ERROR "));
        } finally {
            clientThread.shutdownNow();
            log.close();
            broker.close();
        }
    }

    private String address() {
        return broker.endpoint(0);
    }

    private RawZmtp opened(String socketType) throws IOException {
        return RawZmtp.opened(address(), socketType);
    }

    private void assertEnded(RawZmtp peer, String refusal) throws Exception {
        peer.awaitEnd();
        int before = refusedBefore.path(refusal).asInt();
        assertEquals(before + 1, broker.view("refusals").path(refusal).asInt(), refusal);
        List<String> lines = log.lines("WARN");
        long told = lines.subList(linesBefore, lines.size()).stream()
                .filter(line -> line.contains(refusal))
                .count();
        assertEquals(1, told, () -> "log: " + lines);
        peer.close();
    }

    @Test
    void shouldEndWhatIsNotZeroMq() throws Exception {
        RawZmtp http = new RawZmtp(address());
        http.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" + "x".repeat(100));
        assertEnded(http, "NOT_ZMTP");
        assertEnded(new RawZmtp(address()), "HANDSHAKE_TIME");
        RawZmtp old = new RawZmtp(address());
        old.send(Wired.hex("ff00000000000000017f") + Wired.hex("0105") + "\0".repeat(60));
        assertEnded(old, "OLD_VERSION");
    }

    @Test
    void shouldEndAPeerWhoseFramesAreTooManyTooLongOrBroken() throws Exception {
        RawZmtp hostile = opened("DEALER");
        hostile.send("\2" + Wired.hex("7fffffffffffffff"));
        assertEnded(hostile, "FRAME_BYTES");
        RawZmtp long2 = opened("DEALER");
        long2.send("\3" + Wired.hex("0000000000010000") + "x".repeat(1 << 16));
        long2.send("\2" + Wired.hex("0000000000010000") + "x".repeat(1 << 16));
        assertEnded(long2, "MESSAGE_BYTES");
        RawZmtp endless = opened("DEALER");
        endless.send("\1\0".repeat(10_000));
        assertEnded(endless, "MESSAGE_FRAMES");
        RawZmtp flags = opened("DEALER");
        flags.send("\100\0");
        assertEnded(flags, "BAD_FRAME");
        RawZmtp slow = opened("DEALER");
        slow.send("\0\5ab");
        assertEnded(slow, "MESSAGE_TIME");
    }

    @Test
    void shouldCarryBodiesOfNothingAndOfTheMaximumAndRefuseOneByteMore() throws Exception {
        try (RawZmtp req = opened("REQ")) {
            req.message("", "");
            assertEquals(List.of("", ""), req.hears());
            String most = "m".repeat(BODY_BYTES_MAX);
            req.message("", most);
            assertEquals(List.of("", most), req.hears());
            req.message("", most + "m");
            assertTrue(req.hears().get(1).startsWith("JACKFIELD-ERROR 4 TOO_LARGE: "), "an error line");
            req.message("", "next");
            assertEquals(List.of("", "next"), req.hears());
        }
    }

    @Test
    void shouldAnswerWhatBreaksJf1AndGoOn() throws Exception {
        try (RawZmtp peer = opened("DEALER")) {
            peer.message(Jf1Bytes.header(Jf1Bytes.REQUEST, 1), "echo", "", "body");
            assertEquals("body", peer.hears().get(3));
            assertFailure(peer, 15, 2, "x".repeat(256), "");
            assertFailure(peer, 1, 3, "echo", "h:con\1trol\n");
            peer.message(Jf1Bytes.header(99, 4), "", "", "");
            assertEquals(2, Jf1Bytes.code(peer.hears().get(0)));
            peer.message(Jf1Bytes.header(Jf1Bytes.REQUEST, 5).replace("JF1R", "JF7R"), "echo", "", "x");
            assertEquals(3, Jf1Bytes.code(peer.hears().get(0)));
            peer.message(Jf1Bytes.header(Jf1Bytes.REQUEST, 6), "echo", "", "body");
            assertEquals("body", peer.hears().get(3));
            assertEquals(4, broker.view("peer-events").path("BAD_MESSAGE").asInt());
            assertEquals(1, log.lines("told once for this peer").size());
        }
    }

    private static void assertFailure(RawZmtp peer, int code, int id, String service, String headers)
            throws IOException {
        peer.message(Jf1Bytes.header(Jf1Bytes.REQUEST, id), service, headers, "x");
        String header = peer.hears().get(0);
        assertEquals(Jf1Bytes.FAILURE, Jf1Bytes.command(header));
        assertEquals(code, Jf1Bytes.code(header));
        assertEquals(id, Jf1Bytes.id(header));
    }

    /** What passes the limit is the request that is being read, so it is read on after the connection has ended. */
    @Test
    void shouldEndAWorkerThatAsksItselfAndDoesNotRead() throws Exception {
        RawZmtp peer = opened("DEALER");
        peer.message(Jf1Bytes.READY_1024, "", "", "name:mirror\nidempotent:true\n");
        String body = "m".repeat(BODY_BYTES_MAX);
        for (int id = 1; id <= 600; id++) {
            peer.message(Jf1Bytes.header(Jf1Bytes.REQUEST, id), "mirror", "", body);
        }
        assertEnded(peer, "SLOW_READER");
        JsonNode mirror = broker.view("services", "name", "mirror");
        assertEquals(0, mirror.path("inFlight").asInt());
    }

    @Test
    void shouldCloseAPeerThatSaysNothingButNonsense() throws Exception {
        RawZmtp peer = opened("DEALER");
        for (int i = 0; i < 6; i++) {
            peer.message("JF1R" + "\377".repeat(20), "x");
        }
        peer.awaitEnd();
        assertEquals(6, broker.view("peer-events").path("BAD_MESSAGE").asInt());
        RawZmtp mdp = opened("DEALER");
        for (int i = 0; i < 6; i++) {
            mdp.message("", "MDPW01", "\11", "what");
        }
        mdp.awaitEnd();
        assertEquals(2, log.lines("told once for this peer").size());
        peer.close();
        mdp.close();
    }

    @Test
    void shouldTellAnMdpClientThatItsServiceNameIsTooLong() throws Exception {
        try (RawZmtp req = opened("REQ")) {
            String name = "n".repeat(256);
            req.message("", "MDPC01", name, "x");
            List<String> frames = req.hears();
            assertEquals(List.of("", "MDPC01", name), frames.subList(0, 3));
            assertTrue(frames.get(3).startsWith("JACKFIELD-ERROR 15 BAD_SERVICE_NAME: "), frames.get(3));
        }
    }
}
