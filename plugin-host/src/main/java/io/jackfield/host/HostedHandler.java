package io.jackfield.host;

import io.jackfield.api.Handler;
import io.jackfield.host.codec.BodyCodec;
import io.jackfield.host.config.ConfigNode;
import io.jackfield.host.config.PluginConfig;

/**
 * A handler of a loaded generation: what it declares, and how to call it. May be held longer than the generation is
 * loaded; it does not keep the plugin's classes in memory.
 *
 * @param declared what its annotation says
 * @param executor runs its calls
 */
public record HostedHandler(Declared declared, HandlerExecutor executor) {

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
        return new HostedHandler(declared, executor);
    }
}
