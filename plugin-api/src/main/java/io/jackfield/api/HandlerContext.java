package io.jackfield.api;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
     * @throws IllegalArgumentException if the reply says early exit, or is more than the broker carries: then it was not
     *     sent, and the handler may send less
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
     * The plugin's own entries of the broker's configuration as text, as they are at this moment. Keys within keys are
     * joined with dots, elements of lists are numbered: {@code servers.0.host}.
     *
     * @return an unmodifiable map, empty where nothing is configured
     */
    Map<String, String> config();

    /**
     * The plugin's configuration, as it is at this moment: one object until the file changes, then another.
     *
     * @param type what {@link Service#config()} of the handler, or of another one of the plugin, names
     * @param <C> that type
     * @return the configuration, checked
     * @throws IllegalArgumentException if no handler of the plugin declares that type
     * @throws UnsupportedOperationException if this context is not a host's
     */
    default <C> C config(Class<C> type) {
        throw new UnsupportedOperationException("this context has no configuration: it is not a host's");
    }

    /**
     * The plugin's logger; what it is given appears in the host's log under the plugin's id.
     *
     * @return the logger
     */
    System.Logger logger();

    /**
     * Reads a request's body as an object, as {@link TypedHandler} describes; for handlers that are not one.
     *
     * @param request whose body is read
     * @param type a class of the plugin or of the JDK
     * @param <T> that type
     * @return the object
     * @throws HandlerException {@code BAD_REQUEST} if the body does not fit, {@code UNSUPPORTED_BODY} if it is neither
     *     JSON nor Kryo
     * @throws UnsupportedOperationException if this context is not a host's
     */
    default <T> T read(Request request, Class<T> type) {
        throw new UnsupportedOperationException("this context reads no objects: it is not a host's");
    }

    /**
     * Reads a request's body as what a typed handler takes.
     *
     * @param request whose body is read
     * @param handler whose input it is
     * @param <I> its type
     * @return the object
     * @throws HandlerException as for {@link #read(Request, Class)}
     * @throws UnsupportedOperationException if this context is not a host's
     */
    default <I> I read(Request request, TypedHandler<I, ?> handler) {
        throw new UnsupportedOperationException("this context reads no objects: it is not a host's");
    }

    /**
     * A reply that holds an object, in the form that the request's {@code accept} header asks for, else in the
     * request's own: JSON or Kryo.
     *
     * @param request what is replied to
     * @param value of a class of the plugin or of the JDK, or null
     * @return the reply
     * @throws IllegalArgumentException if the object cannot be written
     * @throws UnsupportedOperationException if this context is not a host's
     */
    default Reply reply(Request request, @Nullable Object value) {
        throw new UnsupportedOperationException("this context writes no objects: it is not a host's");
    }
}
