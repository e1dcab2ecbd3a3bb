package io.jackfield.broker.http;

import io.jackfield.broker.http.HttpSettings.Limits;
import io.jackfield.broker.http.HttpSettings.Route;
import io.jackfield.broker.loop.Clock;
import io.jackfield.broker.loop.netty.NettyLoop;
import io.jackfield.broker.loop.netty.Polling;
import io.jackfield.broker.transport.BindException;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** A gateway on a real loop and a real port, with a fake sink behind it. */
final class Gateway implements AutoCloseable {
    final NettyLoop loop;
    final FakeSink sink;
    final HttpGateway gateway;
    final Queue<Error> errors = new ConcurrentLinkedQueue<>();

    /** What the test itself made go wrong on the loop. */
    long expectedFailures;

    private Gateway(Limits limits, List<String> hosts, List<String> origins) throws BindException {
        loop = new NettyLoop("http-test", Polling.best(), errors::add);
        sink = new FakeSink(loop);
        HttpSettings settings = new HttpSettings(
                "127.0.0.1:0",
                List.of(new Route("/is_prime", "is-prime"), new Route("/größe", "size")),
                hosts,
                origins,
                limits);
        gateway = HttpGateway.bind(loop, settings, sink, Clock.system());
    }

    static Gateway start() throws BindException {
        return start(Limits.DEFAULT);
    }

    static Gateway start(Limits limits) throws BindException {
        return new Gateway(limits, List.of("*"), List.of());
    }

    static Gateway start(List<String> hosts, List<String> origins) throws BindException {
        return new Gateway(Limits.DEFAULT, hosts, origins);
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

    @Override
    public void close() {
        gateway.close();
        loop.close();
        if (loop.failures() != expectedFailures || !errors.isEmpty()) {
            throw new AssertionError("the loop saw " + loop.failures() + " failures, errors: " + errors);
        }
    }
}
