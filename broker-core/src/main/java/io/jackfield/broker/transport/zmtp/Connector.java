package io.jackfield.broker.transport.zmtp;

import static java.util.Objects.requireNonNull;

import io.jackfield.broker.loop.Timers.Timer;
import io.jackfield.broker.loop.netty.NettyLoop;
import io.jackfield.broker.transport.Transport.Binding;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import java.io.FileNotFoundException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one connection to a program that listens: connects, and connects again when that fails or ends, at first soon and then less and less
 * often, each time after a partly random delay so that brokers do not come back all together. Owned by the broker loop.
 */
final class Connector implements Binding {
    private static final Logger LOG = LoggerFactory.getLogger(ZmtpTransport.class);

    /** Beyond this the delay has reached its maximum, whatever that is. */
    private static final int DOUBLINGS_MAX = 20;

    private final NettyLoop loop;
    private final PeerChannels peers;
    private final ZmtpEndpoint endpoint;
    private final Bootstrap bootstrap;
    private final RandomGenerator random;

    private int failures;
    private String lastFailure = "";
    private boolean closed;
    private Optional<Timer> next = Optional.empty();

    /** @param bootstrap makes channels that fit the loop; its handler is set here, for each connection anew */
    Connector(PeerChannels peers, ZmtpEndpoint endpoint, Bootstrap bootstrap, RandomGenerator random) {
        this.loop = peers.loop();
        this.peers = peers;
        this.endpoint = endpoint;
        this.bootstrap = bootstrap;
        this.random = random;
    }

    /** The address as it was given. */
    @Override
    public String address() {
        return endpoint.address().toString();
    }

    /** Connects no more; an open connection stays. Any thread. */
    @Override
    public void close() {
        loop.post(() -> {
            closed = true;
            next.ifPresent(Timer::close);
        });
    }

    /** Connects for the first time, or again. On the loop. */
    void connect() {
        if (closed) {
            return;
        }
        if (endpoint.address() instanceof IpcAddress ipc) {
            connect(loop.polling().unixAddress(ipc.path()));
            return;
        }
        TcpAddress tcp = (TcpAddress) endpoint.address();
        Optional<InetSocketAddress> numeric = tcp.numeric();
        if (numeric.isPresent()) {
            connect(numeric.get());
        } else {
            askForName(tcp);
        }
    }

    /** A name service may take seconds: a thread of its own waits for it. */
    private void askForName(TcpAddress tcp) {
        Thread asking = new Thread(
                () -> {
                    try {
                        InetSocketAddress resolved = tcp.named();
                        loop.post(() -> connect(resolved));
                    } catch (UnknownHostException e) {
                        loop.post(() -> failed("the host is not known"));
                    }
                },
                "name-of-" + tcp.host());
        asking.setDaemon(true);
        asking.start();
    }

    private void connect(SocketAddress address) {
        if (closed) {
            return;
        }
        AtomicReference<PeerChannel> peer = new AtomicReference<>();
        bootstrap
                .clone()
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        peer.set(new PeerChannel(peers, endpoint, channel));
                        channel.pipeline().addLast(peer.get());
                    }
                })
                .connect(address)
                .addListener((ChannelFuture connected) -> {
                    if (connected.isSuccess()) {
                        connected(connected.channel(), requireNonNull(peer.get()));
                    } else {
                        failed(text(connected.cause()));
                    }
                });
    }

    private static String text(Throwable failure) {
        return failure instanceof FileNotFoundException
                ? "there is no such file"
                : String.valueOf(failure.getMessage());
    }

    private void connected(Channel channel, PeerChannel peer) {
        if (closed || isOurOwn(channel)) {
            ChannelFuture unused = channel.close();
        }
        channel.closeFuture().addListener(ended -> {
            if (peer.wasOpenFor(peers.limits().connectRetryMsMax())) { // not of a program that takes us and hangs up
                failures = 0;
                lastFailure = "";
            }
            failed(peer.reason());
        });
    }

    /** The operating system may give a connecting socket the very port that it connects to, and it is connected to itself. */
    private static boolean isOurOwn(Channel channel) {
        return channel.remoteAddress() instanceof InetSocketAddress remote && remote.equals(channel.localAddress());
    }

    private void failed(String why) {
        if (closed) {
            return;
        }
        long delayMs = Math.min(
                peers.limits().connectRetryMsMax(),
                (long) peers.limits().connectRetryMsMin() << Math.min(failures, DOUBLINGS_MAX));
        failures++;
        if (!why.equals(lastFailure)) {
            lastFailure = why;
            LOG.warn(
                    "not connected to {}: {}; trying again, at last every {} ms",
                    endpoint.address(),
                    why,
                    peers.limits().connectRetryMsMax());
        }
        next = Optional.of(loop.after(delayMs / 2 + random.nextLong(delayMs / 2 + 1), this::connect));
    }
}
