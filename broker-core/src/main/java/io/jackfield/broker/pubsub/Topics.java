package io.jackfield.broker.pubsub;

import io.jackfield.broker.model.Frames;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The publishers and subscribers of one endpoint. A message goes to every subscriber that has subscribed to a beginning of its first frame.
 * Publishers are asked for what somebody wants, and for nothing else: each topic once, as long as it has subscribers. Owned by the broker
 * loop.
 */
public final class Topics {
    private final SubscriptionBudget budget;
    private final TopicTree<SubscriberSession> tree = new TopicTree<>();
    private final Set<Publisher> publishers = new LinkedHashSet<>();

    /** Used again for every message. */
    private final List<SubscriberSession> matches = new ArrayList<>();

    private long messages;

    public Topics(SubscriptionBudget budget) {
        this.budget = budget;
    }

    /** A subscriber comes, without subscriptions. */
    public SubscriberSession join(Subscriber subscriber) {
        return new SubscriberSession(this, subscriber);
    }

    /** A publisher comes: it is asked for everything that somebody wants. */
    public void join(Publisher publisher) {
        publishers.add(publisher);
        tree.forEachTopic(publisher::subscribe);
    }

    /** A publisher goes; it is told nothing more. */
    public void leave(Publisher publisher) {
        publishers.remove(publisher);
    }

    /** Gives the message to everybody who wants it. */
    public void publish(Frames message) {
        messages++;
        tree.match(message.buffer(), message.partStart(0), message.partBytes(0), matches);
        try {
            for (SubscriberSession session : matches) {
                if (session.isNew(messages)) {
                    session.subscriber().deliver(message);
                }
            }
        } finally {
            matches.clear();
        }
    }

    SubscriptionBudget budget() {
        return budget;
    }

    void add(Topic topic, SubscriberSession session) {
        if (tree.add(topic, session)) {
            publishers.forEach(publisher -> publisher.subscribe(topic));
        }
    }

    void remove(Topic topic, SubscriberSession session) {
        if (tree.remove(topic, session)) {
            publishers.forEach(publisher -> publisher.cancel(topic));
        }
    }
}
