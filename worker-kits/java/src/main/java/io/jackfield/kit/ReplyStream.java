package io.jackfield.kit;

import io.jackfield.api.Reply;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The replies to one request as they come: the partial ones, then the final one, which is the last. {@link #hasNext} blocks until there is
 * one or the request has ended, and throws {@link RequestFailedException} when it has failed. Used by one thread; closed when it is done or
 * wants no more.
 */
public final class ReplyStream implements Iterator<Reply>, AutoCloseable {
    /** Replies that may wait to be taken; one more ends the stream with {@code SLOW_READER}. */
    public static final int WAITING_MAX = 1000;

    private final BlockingQueue<Step> steps = new LinkedBlockingQueue<>();
    private final CompletableFuture<CompletableFuture<Reply>> request = new CompletableFuture<>();
    private @Nullable Step next;
    private boolean ended;

    /** A reply, or why there is none. */
    private record Step(Optional<Reply> reply, Optional<Throwable> failure, boolean last) {}

    ReplyStream() {}

    void follow(CompletableFuture<Reply> answer) {
        request.complete(answer);
        CompletionStage<Reply> end = answer;
        end.whenComplete(
                (reply, thrown) -> steps.add(new Step(Optional.ofNullable(reply), Optional.ofNullable(thrown), true)));
    }

    /** On the client's thread. */
    void partial(Reply reply) {
        if (steps.size() < WAITING_MAX) {
            steps.add(new Step(Optional.of(reply), Optional.empty(), false));
            return;
        }
        String cause = "more than " + WAITING_MAX + " partial replies wait to be taken";
        RequestFailedException slow =
                new RequestFailedException(Failure.of(ErrorCode.SLOW_READER, cause, "take them as they come"));
        steps.add(new Step(Optional.empty(), Optional.of(slow), true));
        cancel();
    }

    @Override
    public boolean hasNext() {
        if (ended) {
            return false;
        }
        Step step = next == null ? takeStep() : next;
        if (step.failure.isPresent()) {
            ended = true;
            throw failed(step.failure.get());
        }
        next = step;
        return true;
    }

    @Override
    public Reply next() {
        if (!hasNext() || next == null) {
            throw new NoSuchElementException("the final reply was taken");
        }
        Step step = next;
        next = null;
        ended = step.last;
        return step.reply.orElseThrow();
    }

    /** Whether the final reply was taken. */
    public boolean isEnded() {
        return ended;
    }

    /** Cancels the request if it has not ended. */
    @Override
    public void close() {
        ended = true;
        cancel();
    }

    private void cancel() {
        // As a stage: nobody waits for its end.
        CompletionStage<CompletableFuture<Reply>> known = request;
        known.thenAccept(answer -> answer.cancel(false));
    }

    private Step takeStep() {
        try {
            return steps.take();
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new RequestFailedException(
                    Failure.of(ErrorCode.CANCELLED, "the thread that waited for a reply was interrupted", ""));
        }
    }

    private static RuntimeException failed(Throwable thrown) {
        Throwable cause = thrown instanceof CompletionException wrapped && wrapped.getCause() != null
                ? wrapped.getCause()
                : thrown;
        return cause instanceof RequestFailedException failure
                ? new RequestFailedException(failure.failure())
                : new IllegalStateException("a stream ended in an unforeseen way", cause);
    }
}
