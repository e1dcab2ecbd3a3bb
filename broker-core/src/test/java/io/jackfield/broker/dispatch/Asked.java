package io.jackfield.broker.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.jackfield.broker.model.Envelope;
import io.jackfield.broker.model.Envelope.Traits;
import io.jackfield.broker.model.Frames;
import io.jackfield.broker.model.Reply;
import io.jackfield.broker.model.ReplyRoute;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request as its client sees it, and the route on which the answer comes. */
final class Asked implements ReplyRoute {
    final Envelope envelope;
    final String body;
    final List<String> partials = new ArrayList<>();
    private final byte[] wire;
    private final Runnable whenEnded;
    private @Nullable String reply;
    private @Nullable Failure failure;

    /** @param whenEnded runs inside the route, when the answer has come */
    Asked(String service, String body, Traits traits, Runnable whenEnded) {
        this(service, Headers.EMPTY, body, traits, whenEnded);
    }

    Asked(String service, Headers headers, String body, Traits traits, Runnable whenEnded) {
        this.body = body;
        Frames kept = Frames.of(body.getBytes(StandardCharsets.UTF_8));
        this.wire = new byte[kept.wireBytes()];
        kept.buffer().get(kept.start(), wire);
        Frames borrowed = Frames.borrowed(ByteBuffer.wrap(wire), 0, wire.length, 1);
        this.envelope = new Envelope(service, headers, borrowed, traits, this);
        this.whenEnded = whenEnded;
    }

    /** The call that brought the body is over: whoever has not kept it finds nonsense. */
    void spoilBody() {
        Arrays.fill(wire, (byte) 0xEE);
    }

    boolean ended() {
        return reply != null || failure != null;
    }

    void gotReply(String expected) {
        assertNull(failure, () -> "failed: " + failure);
        assertEquals(expected, reply);
    }

    void gotFailure(ErrorCode expected) {
        Failure got = failure;
        assertNull(reply);
        assertEquals(expected, got == null ? null : got.code(), () -> "got " + got);
    }

    Failure failure() {
        Failure got = failure;
        if (got == null) {
            throw new AssertionError("no failure came; reply: " + reply);
        }
        return got;
    }

    void waits() {
        assertNull(reply);
        assertNull(failure, () -> "failed: " + failure);
    }

    @Override
    public void partial(Reply part) {
        partials.add(text(part.body()));
    }

    @Override
    public void complete(Reply last) {
        once();
        reply = text(last.body());
        whenEnded.run();
    }

    @Override
    public void fail(Failure why) {
        once();
        failure = why;
        whenEnded.run();
    }

    private void once() {
        if (ended()) {
            throw new AssertionError("a second end; before: " + (reply == null ? failure : reply));
        }
    }

    static String text(Frames body) {
        return new String(body.joined(), StandardCharsets.UTF_8);
    }
}
