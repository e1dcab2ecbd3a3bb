package io.jackfield.broker.transport.jeromq;

import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Peers that the broker is done with and whose connections are to end. JeroMQ cannot close one peer; its TCP connection can be ended under
 * it, in two steps: both directions are shut down, which JeroMQ reads as the peer's leaving; if it is not reading (its
 * identity was taken in the meantime), the connection is closed. Owned by JeroMQ's thread.
 */
final class HangUps {
    private List<Due> dues = new ArrayList<>();

    private record Due(Router router, RouterPeer peer, SocketChannel channel, long atNs, boolean shutDown) {}

    void add(Router router, RouterPeer peer, long atNs) {
        peer.channel().ifPresent(channel -> dues.add(new Due(router, peer, channel, atNs, false)));
    }

    void sweep(long nowNs, long noticeNs) {
        if (dues.isEmpty()) {
            return;
        }
        List<Due> before = dues;
        dues = new ArrayList<>();
        for (Due due : before) {
            if (nowNs - due.atNs < 0) {
                dues.add(due);
            } else if (!due.shutDown) {
                TcpConnections.shutdown(due.channel);
                dues.add(new Due(due.router, due.peer, due.channel, nowNs + noticeNs, true));
            } else if (due.channel.isOpen()) {
                TcpConnections.close(due.channel);
                due.router.forget(due.peer);
            }
        }
    }
}
