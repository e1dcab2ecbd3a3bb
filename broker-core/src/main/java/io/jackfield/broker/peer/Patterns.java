package io.jackfield.broker.peer;

import io.jackfield.broker.pubsub.SubscriptionBudget;
import io.jackfield.broker.pubsub.Topics;
import io.jackfield.broker.tasks.PairRelay;
import io.jackfield.broker.tasks.QueueLimits;
import io.jackfield.broker.tasks.TaskQueue;

/** What the peers of one endpoint, or of a group of them, share that neither ask nor answer: their topics, their task queue, their pair. Owned by the broker loop. */
final class Patterns {
    private final Topics topics;
    private final TaskQueue tasks;
    private final PairRelay<PairEnd> pair;

    /** Told once for each pair: a third peer comes again and again. */
    private boolean thirdTold;

    Patterns(QueueLimits limits, SubscriptionBudget subscriptions) {
        topics = new Topics(subscriptions);
        tasks = new TaskQueue(limits);
        pair = new PairRelay<>(limits);
    }

    /** Begins the one conversation with a peer of these socket types. */
    void join(Peer peer) {
        switch (peer.socketType()) {
            case SUB, XSUB -> peer.become(new PlainSubscriber(peer, topics));
            case PUB, XPUB -> {
                PlainPublisher publisher = new PlainPublisher(peer, topics);
                peer.become(publisher);
                topics.join(publisher);
            }
            case PUSH -> {
                Pusher pusher = new Pusher(peer, tasks);
                peer.become(pusher);
                tasks.join(pusher);
            }
            case PULL -> {
                Puller puller = new Puller(peer, tasks);
                peer.become(puller);
                tasks.join(puller);
            }
            case PAIR -> joinPair(peer);
            case REQ, DEALER, REP, ROUTER ->
                throw new IllegalArgumentException("socket type: " + peer.socketType() + " (expected: no requests)");
        }
    }

    boolean isQuiet() {
        return tasks.isQuiet() && pair.isQuiet();
    }

    private void joinPair(Peer peer) {
        PairEnd end = new PairEnd(peer, this);
        peer.become(end);
        if (pair.join(end)) {
            return;
        }
        String reason = "the endpoint, or its group, has its two PAIR peers (expected: at most 2)";
        peer.add(PeerEvent.PAIR_REFUSED);
        if (!thirdTold) {
            thirdTold = true;
            peer.complain(reason);
        }
        peer.close(reason);
    }

    PairRelay<PairEnd> pair() {
        return pair;
    }

    void leavePair(PairEnd end) {
        if (pair.leave(end)) {
            thirdTold = false;
        }
    }
}
