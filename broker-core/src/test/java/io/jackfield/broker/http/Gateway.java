package io.jackfield.broker.http;

import io.jackfield.broker.http.HttpSettings.Limits;
import io.jackfield.broker.http.HttpSettings.Route;
import io.jackfield.broker.loop.Clock;
import io.jackfield.broker.loop.netty.NettyLoop;
import io.jackfield.broker.loop.netty.Polling;
import io.jackfield.broker.transport.BindException;
import io.jackfield.broker.transport.OutputBudget;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** A gateway on a real loop and a real port, with a fake sink behind it. */
final class Gateway implements AutoCloseable {
    private static final long OUTPUT_BYTES_TOTAL_MAX = 1L << 30;

    final NettyLoop loop;
    final FakeSink sink;
    final HttpGateway gateway;
    private final OutputBudget output;
    final Queue<Error> errors = new ConcurrentLinkedQueue<>();

    /** What the test itself made go wrong on the loop. */
    long expectedFailures;

    private Gateway(Limits limits, List<String> hosts, List<String> origins, long outputBytesTotalMax)
            throws BindException {
        loop = new NettyLoop("http-test", Polling.best(), errors::add);
        sink = new FakeSink(loop);
        output = new OutputBudget(outputBytesTotalMax);
        HttpSettings settings = new HttpSettings(
                "127.0.0.1:0",
                List.of(new Route("/is_prime", "is-prime"), new Route("/größe", "size")),
                hosts,
                origins,
                limits);
        gateway = HttpGateway.bind(loop, settings, sink, Clock.system(), output);
    }

    static Gateway start() throws BindException {
        return start(Limits.DEFAULT);
    }

    static Gateway start(Limits limits) throws BindException {
        return start(limits, OUTPUT_BYTES_TOTAL_MAX);
    }

    static Gateway start(Limits limits, long outputBytesTotalMax) throws BindException {
        return new Gateway(limits, List.of("*"), List.of(), outputBytesTotalMax);
    }

    static Gateway start(List<String> hosts, List<String> origins) throws BindException {
        return new Gateway(Limits.DEFAULT, hosts, origins, OUTPUT_BYTES_TOTAL_MAX);
    }

    /** A connection whose bytes the test writes itself. */
    RawHttp connect() throws IOException {
        return new RawHttp(gateway.address());
    }

    URI uri(String target) {
        return URI.create("http://127.0.0.1:" + gateway.address().getPort() + target);
    }

    HttpSnapshot snapshot() throws Exception {
        CompletableFuture<HttpSnapshot> snapshot = new CompletableFuture<>();
        loop.post(() -> snapshot.complete(gateway.snapshot()));
        return snapshot.get(10, TimeUnit.SECONDS);
    }

    /** What the budget holds, as last looked at. */
    long outputBytes() throws Exception {
        CompletableFuture<Long> bytes = new CompletableFuture<>();
        loop.post(() -> bytes.complete(output.usedBytes()));
        return bytes.get(10, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        gateway.close();
        loop.close();
        if (output.usedBytes() != 0) {
            throw new AssertionError("the output budget still holds " + output.usedBytes() + " bytes");
        }
        if (loop.failures() != expectedFailures || !errors.isEmpty()) {
            throw new AssertionError("the loop saw " + loop.failures() + " failures, errors: " + errors);
        }
    }
}
