package io.jackfield.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class HandlerTest {

    @Test
    void shouldWaitForAnAsynchronousReplyWhenCalledAsAPlainHandler() throws Exception {
        AsyncHandler handler = (request, context) -> CompletableFuture.supplyAsync(() -> Reply.text("late"));

        Reply reply = handler.handle(Request.of("s", new byte[0]), new NoContext());

        assertArrayEquals(new byte[] {'l', 'a', 't', 'e'}, reply.body());
    }

    @Test
    void shouldThrowWhatTheStageEndedWith() {
        IOException cause = new IOException("gone");
        AsyncHandler handler = (request, context) -> CompletableFuture.failedFuture(cause);

        assertSame(
                cause,
                assertThrows(IOException.class, () -> handler.handle(Request.of("s", new byte[0]), new NoContext())));
    }

    @Test
    void shouldRefuseACodeThatCannotBeInTheRegistry() {
        assertThrows(IllegalArgumentException.class, () -> new HandlerException("bad request", "", ""));
        HandlerException failure = new HandlerException("OVERLOADED", "no more room", "come back");
        assertEquals(
                "OVERLOADED no more room come back",
                failure.code() + " " + failure.getMessage() + " " + failure.hint());
    }

    private static final class NoContext implements HandlerContext {
        @Override
        public boolean partial(Reply reply) {
            return false;
        }

        @Override
        public Instant deadline() {
            return Instant.MAX;
        }

        @Override
        public Duration remaining() {
            return Duration.ZERO;
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public Map<String, String> config() {
            return Map.of();
        }

        @Override
        public System.Logger logger() {
            return System.getLogger("test");
        }
    }
}
