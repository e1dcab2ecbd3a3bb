package io.jackfield.broker.http;

import io.jackfield.broker.loop.Clock;
import io.jackfield.broker.loop.netty.NettyLoop;
import io.jackfield.broker.model.RequestSink;
import io.jackfield.broker.transport.BindException;
import io.jackfield.broker.transport.OutputBudget;
import io.jackfield.protocol.HostAndPort;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Listens for HTTP clients, whose requests go to a sink on the broker loop. The methods are for other threads unless they say otherwise. */
public final class HttpGateway implements AutoCloseable {
    private static final int BACKLOG = 1024;
    private static final long CLOSE_TIME_MS = 2_000;

    /** Beyond the higher of these the gateway reads no more of a client's requests until it has taken its answers down to the lower one. */
    private static final WriteBufferWaterMark OUTPUT_BYTES = new WriteBufferWaterMark(64 << 10, 256 << 10);

    private final NettyLoop loop;
    private final HttpFrontend frontend;
    private final Channel listening;

    private HttpGateway(NettyLoop loop, HttpFrontend frontend, Channel listening) {
        this.loop = loop;
        this.frontend = frontend;
        this.listening = listening;
    }

    /**
     * Begins to listen; returns when the address is bound.
     *
     * @param sink takes every request to a service, on the loop
     * @param output what all connections of the loop may leave unread
     * @throws BindException the address cannot be bound; the message says why
     */
    public static HttpGateway bind(
            NettyLoop loop, HttpSettings settings, RequestSink sink, Clock clock, OutputBudget output)
            throws BindException {
        InetSocketAddress address = address(settings.bind());
        HttpFrontend frontend = new HttpFrontend(loop, settings, sink, clock, output, isLoopback(address));
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loop.group())
                .channel(loop.polling().serverChannelType())
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, OUTPUT_BYTES)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        frontend.opened(channel);
                    }
                });
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            String cause = String.valueOf(bound.cause().getMessage());
            throw new BindException(
                    "http.bind: " + settings.bind() + ": " + cause + " (is another program using the port?)",
                    bound.cause());
        }
        frontend.start();
        return new HttpGateway(loop, frontend, bound.channel());
    }

    private static boolean isLoopback(InetSocketAddress address) {
        return !address.isUnresolved() && address.getAddress().isLoopbackAddress();
    }

    /** Where it listens, with the real port. Any thread. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listening.localAddress();
    }

    /**
     * Answers new requests to services with DRAINING from the loop's next turn on, and ends each connection with its last answer; what was asked before goes
     * on. Listens on, so that {@code /health} can say so. Any thread.
     */
    public void drain() {
        loop.post(frontend::drain);
    }

    /** What was counted. Called on the loop. */
    public HttpSnapshot snapshot() {
        return frontend.snapshot();
    }

    /**
     * Stops listening, answers what is still in flight with DRAINING and closes every connection, sending first what is written; a client
     * that does not take it is cut off after 2 s. Returns when that is done. Not on the loop.
     */
    @Override
    public void close() {
        if (loop.onLoop()) {
            throw new IllegalStateException("close on the broker loop (expected: another thread)");
        }
        listening.close().awaitUninterruptibly();
        CompletableFuture<Void> closed = new CompletableFuture<>();
        if (loop.post(() -> frontend.close(closed)) && !isDone(closed)) {
            loop.post(frontend::cut);
            isDone(closed);
        }
    }

    private static boolean isDone(CompletableFuture<Void> closed) {
        try {
            closed.get(CLOSE_TIME_MS, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("the gateway could not be closed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static InetSocketAddress address(String bind) throws BindException {
        HostAndPort at = HostAndPort.parse(bind)
                .orElseThrow(() -> new BindException("http.bind: " + bind + " (expected: " + HostAndPort.FORM + ")"));
        if (at.host().equals("*")) {
            return new InetSocketAddress(at.port());
        }
        InetSocketAddress address = new InetSocketAddress(at.bareHost(), at.port());
        if (address.isUnresolved()) {
            throw new BindException("http.bind: " + bind + ": the host is not known here; give an address or *");
        }
        return address;
    }
}
