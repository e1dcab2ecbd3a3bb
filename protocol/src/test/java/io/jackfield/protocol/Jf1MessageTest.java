package io.jackfield.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class Jf1MessageTest {
    private static final List<ByteBuffer> BODY = List.of(Utf8.encode("body"));

    @Test
    void shouldMakeEachCommandByItsFactory() {
        ServiceDeclaration echo = ServiceDeclaration.of("echo");
        Jf1Message ready = Jf1Message.ready(2500, 16, Headers.EMPTY, List.of(echo));

        assertEquals(vector("ready-one-service"), ready);
        assertEquals(List.of(echo), ready.declarations());
        assertEquals(
                vector("welcome"),
                Jf1Message.welcome(2500, 1, Headers.of("broker-id", "b-1", "body-bytes-max", "16777216")));
        assertEquals(
                vector("request"),
                Jf1Message.request(1, "echo", Headers.EMPTY, List.of(Utf8.encode("hello")))
                        .withTimeMs(5000));
        assertEquals(
                vector("request-second-attempt-to-a-worker"),
                Jf1Message.request(9, "is-prime", Headers.EMPTY, List.of(Utf8.encode("97")))
                        .withId(4)
                        .withTimeMs(4999)
                        .withCount(2)
                        .withFlags(Flags.IDEMPOTENT));
        assertEquals(
                vector("reply-early-exit"),
                Jf1Message.reply(3, Flags.EARLY_EXIT, Headers.EMPTY, List.of(Utf8.encode("enough"))));
        assertEquals(vector("cancel-maximum"), Jf1Message.cancel(-1));
        assertEquals(vector("heartbeat-answer-this"), Jf1Message.heartbeat(true));
        assertEquals(vector("heartbeat-an-answer"), Jf1Message.heartbeat(false));
        assertEquals(vector("drain-maximum"), Jf1Message.drain(65535));
        assertEquals(vector("disconnect-with-a-reason"), Jf1Message.disconnect(11));
    }

    @Test
    void shouldRefuseToMakeWhatCouldNotBeDecoded() {
        Jf1Message request = Jf1Message.request(1, "echo", Headers.EMPTY, BODY);

        assertThrows(IllegalArgumentException.class, () -> Jf1Message.request(0, "echo", Headers.EMPTY, BODY));
        assertThrows(IllegalArgumentException.class, () -> Jf1Message.request(1, "a b", Headers.EMPTY, BODY));
        assertThrows(IllegalArgumentException.class, () -> Jf1Message.request(1, "echo", Headers.EMPTY, List.of()));
        assertThrows(
                IllegalArgumentException.class,
                () -> Jf1Message.request(1, "echo", Headers.EMPTY, Collections.nCopies(65, BODY.get(0))));
        assertThrows(IllegalArgumentException.class, () -> Jf1Message.ready(1, 0, Headers.EMPTY, services(1)));
        assertThrows(IllegalArgumentException.class, () -> Jf1Message.ready(1, 1, Headers.EMPTY, services(65)));
        assertThrows(IllegalArgumentException.class, () -> Jf1Message.cancel(0));
        assertThrows(IllegalArgumentException.class, () -> Jf1Message.disconnect(65536));
        assertThrows(IllegalArgumentException.class, () -> request.withId(0));
        assertThrows(IllegalArgumentException.class, () -> request.withFlags(Flags.PARTIAL));
        assertThrows(IllegalArgumentException.class, () -> request.withTimeMs(-1));
        assertThrows(
                IllegalArgumentException.class,
                () -> request.withHeader(Jf1Message.cancel(1).header()));
        assertThrows(
                IllegalArgumentException.class,
                () -> Jf1Message.of(
                        new FixedHeader(Command.REPLY, Flags.OBJECT, 0, 1, 0, 0),
                        "",
                        Headers.EMPTY,
                        List.of(BODY.get(0), BODY.get(0))));
    }

    @Test
    void shouldRefuseToWriteAnObjectInRawFraming() {
        Jf1Message object = Jf1Message.reply(1, Flags.OBJECT, Headers.EMPTY, BODY);

        assertTrue(object.isObject());
        assertThrows(IllegalArgumentException.class, () -> RawFraming.encode(object));
    }

    @Test
    void shouldKeepItsBodyWhenTheGivenBufferMovesOn() {
        ByteBuffer given = Utf8.encode("body");
        Jf1Message message = Jf1Message.reply(1, Flags.NONE, Headers.EMPTY, List.of(given));

        given.position(4);

        assertEquals(BODY, message.body());
        assertEquals(4, message.bodyBytes());
    }

    @Test
    void shouldReadAFailureWithACodeOfTheFuture() {
        Failure failure = vector("failure-of-an-unknown-code").failure();

        assertEquals(ErrorCode.INTERNAL_ERROR, failure.code());
        assertEquals("code 65535: etwas Neues: é", failure.cause());
        assertEquals("update the kit", failure.hint());
        assertEquals(Limits.U32_MAX, failure.retryAfterMs());
        assertThrows(
                IllegalStateException.class, () -> Jf1Message.heartbeat(true).failure());
    }

    @Test
    void shouldTellTheFailureThatAnswersABadMessage() {
        ProtocolException refusal = assertThrows(ProtocolException.class, () -> RawFraming.decode(List.of()));

        assertEquals("fixed header: 0 bytes (expected: 24)", refusal.failure().cause());
        assertEquals(ErrorCode.BAD_MESSAGE, refusal.failure().code());
        assertFalse(refusal.failure().hint().isEmpty());
    }

    @Test
    void shouldNotNeedKryoOutsideItsPackage() throws IOException {
        List<String> offenders = new ArrayList<>();
        try (Stream<Path> classes = Files.list(Path.of("target", "classes", "io", "jackfield", "protocol"))) {
            for (Path file : classes.filter(Files::isRegularFile).toList()) {
                String content = Files.readString(file, StandardCharsets.ISO_8859_1);
                if (content.contains("com/esotericsoftware") || content.contains("io/jackfield/protocol/kryo/")) {
                    offenders.add(file.getFileName().toString());
                }
            }
        }
        assertEquals(List.of(), offenders);
    }

    private static List<ServiceDeclaration> services(int count) {
        List<ServiceDeclaration> services = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            services.add(ServiceDeclaration.of("s" + i));
        }
        return services;
    }

    private static Jf1Message vector(String name) {
        return Vector.read("jf1-kryo.txt").stream()
                .filter(vector -> vector.text("vector").equals(name))
                .findFirst()
                .orElseThrow()
                .message();
    }
}
