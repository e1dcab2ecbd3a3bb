package io.jackfield.broker.pubsub;

import java.util.Optional;

/** How many subscriptions there may be, and how long their topics; one for all endpoints. Owned by the broker loop. */
public final class SubscriptionBudget {
    private final int subscriptionsMax;
    private final int peerSubscriptionsMax;
    private final int topicBytesMax;
    private int taken;

    /**
     * @param subscriptionsMax of all subscribers together
     * @param peerSubscriptionsMax of one subscriber
     * @param topicBytesMax of one topic
     */
    public SubscriptionBudget(int subscriptionsMax, int peerSubscriptionsMax, int topicBytesMax) {
        this.subscriptionsMax = subscriptionsMax;
        this.peerSubscriptionsMax = peerSubscriptionsMax;
        this.topicBytesMax = topicBytesMax;
    }

    /** Subscriptions that there are. */
    public int taken() {
        return taken;
    }

    int topicBytesMax() {
        return topicBytesMax;
    }

    /** Why a subscriber with so many subscriptions cannot have one more of so many bytes; empty if it can, and then it is taken. */
    Optional<String> take(int subscriptions, int topicBytes) {
        if (topicBytes > topicBytesMax) {
            return Optional.of("a topic of " + topicBytes + " bytes (topic-bytes-max: " + topicBytesMax + ")");
        }
        if (subscriptions >= peerSubscriptionsMax) {
            return Optional.of("it has " + subscriptions + " subscriptions and wants another (peer-subscriptions-max: "
                    + peerSubscriptionsMax + ")");
        }
        if (taken >= subscriptionsMax) {
            return Optional.of("all peers together have " + taken + " subscriptions (subscriptions-max: "
                    + subscriptionsMax + ")");
        }
        taken++;
        return Optional.empty();
    }

    void giveBack(int subscriptions) {
        taken -= subscriptions;
    }
}
