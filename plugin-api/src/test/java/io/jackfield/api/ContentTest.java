package io.jackfield.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ContentTest {

    @Test
    void shouldGiveTheSameBytesAsArrayAsBufferAsPartsAndAsText() {
        Request request = Request.of("s", List.of(utf8("grü"), utf8("ße")), Map.of());

        assertEquals("grüße", request.text());
        assertArrayEquals("grüße".getBytes(StandardCharsets.UTF_8), request.body());
        assertEquals(utf8("grüße"), request.buffer());
        assertEquals(List.of(utf8("grü"), utf8("ße")), request.parts());
    }

    @Test
    void shouldTellItsLengthAndItsPartsAndCopyThem() {
        Reply whole = Reply.of(new byte[] {1, 2, 3}).withContentType("x");
        Reply parts = Reply.ofParts(List.of(utf8("grü"), utf8("ße")));
        ByteBuffer copy = ByteBuffer.allocate(12).position(1);
        whole.copyTo(copy);
        parts.copyTo(copy);

        assertEquals(11, copy.position());
        assertEquals("grüße", StandardCharsets.UTF_8.decode(copy.slice(4, 7)).toString());
        assertEquals(List.of(3, 1), List.of(whole.length(), whole.partCount()));
        assertEquals(List.of(7, 2), List.of(parts.length(), parts.partCount()));
        assertEquals(3, Request.of("s", new byte[3]).length());
        assertThrows(BufferOverflowException.class, () -> parts.copyTo(copy));
    }

    @Test
    void shouldGiveEveryReaderPositionsOfItsOwn() {
        Request request = Request.of("s", new byte[] {1, 2, 3});
        request.buffer().get();
        request.parts().get(0).get();

        assertEquals(3, request.buffer().remaining());
        assertEquals(3, request.parts().get(0).remaining());
        assertThrows(ReadOnlyBufferException.class, () -> request.buffer().put((byte) 0));
        assertThrows(ReadOnlyBufferException.class, () -> request.parts().get(0).put((byte) 0));
    }

    @Test
    void shouldTakeAPartFromPositionToLimitOfADirectBuffer() {
        ByteBuffer direct = ByteBuffer.allocateDirect(8).put(new byte[] {0, 1, 2, 3, 4, 5, 6, 7});
        direct.position(2).limit(5);
        Reply reply = Reply.ofParts(List.of(direct));
        direct.position(0);

        assertArrayEquals(new byte[] {2, 3, 4}, reply.body());
    }

    @Test
    void shouldSayThatBytesAreNotText() {
        Request request = Request.of("s", new byte[] {'a', (byte) 0xff});

        HandlerException refusal = assertThrows(HandlerException.class, request::text);
        assertEquals("BAD_REQUEST", refusal.code());
        assertEquals("the body of 2 bytes is not UTF-8 (expected: text in UTF-8)", refusal.getMessage());
    }

    @Test
    void shouldRefuseABodyWithoutAnyPart() {
        assertThrows(IllegalArgumentException.class, () -> Reply.ofParts(List.of()));
        assertThrows(IllegalArgumentException.class, () -> Request.of("s", List.of(), Map.of()));
    }

    @Test
    void shouldLeaveTheReplyAloneThatANewOneIsMadeFrom() {
        Reply plain = Reply.of(new byte[0]);
        Reply typed = plain.withContentType("a/b").withHeader("x.y-1", "z").withContentType("c/d");

        assertEquals(Optional.empty(), plain.contentType());
        assertEquals(Optional.of("c/d"), typed.contentType());
        assertEquals(Map.of("content-type", "c/d", "x.y-1", "z"), typed.headers());
        assertFalse(typed.earlyExit());
        assertTrue(typed.withEarlyExit().earlyExit());
        assertEquals(typed.headers(), typed.withEarlyExit().headers());
    }

    @Test
    void shouldRefuseWhatCannotBeAHeader() {
        Reply reply = Reply.text("");
        for (String name : List.of("", "Upper", "a b", "a:b", "-a", ".a", "ä", "a".repeat(65))) {
            assertThrows(IllegalArgumentException.class, () -> reply.withHeader(name, "v"), name);
        }
        for (String value : List.of("a\nb", "\u0000", "\u007f", "ä".repeat(2049))) {
            assertThrows(IllegalArgumentException.class, () -> reply.withHeader("a", value), value);
        }
        assertEquals(
                "ä".repeat(2048),
                reply.withHeader("a".repeat(64), "ä".repeat(2048)).headers().get("a".repeat(64)));
    }

    @Test
    void shouldRefuseTheSixtyFifthHeader() {
        Map<String, String> headers = new HashMap<>();
        for (int i = 0; i < 64; i++) {
            headers.put("h" + i, "v");
        }
        Request full = Request.of("s", List.of(utf8("")), headers);
        assertEquals(64, full.headers().size());

        headers.put("h64", "v");
        assertThrows(IllegalArgumentException.class, () -> Request.of("s", List.of(utf8("")), headers));
    }

    private static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
