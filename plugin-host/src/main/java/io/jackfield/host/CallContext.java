package io.jackfield.host;

import io.jackfield.api.HandlerContext;
import io.jackfield.api.Reply;
import io.jackfield.api.Request;
import io.jackfield.api.TypedHandler;
import io.jackfield.host.codec.BodyCodec;
import io.jackfield.host.config.PluginConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a handler sees of its call. Safe for any thread. */
final class CallContext implements HandlerContext {

    private final @Nullable HandlerCall call;
    private final long deadlineNs;
    private final Surroundings surroundings;

    /**
     * What all calls of one plugin have in common.
     *
     * @param logger the plugin's
     * @param config the plugin's
     * @param bodies between bytes and the plugin's classes
     * @param time of the host
     */
    record Surroundings(System.Logger logger, PluginConfig config, BodyCodec bodies, HostTime time) {}

    private CallContext(@Nullable HandlerCall call, long deadlineNs, Surroundings surroundings) {
        this.call = call;
        this.deadlineNs = deadlineNs;
        this.surroundings = surroundings;
    }

    static CallContext of(HandlerCall call, Surroundings surroundings) {
        return new CallContext(call, call.deadlineNs, surroundings);
    }

    /** Nobody listens. */
    static CallContext ofSelfTest(long deadlineNs, Surroundings surroundings) {
        return new CallContext(null, deadlineNs, surroundings);
    }

    @Override
    public boolean partial(Reply reply) {
        return call != null && call.partial(reply);
    }

    @Override
    public Instant deadline() {
        return surroundings.time().wallClock().instant().plusNanos(remainingNs());
    }

    @Override
    public Duration remaining() {
        return Duration.ofNanos(Math.max(0, remainingNs()));
    }

    @Override
    public boolean isCancelled() {
        return (call != null && call.isCancelled()) || remainingNs() <= 0;
    }

    @Override
    public Map<String, String> config() {
        return surroundings.config().flat();
    }

    @Override
    public <C> C config(Class<C> type) {
        return surroundings.config().bound(type);
    }

    @Override
    public System.Logger logger() {
        return surroundings.logger();
    }

    @Override
    public <T> T read(Request request, Class<T> type) {
        return surroundings.bodies().read(request, type);
    }

    @Override
    public <I> I read(Request request, TypedHandler<I, ?> handler) {
        return surroundings.bodies().read(request, handler);
    }

    @Override
    public Reply reply(Request request, @Nullable Object value) {
        return surroundings.bodies().reply(request, value);
    }

    private long remainingNs() {
        return deadlineNs - surroundings.time().nowNs();
    }
}
