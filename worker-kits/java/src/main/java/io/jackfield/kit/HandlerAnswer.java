package io.jackfield.kit;

import io.jackfield.api.Reply;
import io.jackfield.host.CallListener;
import io.jackfield.host.HandlerCall;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Jf1Message;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** What a handler answers to one request, on its way to the broker that the request came from. Any thread. */
final class HandlerAnswer implements CallListener {
    private final WorkerSession session;
    private final WorkerSession.RequestKey key;
    final long begunNs;
    final long deadlineNs;
    private final UnaryOperator<Reply> signing;
    /** Why the request fails whatever else its handler says. It fails when the handler has let go of it, not before. */
    private volatile Optional<Failure> refusal = Optional.empty();

    private volatile Optional<HandlerCall> call = Optional.empty();
    private volatile boolean cancelled;

    /** @param signing what is done with each reply before it goes out */
    HandlerAnswer(
            WorkerSession session,
            WorkerSession.RequestKey key,
            long begunNs,
            long deadlineNs,
            UnaryOperator<Reply> signing) {
        this.session = session;
        this.key = key;
        this.begunNs = begunNs;
        this.deadlineNs = deadlineNs;
        this.signing = signing;
    }

    /** The call whose answer this is; it may have ended before. */
    void of(HandlerCall handlerCall) {
        call = Optional.of(handlerCall);
        if (refusal.isPresent()) {
            handlerCall.cancel();
        }
    }

    void cancel() {
        cancelled = true;
        // First those that wait to send: they may hold what the end of the call needs.
        session.wakeSenders();
        call.ifPresent(HandlerCall::cancel);
    }

    boolean isCancelled() {
        return cancelled;
    }

    /** A handler that is faster than the link waits here, at most until its deadline. */
    @Override
    public void partial(Reply reply) {
        if (refusal.isPresent()) {
            return;
        }
        Optional<Failure> tooLarge = tooLarge(reply);
        if (tooLarge.isPresent()) {
            refuse(tooLarge.get());
            return;
        }
        try {
            boolean sent = session.sendPartial(key, Contents.message(key.id(), signing.apply(reply), true), this);
            if (!sent && System.nanoTime() - deadlineNs >= 0) {
                String cause = "a partial reply could not be sent before the deadline";
                refuse(Failure.of(ErrorCode.DEADLINE_EXCEEDED, cause, "the link or the client is too slow for it"));
            }
        } catch (IllegalArgumentException e) {
            refuse(unsayable(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            refuse(Failure.of(ErrorCode.CANCELLED, "the handler was interrupted while a partial reply waited", ""));
        }
    }

    private void refuse(Failure failure) {
        refusal = Optional.of(failure);
        cancel();
    }

    @Override
    public void complete(Reply reply) {
        Optional<Failure> failure = refusal.isPresent() ? refusal : tooLarge(reply);
        if (failure.isPresent()) {
            end(Jf1Message.failure(key.id(), failure.get()));
            return;
        }
        Jf1Message message;
        try {
            message = Contents.message(key.id(), signing.apply(reply), false);
        } catch (IllegalArgumentException e) {
            message = Jf1Message.failure(key.id(), unsayable(e));
        }
        end(message);
    }

    @Override
    public void fail(Failure failure) {
        end(Jf1Message.failure(key.id(), refusal.orElse(failure)));
    }

    private void end(Jf1Message last) {
        session.end(key, last);
    }

    private static Failure unsayable(IllegalArgumentException e) {
        return Failure.of(
                ErrorCode.HANDLER_FAILED, "the handler's reply cannot be sent: " + e.getMessage(), "mend the handler");
    }

    private Optional<Failure> tooLarge(Reply reply) {
        long bytes = reply.parts().stream().mapToLong(ByteBuffer::remaining).sum();
        if (bytes <= session.bodyBytesMax()) {
            return Optional.empty();
        }
        return Optional.of(Failure.of(
                ErrorCode.TOO_LARGE,
                "a reply is larger than the broker's body-bytes-max: " + session.bodyBytesMax(),
                "send it in partial replies"));
    }
}
