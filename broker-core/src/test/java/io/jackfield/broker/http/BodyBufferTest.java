package io.jackfield.broker.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class BodyBufferTest {
    /** What is charged beforehand is what is taken, and never much more than has arrived or than is to come. */
    @Test
    void shouldTakeAsMuchMemoryAsItSaysAndNotMuchMoreThanArrived() {
        int announced = 100_000;
        BodyBuffer body = new BodyBuffer(announced);
        assertEquals(0, body.capacity());
        for (int arrived = 1_000; arrived <= announced; arrived += 1_000) {
            int capacity = body.capacityWith(1_000);
            body.add(Unpooled.wrappedBuffer(new byte[1_000]));
            assertEquals(capacity, body.capacity());
            assertTrue(
                    capacity >= arrived && capacity <= Math.max(16 << 10, 2 * arrived), capacity + " for " + arrived);
        }
        assertEquals(announced, body.capacity());
        assertEquals(announced, body.frame().bodyBytes());
    }

    @Test
    void shouldTakeMoreThanWasExpected() {
        BodyBuffer body = new BodyBuffer(3);
        body.add(Unpooled.copiedBuffer("abcd", StandardCharsets.US_ASCII));
        body.add("efgh");
        assertEquals("abcdefgh", new String(body.frame().joined(), StandardCharsets.US_ASCII));
    }
}
