package io.jackfield.broker.pubsub;

import io.jackfield.broker.model.Frames;

/** Gets the messages of the topics that it subscribed to. Owned by the broker loop. */
@FunctionalInterface
public interface Subscriber {
    /** A message, once however many of the subscriptions match. The frames may be borrowed. Must not come back into the topics. */
    void deliver(Frames message);
}
