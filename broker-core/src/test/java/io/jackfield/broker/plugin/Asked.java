package io.jackfield.broker.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.jackfield.broker.model.Envelope;
import io.jackfield.broker.model.Reply;
import io.jackfield.broker.model.ReplyRoute;
import io.jackfield.broker.model.RequestSink;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One request of a test, and what came back. */
final class Asked implements ReplyRoute {
    static final long WAIT_S = 20;

    private record Partial(Reply reply) {}

    private final BlockingQueue<Object> heard = new LinkedBlockingQueue<>();

    /** Set and used on the loop. */
    private @Nullable Envelope envelope;

    void begin(RequestSink sink, Envelope asked) {
        envelope = asked;
        sink.accept(asked);
    }

    void cancel() {
        if (envelope != null) {
            envelope.cancel(Failure.of(ErrorCode.CANCELLED, "the test cancelled", ""));
        }
    }

    @Override
    public void partial(Reply reply) {
        heard.add(new Partial(kept(reply)));
    }

    @Override
    public void complete(Reply reply) {
        heard.add(kept(reply));
    }

    @Override
    public void fail(Failure failure) {
        heard.add(failure);
    }

    Reply reply() throws InterruptedException {
        return next(Reply.class);
    }

    String text() throws InterruptedException {
        return text(reply());
    }

    String partialText() throws InterruptedException {
        return text(next(Partial.class).reply());
    }

    /** Waits for the end; true if it is a reply. */
    boolean isAnswered() throws InterruptedException {
        Object end = heard.poll(WAIT_S, TimeUnit.SECONDS);
        assertNotNull(end, "no answer within " + WAIT_S + " s");
        return end instanceof Reply;
    }

    Failure failure(ErrorCode code) throws InterruptedException {
        Failure failure = next(Failure.class);
        assertEquals(code, failure.code(), failure::cause);
        return failure;
    }

    void assertNothingMore() {
        assertNull(heard.peek(), () -> "heard " + heard.peek());
    }

    static String text(Reply reply) {
        return new String(reply.body().joined(), StandardCharsets.UTF_8);
    }

    private <T> T next(Class<T> kind) throws InterruptedException {
        Object next = heard.poll(WAIT_S, TimeUnit.SECONDS);
        assertNotNull(next, "no answer within " + WAIT_S + " s");
        assertEquals(kind, next.getClass(), next::toString);
        return kind.cast(next);
    }

    private static Reply kept(Reply reply) {
        return new Reply(reply.headers(), reply.body().kept(), reply.object(), reply.earlyExit());
    }
}
