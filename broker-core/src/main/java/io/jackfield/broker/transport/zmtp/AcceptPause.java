package io.jackfield.broker.transport.zmtp;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops accepting for a second when the operating system has no descriptor or memory for another connection: the next try would fail at
 * once, and the loop would do nothing else. One for each listening channel, owned by the broker loop.
 */
final class AcceptPause extends ChannelInboundHandlerAdapter {
    static final int PAUSE_MS = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(ZmtpTransport.class);

    private final ZmtpCounters counters;

    AcceptPause(ZmtpCounters counters) {
        this.counters = counters;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
        counters.countAcceptFailure();
        LOG.error(
                "no new connections on {} for {} ms: {} (the limit of open files of this process may be too low)",
                context.channel().localAddress(),
                PAUSE_MS,
                failure.getMessage());
        context.channel().config().setAutoRead(false);
        var unused = context.executor()
                .schedule(() -> context.channel().config().setAutoRead(true), PAUSE_MS, TimeUnit.MILLISECONDS);
    }
}
