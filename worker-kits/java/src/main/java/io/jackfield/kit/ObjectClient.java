package io.jackfield.kit;

import io.jackfield.api.Reply;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.ProtocolException;
import io.jackfield.protocol.kryo.ObjectBodies;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Asks services with objects and gets objects. Safe for any thread. */
public final class ObjectClient {
    private final Client client;
    private final ObjectBodies bodies;

    /**
     * @param client goes on belonging to the caller
     * @param bodies knows the classes; client and worker register the same ones under the same ids
     */
    public ObjectClient(Client client, ObjectBodies bodies) {
        this.client = client;
        this.bodies = bodies;
    }

    /**
     * Asks and waits.
     *
     * @throws RequestFailedException the request ended without a reply, or with one that is no such object
     */
    public <O> O call(String service, Object input, Class<O> output, Duration timeout) throws InterruptedException {
        CompletableFuture<O> answer = send(service, input, output, timeout);
        try {
            return answer.get();
        } catch (InterruptedException e) {
            answer.cancel(false);
            throw e;
        } catch (ExecutionException e) {
            throw RequestFailedException.again(e);
        }
    }

    /**
     * Asks and goes on; see {@link Client#send}. Cancelling the future cancels the request. An Error of the output's class, where it is made,
     * is that of the future.
     *
     * @throws IllegalArgumentException the input is no object of registered classes
     */
    public <O> CompletableFuture<O> send(String service, Object input, Class<O> output, Duration timeout) {
        CompletableFuture<Reply> reply = client.send(Call.of(service, List.of(bodies.encode(input)))
                .withHeader(Headers.CONTENT_TYPE, Headers.CONTENT_TYPE_KRYO)
                .withTimeout(timeout));
        CompletableFuture<O> answer = new CompletableFuture<>();
        CompletionStage<Reply> replied = reply;
        replied.whenComplete((given, thrown) -> end(answer, service, output, given, thrown));
        CompletionStage<O> answered = answer;
        answered.whenComplete((given, thrown) -> {
            if (answer.isCancelled()) {
                reply.cancel(false);
            }
        });
        return answer;
    }

    private <O> void end(
            CompletableFuture<O> answer,
            String service,
            Class<O> output,
            @Nullable Reply reply,
            @Nullable Throwable thrown) {
        if (reply == null) {
            answer.completeExceptionally(
                    thrown == null ? new IllegalStateException("neither reply nor failure") : thrown);
            return;
        }
        try {
            answer.complete(bodies.decode(reply.parts().get(0), output));
        } catch (ProtocolException e) {
            answer.completeExceptionally(new RequestFailedException(Failure.of(
                    ErrorCode.BAD_MESSAGE,
                    "the reply of " + service + ": " + e.message(),
                    "register the same classes under the same ids on both sides")));
        } catch (Throwable e) {
            // The classes are the program's, and may fail with an Error: whoever waits for the answer must hear of it.
            answer.completeExceptionally(e);
        }
    }
}
