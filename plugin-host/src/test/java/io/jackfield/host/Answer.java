package io.jackfield.host;

import io.jackfield.api.Reply;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** Listens to one call, and notices when it is told of a second end. */
final class Answer implements CallListener {

    static final long WAIT_SECONDS = 20;

    final List<String> partials = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Object> end = new CompletableFuture<>();

    @Override
    public void partial(Reply reply) {
        if (end.isDone()) {
            throw new IllegalStateException("partial reply after the end");
        }
        partials.add(new String(reply.body(), StandardCharsets.UTF_8));
    }

    @Override
    public void complete(Reply reply) {
        end(reply);
    }

    @Override
    public void fail(Failure failure) {
        end(failure);
    }

    private void end(Object what) {
        if (!end.complete(what)) {
            throw new IllegalStateException("second end: " + what);
        }
    }

    boolean ended() {
        return end.isDone();
    }

    Reply reply() throws Exception {
        Object what = end.get(WAIT_SECONDS, TimeUnit.SECONDS);
        if (what instanceof Reply reply) {
            return reply;
        }
        throw new AssertionError("expected a reply: " + what);
    }

    String text() throws Exception {
        return new String(reply().body(), StandardCharsets.UTF_8);
    }

    Failure failure() throws Exception {
        Object what = end.get(WAIT_SECONDS, TimeUnit.SECONDS);
        if (what instanceof Failure failure) {
            return failure;
        }
        throw new AssertionError("expected a failure: " + what);
    }

    ErrorCode code() throws Exception {
        return failure().code();
    }

    /** The reply's text, or the name of the failure. */
    String outcome() throws Exception {
        return end.get(WAIT_SECONDS, TimeUnit.SECONDS) instanceof Failure ? code().name() : text();
    }
}
