package io.jackfield.broker.transport.zmtp;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.EpollTcpInfo;

/**
 * For how long the other host has not acknowledged what it is sent, as TCP knows it with epoll: a host does that whatever its programs do.
 * A socket option could end such connections, but TCP_USER_TIMEOUT ends those too whose program does not read for so long. Owned by the
 * broker loop.
 */
final class HostSilence {
    /** Sent again so often without an answer, something is wrong: one may have been lost on the way. */
    private static final int REPEATS_MIN = 2;

    private final Channel channel;

    HostSilence(Channel channel) {
        this.channel = channel;
    }

    /** 0 where it acknowledges, and where that is not known: there TCP itself gives up in the end. */
    long ms() {
        if (!(channel instanceof EpollSocketChannel tcp)) {
            return 0;
        }
        EpollTcpInfo info = new EpollTcpInfo(); // not kept: it is seldom asked for, and there are many peers
        try {
            tcp.tcpInfo(info);
        } catch (ChannelException ended) {
            return 0;
        }
        boolean unanswered = (info.unacked() > 0 && info.retransmits() >= REPEATS_MIN) || info.probes() >= REPEATS_MIN;
        return unanswered ? info.lastAckRecv() : 0;
    }
}
