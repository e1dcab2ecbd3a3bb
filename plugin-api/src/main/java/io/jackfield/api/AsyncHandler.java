package io.jackfield.api;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;

/**
 * A handler whose reply comes later, from elsewhere: a call to another system, a timer. The thread that calls
 * {@link #handleAsync} is free again when it returns; the request still counts against {@link Service#concurrency()}
 * until its stage ends.
 *
 * <p>The stage may be completed on any thread. When the request is cancelled or runs out of time the stage is cancelled
 * too, where it is a {@link java.util.concurrent.Future}; what it is completed with after that is dropped.
 *
 * @since 0.1
 */
public interface AsyncHandler extends Handler {

    /**
     * Begins to answer one request. Must not block.
     *
     * @param request what was asked
     * @param context the call; usable from any thread until the stage ends
     * @return a stage that ends with the final reply, or with an exception that means what it means in {@link #handle}
     * @throws Exception as {@link #handle} throws
     */
    CompletionStage<Reply> handleAsync(Request request, HandlerContext context) throws Exception;

    /**
     * Waits for {@link #handleAsync}. The host does not call this; it is for tests and for handlers that call others.
     */
    @Override
    default Reply handle(Request request, HandlerContext context) throws Exception {
        try {
            return handleAsync(request, context).toCompletableFuture().get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }
}
