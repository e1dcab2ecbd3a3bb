package io.jackfield.broker.http;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.jackfield.broker.loop.netty.NettyLoop;
import io.jackfield.broker.model.Envelope;
import io.jackfield.broker.model.Frames;
import io.jackfield.broker.model.Reply;
import io.jackfield.broker.model.RequestSink;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Takes requests in place of the dispatcher: keeps each for the test to answer, or answers at once what the test told it to. */
final class FakeSink implements RequestSink {
    private static final long DEADLINE_S = 10;

    final BlockingQueue<Failure> cancelled = new LinkedBlockingQueue<>();
    private final BlockingQueue<Envelope> taken = new LinkedBlockingQueue<>();
    private final NettyLoop loop;
    private volatile Consumer<Envelope> behaviour = this::keep;

    FakeSink(NettyLoop loop) {
        this.loop = loop;
    }

    @Override
    public void accept(Envelope envelope) {
        behaviour.accept(envelope);
    }

    /** From now on every request is treated so, on the loop. */
    void behave(Consumer<Envelope> newBehaviour) {
        behaviour = newBehaviour;
    }

    /** From now on every request is kept for {@link #next}. */
    void keepAll() {
        behaviour = this::keep;
    }

    /** From now on every request is answered at once with its own body. */
    void echo() {
        behaviour = envelope -> envelope.complete(Reply.of(envelope.body()));
    }

    /** The next request that was kept. */
    Envelope next() throws InterruptedException {
        return assertNotNull1(taken.poll(DEADLINE_S, TimeUnit.SECONDS), "a request");
    }

    boolean hasNone() {
        return taken.isEmpty();
    }

    Failure nextCancelled() throws InterruptedException {
        return assertNotNull1(cancelled.poll(DEADLINE_S, TimeUnit.SECONDS), "a cancelled request");
    }

    void complete(Envelope envelope, String body) {
        loop.post(() -> envelope.complete(Reply.of(text(body))));
    }

    void complete(Envelope envelope, Headers headers, Frames body) {
        loop.post(() -> envelope.complete(new Reply(headers, body, false, false)));
    }

    void partial(Envelope envelope, String body) {
        loop.post(() -> envelope.partial(Reply.of(text(body))));
    }

    void fail(Envelope envelope, Failure failure) {
        loop.post(() -> envelope.fail(failure));
    }

    static Frames text(String text) {
        return Frames.of(text.getBytes(StandardCharsets.UTF_8));
    }

    static String body(Envelope envelope) {
        return new String(envelope.body().joined(), StandardCharsets.UTF_8);
    }

    private void keep(Envelope envelope) {
        envelope.keepBody();
        envelope.heldBy((held, why) -> {
            cancelled.add(why);
            held.fail(why);
        });
        taken.add(envelope);
    }

    private static <T> T assertNotNull1(T value, String what) {
        assertNotNull(value, what);
        return value;
    }
}
