package io.jackfield.api;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * One call of a handler. The host makes it; a test may implement it too. Methods that later versions add have a
 * default. Safe for any thread, from the call's begin until its final reply.
 *
 * @since 0.1
 */
public interface HandlerContext {

    /**
     * Sends a reply before the final one. The order of calls is the order on the wire.
     *
     * @param reply the reply; it must not say {@link Reply#earlyExit()}, for only a final one can
     * @return false when nobody waits for the answer any more: the request has ended or was cancelled, and the handler
     *     should stop
     * @throws IllegalArgumentException if the reply says early exit
     */
    boolean partial(Reply reply);

    /**
     * When the client stops waiting, by the wall clock. For showing and passing on; {@link #remaining()} is exact.
     *
     * @return the time
     */
    Instant deadline();

    /**
     * How long the client will still wait.
     *
     * @return the time left, zero when it has passed
     */
    Duration remaining();

    /**
     * Whether the answer is still wanted. Long work looks here every few milliseconds and gives up by throwing or
     * returning anything: the request has been answered already.
     *
     * @return true when the client cancelled or went away, the deadline has passed, or the plugin is being closed
     */
    boolean isCancelled();

    /**
     * The plugin's own entries of the broker's configuration, as they are at this moment.
     *
     * @return an unmodifiable map, empty where nothing is configured
     */
    Map<String, String> config();

    /**
     * The plugin's logger; what it is given appears in the host's log under the plugin's id.
     *
     * @return the logger
     */
    System.Logger logger();
}
