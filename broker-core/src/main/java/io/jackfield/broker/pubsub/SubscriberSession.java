package io.jackfield.broker.pubsub;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** One subscriber's place in its topics, from {@link Topics#join(Subscriber)} until {@link #leave}. Owned by the broker loop. */
public final class SubscriberSession {
    private final Topics topics;
    private final Subscriber subscriber;
    private final Set<Topic> wanted = new HashSet<>(2);

    /** Number of the last message that it was given: it gets each once, however many of its topics match. */
    private long lastMessage;

    SubscriberSession(Topics topics, Subscriber subscriber) {
        this.topics = topics;
        this.subscriber = subscriber;
    }

    /** Subscribes; a second time changes nothing. Returns why not, if a limit forbids it. */
    public Optional<String> subscribe(ByteBuffer bytes) {
        int length = bytes.remaining();
        if (length <= topics.budget().topicBytesMax() && wanted.contains(Topic.of(bytes))) {
            return Optional.empty();
        }
        Optional<String> refusal = topics.budget().take(wanted.size(), length);
        if (refusal.isEmpty()) {
            Topic topic = Topic.of(bytes);
            wanted.add(topic);
            topics.add(topic, this);
        }
        return refusal;
    }

    /** Takes a subscription back; does nothing if it is not there. */
    public void cancel(ByteBuffer bytes) {
        if (bytes.remaining() > topics.budget().topicBytesMax()) {
            return;
        }
        Topic topic = Topic.of(bytes);
        if (wanted.remove(topic)) {
            topics.remove(topic, this);
            topics.budget().giveBack(1);
        }
    }

    /** Takes all subscriptions back. */
    public void leave() {
        for (Topic topic : wanted) {
            topics.remove(topic, this);
        }
        topics.budget().giveBack(wanted.size());
        wanted.clear();
    }

    /** Subscriptions that it has. */
    public int subscriptions() {
        return wanted.size();
    }

    Subscriber subscriber() {
        return subscriber;
    }

    /** True for the first call with this number. */
    boolean isNew(long message) {
        boolean isNew = lastMessage != message;
        lastMessage = message;
        return isNew;
    }
}
