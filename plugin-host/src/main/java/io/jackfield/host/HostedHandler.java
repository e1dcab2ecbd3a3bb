package io.jackfield.host;

import io.jackfield.api.Handler;
import io.jackfield.api.Reply;
import io.jackfield.host.codec.BodyCodec;
import io.jackfield.host.config.ConfigNode;
import io.jackfield.host.config.PluginConfig;
import io.jackfield.protocol.Headers;

/**
 * A handler of a loaded generation: what it declares, and how to call it. May be held longer than the generation is
 * loaded; it does not keep the plugin's classes in memory.
 *
 * @param declared what its annotation says, the concurrency at most what the host allows
 * @param executor runs its calls
 * @param origin which plugin it is of, in which version, generation and jar: what the header {@code served-by} says; empty
 *     for one without a plugin
 */
public record HostedHandler(Declared declared, HandlerExecutor executor, String origin) {

    /**
     * Code of this very program as a handler, without a plugin.
     *
     * @param declared what an annotation would say
     * @param logger what the handler's context gives it
     * @param queueLengthMax calls that may wait for a thread
     */
    public static HostedHandler of(Declared declared, Handler handler, System.Logger logger, int queueLengthMax) {
        BodyCodec bodies = new BodyCodec(handler.getClass().getClassLoader());
        bodies.bind(handler.getClass());
        ConfigNode nothing = ConfigNode.empty("");
        PluginConfig config = new PluginConfig("", () -> nothing);
        CallContext.Surroundings surroundings = new CallContext.Surroundings(logger, config, bodies, HostTime.system());
        HandlerExecutor executor =
                new HandlerExecutor(declared, handler, surroundings, declared.service(), queueLengthMax);
        return new HostedHandler(declared, executor, "");
    }

    /** The reply with its origin, for whoever asked for that; without where there is none, or no room for it. */
    public Reply signed(Reply reply) {
        if (origin.isEmpty()) {
            return reply;
        }
        try {
            Reply signed = reply.withHeader(Headers.SERVED_BY, origin);
            Headers fits = Headers.of(signed.headers());
            return fits.isEmpty() ? reply : signed;
        } catch (IllegalArgumentException tooMany) {
            return reply;
        }
    }
}
