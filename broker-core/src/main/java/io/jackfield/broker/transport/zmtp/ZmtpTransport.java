package io.jackfield.broker.transport.zmtp;

import io.jackfield.broker.loop.Clock;
import io.jackfield.broker.loop.Timers;
import io.jackfield.broker.loop.netty.NettyLoop;
import io.jackfield.broker.transport.BindException;
import io.jackfield.broker.transport.OutputBudget;
import io.jackfield.broker.transport.SocketType;
import io.jackfield.broker.transport.Transport;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * ZMTP 3 over TCP and Unix sockets on the broker loop. Addresses: {@code tcp://HOST:PORT}, see {@link TcpAddress}, and {@code ipc://PATH}, see
 * {@link IpcAddress}. Bind and close are for any thread but the loop's, which they wait for.
 */
public final class ZmtpTransport implements Transport {
    private static final int BACKLOG = 4096;

    /** What one read may bring, at least, at first and at most. */
    private static final int READ_BYTES_MIN = 2 * 1024;

    private static final int READ_BYTES_FIRST = 16 * 1024;
    private static final int READ_BYTES_MAX = 256 * 1024;

    /** Beyond the time that peers have to read what they were sent. */
    private static final int CLOSE_SLACK_MS = 2_000;

    private final NettyLoop loop;
    private final PeerChannels peers;
    private final RandomGenerator random;
    private final Timers.Timer sweep;

    /** Owned by the loop. */
    private final List<Binding> bindings = new ArrayList<>();

    public ZmtpTransport(NettyLoop loop, Clock clock, ZmtpLimits limits) {
        this(loop, clock, limits, new SplittableRandom());
    }

    /** @param random for the delays between attempts to connect; used on the loop */
    public ZmtpTransport(NettyLoop loop, Clock clock, ZmtpLimits limits, RandomGenerator random) {
        this.loop = loop;
        this.random = random;
        this.peers = new PeerChannels(loop, clock, limits);
        this.sweep = loop.every(PeerChannels.SWEEP_MS, peers::sweep);
    }

    /** Owned by the broker loop: read them there. */
    public ZmtpCounters counters() {
        return peers.counters();
    }

    /** Open connections, those in the handshake included. On the loop. */
    public int connections() {
        return peers.size();
    }

    /** Memory that holds what peers sent and what was not handed over yet: begun messages, and input of peers not read from. On the loop. */
    public long inputBytes() {
        return peers.inputBudget().usedBytes();
    }

    /** What its peers were sent and have not read is charged to it; other connections of the same loop may share it. */
    public OutputBudget outputBudget() {
        return peers.outputBudget();
    }

    @Override
    public Binding bind(String address, Acceptor acceptor) throws BindException {
        if (loop.onLoop()) {
            throw new IllegalStateException("bind waits for the loop and cannot be called on it");
        }
        Address asked = Address.parse(address);
        ZmtpEndpoint endpoint = new ZmtpEndpoint(asked, acceptor, Optional.empty());
        Binding binding =
                asked instanceof IpcAddress ipc ? bindIpc(ipc, endpoint) : bindTcp((TcpAddress) asked, endpoint);
        loop.post(() -> bindings.add(binding));
        return binding;
    }

    @Override
    public void close() {
        if (loop.onLoop()) {
            throw new IllegalStateException("close waits for the loop and cannot be called on it");
        }
        CountDownLatch closed = new CountDownLatch(1);
        boolean running = loop.post(() -> {
            bindings.forEach(Binding::close);
            peers.close(closed::countDown);
        });
        if (running) {
            await(closed, peers.limits().lingerTimeMs() + CLOSE_SLACK_MS);
        }
        sweep.close();
    }

    @Override
    public Binding connect(String address, SocketType ours, Acceptor acceptor) throws BindException {
        Address asked = Address.parse(address);
        if (asked instanceof TcpAddress tcp) {
            tcp.checkConnectable();
        }
        boolean unix = asked instanceof IpcAddress;
        Bootstrap bootstrap = new Bootstrap()
                .group(loop.group())
                .channel(
                        unix ? loop.polling().unixChannelType() : loop.polling().channelType())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, peers.limits().handshakeTimeMs())
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.RECVBUF_ALLOCATOR, readSizes());
        if (!unix) {
            bootstrap.option(ChannelOption.TCP_NODELAY, true);
        }
        Connector connector =
                new Connector(peers, new ZmtpEndpoint(asked, acceptor, Optional.of(ours)), bootstrap, random);
        loop.post(() -> {
            bindings.add(connector);
            connector.connect();
        });
        return connector;
    }

    private static AdaptiveRecvByteBufAllocator readSizes() {
        return new AdaptiveRecvByteBufAllocator(READ_BYTES_MIN, READ_BYTES_FIRST, READ_BYTES_MAX);
    }

    private Binding bindTcp(TcpAddress asked, ZmtpEndpoint endpoint) throws BindException {
        ServerBootstrap bootstrap = bootstrap(endpoint)
                .channel(loop.polling().serverChannelType())
                .childOption(ChannelOption.TCP_NODELAY, true);
        ChannelFuture bound = bootstrap.bind(asked.resolved()).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new BindException(
                    "cannot listen on " + asked + ": " + bound.cause().getMessage()
                            + "; choose another port (0 takes a free one), or end the program that has this one",
                    bound.cause());
        }
        Channel channel = bound.channel();
        InetSocketAddress here = (InetSocketAddress) channel.localAddress();
        TcpAddress real = asked.withPort(here.getPort());
        return new Listening(real, real.local(here), channel, () -> {});
    }

    private Binding bindIpc(IpcAddress asked, ZmtpEndpoint endpoint) throws BindException {
        IpcFile file = IpcFile.claim(asked);
        ChannelFuture bound = bootstrap(endpoint)
                .channel(loop.polling().unixServerChannelType())
                .bind(loop.polling().unixAddress(file.beginning()))
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new BindException(
                    "cannot listen on " + asked + ": " + bound.cause().getMessage()
                            + "; does the folder exist, and may this user write there?",
                    bound.cause());
        }
        Binding binding = new Listening(asked, asked.absolute(), bound.channel(), file::remove);
        try {
            file.publish(peers.limits().ipcMode());
        } catch (BindException e) {
            binding.close();
            throw e;
        }
        return binding;
    }

    private ServerBootstrap bootstrap(ZmtpEndpoint endpoint) {
        return new ServerBootstrap()
                .group(loop.group())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .handler(new AcceptPause(peers.counters()))
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, readSizes())
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new PeerChannel(peers, endpoint, channel));
                    }
                });
    }

    /** A listening channel, and what is to be done before it closes. */
    private record Listening(Address real, Address local, Channel channel, Runnable before) implements Binding {
        @Override
        public String address() {
            return real.toString();
        }

        @Override
        public String localAddress() {
            return local.toString();
        }

        @Override
        public void close() {
            channel.eventLoop().execute(() -> {
                if (channel.isOpen()) {
                    before.run();
                    ChannelFuture unused = channel.close();
                }
            });
        }
    }

    private static void await(CountDownLatch closed, long timeMs) {
        try {
            if (!closed.await(timeMs, TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("connections were still open after " + timeMs + " ms");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
