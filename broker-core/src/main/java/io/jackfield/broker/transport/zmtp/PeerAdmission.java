package io.jackfield.broker.transport.zmtp;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Counts the connections that come from one address, and those that have not completed the handshake: the oldest of these makes room for a
 * new one, so that peers that never speak cannot keep out those that do. Owned by the broker loop.
 */
final class PeerAdmission {
    private final ZmtpLimits limits;
    private final Map<Object, Integer> byAddress = new HashMap<>();
    private final Set<PeerChannel> handshaking = new LinkedHashSet<>();

    PeerAdmission(ZmtpLimits limits) {
        this.limits = limits;
    }

    /** A connection has come; it is to be removed again even if it is refused here. */
    void add(PeerChannel peer) throws ZmtpViolation {
        int count = byAddress.merge(peer.addressKey(), 1, Integer::sum);
        if (count > limits.peersPerAddressMax()) {
            throw new ZmtpViolation(
                    Refusal.ADDRESS_LIMIT,
                    count + " connections from its address (peers-per-address-max: " + limits.peersPerAddressMax()
                            + ")");
        }
        handshaking.add(peer);
        if (handshaking.size() > limits.handshakesMax()) {
            PeerChannel oldest = handshaking.iterator().next();
            handshaking.remove(oldest);
            oldest.cutOff(new ZmtpViolation(
                    Refusal.HANDSHAKE_LIMIT,
                    "it was the oldest of " + limits.handshakesMax()
                            + " connections in the handshake when another came (handshakes-max)"));
        }
    }

    void opened(PeerChannel peer) {
        handshaking.remove(peer);
    }

    void remove(PeerChannel peer) {
        handshaking.remove(peer);
        byAddress.computeIfPresent(peer.addressKey(), (address, count) -> count == 1 ? null : count - 1);
    }
}
