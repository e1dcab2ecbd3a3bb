package io.jackfield.broker.peer;

import io.jackfield.broker.dispatch.Dispatcher;
import io.jackfield.broker.pubsub.SubscriptionBudget;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** All connected peers, of every endpoint. Owned by the broker loop. */
public final class PeerRegistry {
    /** Peers are looked at no more often than this. */
    private static final long SWEEP_NS = 50_000_000;

    /** A broker that did not get to look for so long has missed what peers said: nobody is judged for that time. */
    private static final long STALL_NS = 1_000_000_000;

    private final Dispatcher dispatcher;
    private final PeerLimits limits;
    private final String brokerId;
    private final PeerLog log;
    private final PeerCounters counters = new PeerCounters(null);
    private final Map<Long, Peer> peers = new LinkedHashMap<>();
    private final List<Patterns> patterns = new ArrayList<>();
    private final Map<String, Patterns> groups = new HashMap<>();
    private final SubscriptionBudget subscriptions;
    private long sweptNs;
    private boolean draining;

    /**
     * @param brokerId how this broker calls itself to peers
     * @param nowNs the time now, as later in {@link #tick}
     */
    public PeerRegistry(Dispatcher dispatcher, PeerLimits limits, String brokerId, PeerLog log, long nowNs) {
        this.dispatcher = dispatcher;
        this.limits = limits;
        this.brokerId = brokerId;
        this.log = log;
        this.subscriptions = new SubscriptionBudget(
                limits.patterns().subscriptionsMax(),
                limits.patterns().peerSubscriptionsMax(),
                limits.patterns().topicBytesMax());
        this.sweptNs = nowNs;
    }

    /** Lets time pass: heartbeats go out, silent workers are given up. */
    public void tick(long nowNs) {
        long passedNs = nowNs - sweptNs;
        if (passedNs < SWEEP_NS) {
            return;
        }
        sweptNs = nowNs;
        for (Peer peer : peers.values()) {
            peer.tick(nowNs, passedNs < STALL_NS);
        }
    }

    /** Tells every peer that can understand it that the broker takes no new requests; those that come later are told too. */
    public void drain() {
        draining = true;
        for (Peer peer : peers.values()) {
            peer.drain();
        }
    }

    /**
     * Gives no more requests to the peers of these addresses, as workers that they are or become: their process is to end. Returns their
     * connections.
     */
    public Set<Long> withdraw(Predicate<String> address) {
        List<Peer> those = peers.values().stream()
                .filter(peer -> address.test(peer.connection().remoteAddress()))
                .toList();
        those.forEach(Peer::withdraw);
        return those.stream().map(peer -> peer.connection().id()).collect(Collectors.toSet());
    }

    /** Requests that the workers on these connections have. */
    public int inFlight(Set<Long> connectionIds) {
        int inFlight = 0;
        for (long id : connectionIds) {
            Peer peer = peers.get(id);
            inFlight += peer == null ? 0 : peer.inFlight();
        }
        return inFlight;
    }

    /** Says goodbye to every peer and closes its connection; what was written before still goes out. */
    public void disconnect(String reason) {
        for (Peer peer : List.copyOf(peers.values())) {
            peer.close(reason);
        }
    }

    /** Every peer there is now, in the order of their coming. */
    public List<PeerView> snapshot() {
        return peers.values().stream().map(Peer::view).toList();
    }

    /** Peers connected now. */
    public int count() {
        return peers.size();
    }

    /** What all peers together did since the broker started. */
    public PeerCounters counters() {
        return counters;
    }

    /** True if no message waits for a peer that is there to take it, nor to be read by a PULL or PAIR peer; replies to requests are not counted. */
    public boolean isQuiet() {
        return patterns.stream().allMatch(Patterns::isQuiet);
    }

    /** What the peers of a new endpoint share: with those of its group, whose first endpoint has set the limits, or with nobody else. */
    Patterns patterns(EndpointSettings endpoint) {
        Patterns known = endpoint.patterns().group().map(groups::get).orElse(null);
        if (known != null) {
            return known;
        }
        Patterns added = new Patterns(endpoint.patterns().taskQueue(), subscriptions);
        patterns.add(added);
        endpoint.patterns().group().ifPresent(group -> groups.put(group, added));
        return added;
    }

    Peer add(Peer peer) {
        peers.put(peer.connection().id(), peer);
        return peer;
    }

    void remove(Peer peer) {
        peers.remove(peer.connection().id());
    }

    Dispatcher dispatcher() {
        return dispatcher;
    }

    PeerLimits limits() {
        return limits;
    }

    String brokerId() {
        return brokerId;
    }

    PeerLog log() {
        return log;
    }

    boolean isDraining() {
        return draining;
    }
}
