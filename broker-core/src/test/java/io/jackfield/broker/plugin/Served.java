package io.jackfield.broker.plugin;

import io.jackfield.api.Handler;
import io.jackfield.api.Reply;
import io.jackfield.api.Request;
import io.jackfield.host.CallListener;
import io.jackfield.host.Declared;
import io.jackfield.host.HostedHandler;
import io.jackfield.host.InlineWatch;
import io.jackfield.protocol.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Handlers of the test's own code as one generation that serves on a {@link Bench}. */
final class Served implements AutoCloseable {
    static final int BODY_BYTES_MAX = 100_000;
    static final int QUEUE_LENGTH_MAX = 20_000;

    /** No call of a test lasts as long. */
    private static final long STALL_MAX_MS = 60_000;

    final LocalGeneration generation;
    /** The tests make handlers fail on purpose. */
    private static final Logger SILENCED = Logger.getLogger("plugin.test");

    static {
        SILENCED.setLevel(Level.OFF);
    }

    private final Bench bench;
    private final List<HostedHandler> handlers;
    private final InlineWatch watch = new InlineWatch(STALL_MAX_MS);

    private Served(Bench bench, String name, List<HostedHandler> handlers) {
        this.bench = bench;
        this.handlers = handlers;
        this.generation = new LocalGeneration(
                name,
                handlers,
                new LocalWorker.Surroundings(
                        bench.loop, bench.loop, bench.clock, watch, QUEUE_LENGTH_MAX, BODY_BYTES_MAX));
    }

    static Served of(Bench bench, HostedHandler... handlers) throws Exception {
        Served served = unregistered(bench, handlers);
        served.serve();
        return served;
    }

    static Served unregistered(Bench bench, HostedHandler... handlers) {
        return new Served(bench, "p@1.0.0#1", new ArrayList<>(List.of(handlers)));
    }

    void serve() throws Exception {
        bench.onLoop(() -> {
            generation.register(bench.dispatcher);
            generation.start(100);
            return true;
        });
    }

    int inFlight() {
        return handlers.stream()
                .mapToInt(handler -> handler.executor().inFlight())
                .sum();
    }

    int lost() {
        return handlers.stream().mapToInt(handler -> handler.executor().lost()).sum();
    }

    static HostedHandler threaded(String service, int concurrency, Handler handler) {
        return hosted(new Declared(service, "1", 0, concurrency, false, false), handler, 1000);
    }

    /** Has run once already: the first call of a handler does not run on the loop. */
    static HostedHandler inline(String service, int concurrency, Handler handler) throws InterruptedException {
        AtomicBoolean warm = new AtomicBoolean();
        Handler warming =
                (request, context) -> warm.getAndSet(true) ? handler.handle(request, context) : Reply.text("warm");
        HostedHandler hosted = cold(service, concurrency, warming);
        hosted.executor().execute(Request.of(service, new byte[0]), Long.MAX_VALUE / 2, new Unheard());
        Bench.await(service + " does not run inline", hosted.executor()::runsInline);
        return hosted;
    }

    static HostedHandler cold(String service, int concurrency, Handler handler) {
        return hosted(new Declared(service, "1", 0, concurrency, false, true), handler, 1000);
    }

    static HostedHandler hosted(Declared declared, Handler handler, int queueLengthMax) {
        return HostedHandler.of(declared, handler, System.getLogger(SILENCED.getName()), queueLengthMax);
    }

    @Override
    public void close() {
        handlers.forEach(handler -> handler.executor().close());
        generation.ended();
        watch.close();
    }

    private static final class Unheard implements CallListener {
        @Override
        public void partial(Reply reply) {}

        @Override
        public void complete(Reply reply) {}

        @Override
        public void fail(Failure failure) {
            throw new AssertionError(failure.toString());
        }
    }
}
