package io.jackfield.broker.peer;

import io.jackfield.broker.peer.EndpointSettings.Role;
import io.jackfield.broker.transport.Connection;
import io.jackfield.broker.transport.SocketType;
import io.jackfield.broker.transport.Transport;

/** Takes the peers of one endpoint. Owned by the broker loop. */
public final class EndpointPeers implements Transport.Acceptor {
    private final EndpointSettings endpoint;
    private final PeerRegistry registry;
    private final Patterns patterns;

    public EndpointPeers(EndpointSettings endpoint, PeerRegistry registry) {
        this.endpoint = endpoint;
        this.registry = registry;
        this.patterns = registry.patterns(endpoint);
    }

    @Override
    public boolean serves(SocketType type) {
        return switch (type) {
            case DEALER -> true;
            case REQ -> endpoint.role() != Role.WORKERS;
            // They speak no protocol at all, and can be nothing but workers.
            case REP, ROUTER -> endpoint.role() != Role.CLIENTS && endpoint.speaks(Dialect.PLAIN);
            // So do these. Both sides of what they do meet on one endpoint: one for clients or workers alone is not for
            // them.
            case PUB, SUB, XPUB, XSUB, PAIR -> endpoint.role() == Role.ANY && endpoint.speaks(Dialect.PLAIN);
            // Or they are the two halves of a worker, which may come in by different endpoints.
            case PUSH, PULL -> endpoint.role() != Role.CLIENTS && endpoint.speaks(Dialect.PLAIN);
        };
    }

    @Override
    public Transport.ConnectionHandler opened(Connection connection) {
        if (!serves(connection.socketType())) {
            throw new IllegalArgumentException(
                    "socket type: " + connection.socketType() + " (expected: one that is served)");
        }
        Peer peer = registry.add(new Peer(connection, endpoint, registry));
        switch (connection.socketType()) {
            case REQ, DEALER, REP, ROUTER -> Undecided.first(peer);
            case PUSH, PULL -> joinOrWork(peer);
            case PUB, SUB, XPUB, XSUB, PAIR -> patterns.join(peer);
        }
        if (registry.isDraining()) {
            peer.drain();
        }
        return peer;
    }

    private void joinOrWork(Peer peer) {
        if (endpoint.role() != Role.WORKERS) {
            patterns.join(peer);
        } else if (peer.socketType() == SocketType.PUSH) {
            peer.become(new PushedReplies(peer));
        } else {
            PlainWorker worker = new PlainWorker(peer);
            peer.become(worker);
            worker.join();
        }
    }
}
