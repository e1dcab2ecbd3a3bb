package io.jackfield.broker.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.api.Handler;
import io.jackfield.api.HandlerContext;
import io.jackfield.api.HandlerException;
import io.jackfield.api.Reply;
import io.jackfield.api.Request;
import io.jackfield.broker.model.Envelope.Traits;
import io.jackfield.broker.model.Frames;
import io.jackfield.host.HostedHandler;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a handler is asked and what becomes of its answer, on threads of its own and on the loop alike. */
final class LocalWorkerTest {
    enum Where {
        THREADED,
        INLINE;

        HostedHandler of(String service, Handler handler) throws InterruptedException {
            return this == THREADED ? Served.threaded(service, 4, handler) : Served.inline(service, 4, handler);
        }
    }

    private static final Frames BODY = Frames.of("body".getBytes(StandardCharsets.UTF_8));

    private final Bench bench = new Bench();

    @AfterEach
    void close() throws Exception {
        try {
            bench.awaitNothingInFlight();
        } finally {
            bench.close();
        }
    }

    private Asked ask(Where where, Handler handler) throws Exception {
        return ask(where, Headers.EMPTY, Traits.NONE, handler);
    }

    private Asked ask(Where where, Headers headers, Traits traits, Handler handler) throws Exception {
        Served.of(bench, where.of("s", handler));
        return bench.ask("s", headers, BODY, traits);
    }

    @ParameterizedTest
    @EnumSource
    void shouldRunWhereTheHandlerDeclares(Where where) throws Exception {
        Asked asked = ask(
                where,
                (request, context) -> Reply.text(request.service() + " " + request.text() + " "
                        + Thread.currentThread().getName()));

        assertEquals(where == Where.INLINE ? "s body plugin-test" : "s body s-1", asked.text());
        asked.assertNothingMore();
    }

    @ParameterizedTest
    @EnumSource
    void shouldCarryHeadersContentTypePartsAndEarlyExitBothWays(Where where) throws Exception {
        Headers headers = Headers.of("content-type", "text/x", "tenant", "t 1");
        Asked asked = ask(where, headers, Traits.NONE, (request, context) -> Reply.ofParts(List.of(
                        ByteBuffer.wrap(request.headers().toString().getBytes(StandardCharsets.UTF_8)),
                        ByteBuffer.allocate(0)))
                .withContentType(request.contentType().orElseThrow() + "-out")
                .withHeader("etag", "7")
                .withEarlyExit());

        io.jackfield.broker.model.Reply reply = asked.reply();
        assertEquals(Headers.of("content-type", "text/x-out", "etag", "7"), reply.headers());
        assertEquals(2, reply.body().count());
        assertEquals(0, reply.body().partBytes(1));
        assertEquals("{content-type=text/x, tenant=t 1}", Asked.text(reply));
        assertTrue(reply.earlyExit());
        assertFalse(reply.object());
    }

    @ParameterizedTest
    @EnumSource
    void shouldTellAnObjectByItsContentTypeBothWays(Where where) throws Exception {
        Traits object = new Traits(0, false, true, false);
        Asked asked = ask(where, Headers.EMPTY, object, (request, context) -> Reply.of(request.body())
                .withContentType(request.contentType().orElse("none")));

        io.jackfield.broker.model.Reply reply = asked.reply();
        assertTrue(reply.object());
        assertEquals(Headers.of("content-type", "application/x-kryo"), reply.headers());
    }

    @ParameterizedTest
    @EnumSource
    void shouldTakeAnObjectWithAsManyHeadersAsThereMayBe(Where where) throws Exception {
        String[] headers = Stream.iterate(0, i -> i + 1)
                .limit(64)
                .flatMap(i -> Stream.of("h" + i, "v"))
                .toArray(String[]::new);
        Asked asked = ask(
                where,
                Headers.of(headers),
                new Traits(0, false, true, false),
                (request, context) -> Reply.text("" + request.headers().size()));

        assertEquals("64", asked.text());
    }

    @ParameterizedTest
    @EnumSource
    void shouldPassPartialRepliesOnInOrder(Where where) throws Exception {
        Asked asked = ask(where, (request, context) -> {
            for (int i = 0; i < 100; i++) {
                assertTrue(context.partial(Reply.text("part " + i)));
            }
            return Reply.text("end");
        });

        for (int i = 0; i < 100; i++) {
            assertEquals("part " + i, asked.partialText());
        }
        assertEquals("end", asked.text());
        asked.assertNothingMore();
    }

    @ParameterizedTest
    @EnumSource
    void shouldTellWhatTheHandlerThrew(Where where) throws Exception {
        Served.of(
                bench,
                where.of("plain", (request, context) -> {
                    throw new IllegalStateException("no database");
                }),
                where.of("typed", (request, context) -> {
                    throw HandlerException.badRequest("n: x (expected: a number)", "give a number");
                }),
                where.of("unknown", (request, context) -> {
                    throw new HandlerException("OUT_OF_TEA", "the pot is empty", "");
                }),
                where.of("nothing", LocalWorkerTest::nothing));

        assertTrue(bench.ask("plain", "")
                .failure(ErrorCode.HANDLER_FAILED)
                .cause()
                .contains("IllegalStateException: no database"));
        assertEquals(
                Failure.of(ErrorCode.BAD_REQUEST, "n: x (expected: a number)", "give a number"),
                bench.ask("typed", "").failure(ErrorCode.BAD_REQUEST));
        assertEquals(
                "OUT_OF_TEA: the pot is empty",
                bench.ask("unknown", "").failure(ErrorCode.HANDLER_FAILED).cause());
        assertTrue(bench.ask("nothing", "")
                .failure(ErrorCode.HANDLER_FAILED)
                .cause()
                .contains("returned null"));
    }

    @ParameterizedTest
    @EnumSource
    void shouldSurviveErrorsOfAHandler(Where where) throws Exception {
        List<Error> errors = List.of(
                new OutOfMemoryError("of the plugin"),
                new StackOverflowError(),
                new NoClassDefFoundError("gone/Away"),
                new AssertionError("never"));
        Served.of(bench, where.of("s", (request, context) -> {
            if (request.text().equals("ok")) {
                return Reply.text("fine");
            }
            throw errors.get(Integer.parseInt(request.text()));
        }));

        // More often than the handler has credit: each must come back.
        for (int i = 0; i < 3 * errors.size(); i++) {
            Failure failure = bench.ask("s", "" + i % errors.size()).failure(ErrorCode.HANDLER_FAILED);
            assertTrue(
                    failure.cause()
                            .contains(errors.get(i % errors.size()).getClass().getName()),
                    failure::cause);
        }
        assertEquals("fine", bench.ask("s", "ok").text());
    }

    @ParameterizedTest
    @EnumSource
    void shouldFailARequestWhoseReplyNobodyCouldCarry(Where where) throws Exception {
        Reply wide = Reply.text("x");
        for (int i = 0; i < 3; i++) {
            wide = wide.withHeader("h" + i, "v".repeat(4000));
        }
        Reply tooWide = wide;
        assertUnfit(where, ErrorCode.HANDLER_FAILED, "header block: 12", () -> tooWide);
        assertUnfit(where, ErrorCode.HANDLER_FAILED, "replied with 65 body parts (expected: 1 to 64)", () -> parts(65));
        assertUnfit(
                where,
                ErrorCode.HANDLER_FAILED,
                "replied with 2 body parts (expected: 1 with content type application/x-kryo)",
                () -> parts(2).withContentType(Headers.CONTENT_TYPE_KRYO));
        assertUnfit(
                where,
                ErrorCode.TOO_LARGE,
                "replied with 100001 bytes (expected: at most 100000, body-bytes-max)",
                () -> Reply.of(new byte[Served.BODY_BYTES_MAX + 1]));
    }

    private void assertUnfit(Where where, ErrorCode code, String cause, Supplier<Reply> reply) throws Exception {
        try (Served served = Served.of(bench, where.of("final", (request, context) -> reply.get()))) {
            Failure failure = bench.ask("final", "").failure(code);
            assertTrue(failure.cause().contains(cause), failure::cause);
            bench.awaitNothingInFlight();
            bench.onLoop(() -> {
                served.generation.abandon("end of the test");
                return true;
            });
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldLetTheHandlerSeeThatItsPartialReplyCannotBeCarried(Where where) throws Exception {
        Asked asked = ask(where, (request, context) -> {
            context.partial(parts(65));
            return Reply.text("not reached");
        });

        assertTrue(asked.failure(ErrorCode.HANDLER_FAILED).cause().contains("replied with 65 body parts"));
    }

    @ParameterizedTest
    @EnumSource
    void shouldCarryTheLargestReply(Where where) throws Exception {
        Asked asked = ask(where, (request, context) -> Reply.of(new byte[Served.BODY_BYTES_MAX]));

        assertEquals(Served.BODY_BYTES_MAX, asked.reply().body().bodyBytes());
    }

    @ParameterizedTest
    @EnumSource
    void shouldCutAFailureOfAnyLength(Where where) throws Exception {
        Asked asked = ask(where, (request, context) -> {
            throw new HandlerException("BAD_REQUEST", "c".repeat(1_000_000), "h".repeat(1_000_000));
        });

        Failure failure = asked.failure(ErrorCode.BAD_REQUEST);
        assertEquals(4096, failure.cause().length());
        assertEquals(4096, failure.hint().length());
    }

    @SuppressWarnings("NullAway") // what a handler must not do
    private static Reply nothing(Request request, HandlerContext context) {
        return null;
    }

    private static Reply parts(int count) {
        return Reply.ofParts(Collections.nCopies(count, ByteBuffer.allocate(1)));
    }
}
