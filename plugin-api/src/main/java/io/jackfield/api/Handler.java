package io.jackfield.api;

import org.pf4j.ExtensionPoint;

/**
 * Answers the requests of one service. A class that implements this and carries {@link Service} is all that a plugin
 * needs:
 *
 * <pre>{@code
 * @Service(name = "greet")
 * public final class Greet implements Handler {
 *     @Override
 *     public Reply handle(Request request, HandlerContext context) {
 *         return Reply.text("Hello " + request.text());
 *     }
 * }
 * }</pre>
 *
 * <p><b>Life.</b> One instance is made per loaded plugin, through the public constructor without parameters. A handler
 * that is also {@link AutoCloseable} is closed once, after its last call has ended, when the plugin is replaced or
 * removed. Threads that a handler starts itself must be stopped there, or the old code stays in memory.
 *
 * <p><b>Threads.</b> Calls arrive on threads of the plugin ({@link Service#nonBlocking()} ones on the broker's loop), at most {@link Service#concurrency()} at a time, so a
 * handler that keeps state must be safe for that many threads. The thread's context class loader is the plugin's. A
 * call whose request was cancelled or ran out of time is interrupted.
 *
 * @since 0.1
 */
public interface Handler extends ExtensionPoint {

    /**
     * Answers one request. What it returns is the final reply; replies before it go out through
     * {@link HandlerContext#partial(Reply)}.
     *
     * @param request what was asked
     * @param context the call: time left, cancellation, partial replies, configuration, logger
     * @return the final reply, never null
     * @throws HandlerException to end the request with a failure of a chosen code
     * @throws Exception anything else ends the request with {@code HANDLER_FAILED} and the exception's message
     */
    Reply handle(Request request, HandlerContext context) throws Exception;

    /**
     * Proves, before the first request is let in, that this handler can work. The default has nothing to prove.
     *
     * @param context as for a call; partial replies go nowhere
     * @throws Exception to say that it cannot; the plugin is refused with this as the cause, and an older generation of
     *     it goes on serving
     */
    default void selfTest(HandlerContext context) throws Exception {}
}
